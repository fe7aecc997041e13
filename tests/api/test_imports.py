"""Files over HTTP: who may send one, what is kept of it, what it takes of the plan, and what became of it."""

import asyncio
import csv
import gzip
import hashlib
import io
import os
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
import pytest
from litestar import Litestar

from api.app import create_app
from gateways.files.imports import ImportedTable, StoredImports
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import IMPORT_LIMIT_BYTES, Caller, FakeDagster, assert_problem, make_parts
from tests.assets.conftest import ndjson
from tests.conftest import Member, TestUrls
from tests.services.alone import Alone, loaded

MEGABYTE = 1_000_000
EARLY = b"video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,thumbnail_link,date\n"
STUDIO = b"Video,Video title,Video publish time,Views\nabcdefghijk,One,2020-01-02,10\n"
COMMENTS = b"Comments,Comment_ID,Reply_Count,Like_Count,Date,VidId,user_ID\nwell,c1,0,1,2020-01-02,abcdefghijk,u1\n"
OLD_SECONDS = 90_000


@pytest.fixture
def table() -> bytes:
    """A file of the test's own: no other test stands on its bytes."""
    return ndjson({"video_external_id": f"-{uuid4().hex[:10]}", "title": "One", "observed_at": "2026-11-02T00:00:00Z", "views": 10})


@dataclass
class Body:
    """A request's body as a server hands it over; counts how often it was asked for."""

    chunks: Iterator[bytes]
    is_cut: bool = False
    asked: int = 0

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        chunk = next(self.chunks, None)
        if chunk is None and self.is_cut:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}


@dataclass
class Answer:
    """What the app sent back."""

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, event: Any) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.headers = {name.decode(): value.decode() for name, value in event["headers"]}
        else:
            self.body += event.get("body", b"")


def upload(app: Litestar, body: Body, credential: str | None = None, **query: str) -> Answer:
    """POST /imports, one ASGI event at a time."""
    answer = Answer()
    headers = [(b"host", b"testserver.local"), (b"content-type", b"application/octet-stream")]
    if credential:
        headers.append((b"authorization", f"Bearer {credential}".encode()))
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/api/v1/imports",
        "raw_path": b"/api/v1/imports", "query_string": urlencode(query).encode(), "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
    }  # fmt: skip
    asyncio.run(app(scope, body, answer))  # type: ignore[arg-type]  # ASGI's own types are wider than what a test sends
    return answer


def send(caller: Caller, content: bytes, query: str = "", **headers: str) -> Any:
    return caller.call("POST", f"/imports{query}", content=content, headers={"Content-Type": "application/octet-stream", **headers})


def kept(files: LocalFiles, tenant_id: UUID) -> list[Path]:
    return [path for path in (files._root / str(tenant_id)).rglob("*") if path.is_file()]


def used(database: Database, tenant_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        return int(uow.connection.exec_driver_sql("select coalesce(sum(used), 0) from usage_counters").scalar_one())


def bring_on(database: Database, files: LocalFiles, tenant_id: UUID, made: dict[str, Any]) -> None:
    """Play the run of an import."""
    with database.begin(tenant_id) as uow:
        found, request = uow.imports.get(UUID(made["import_id"])), uow.requests.get(UUID(made["request_id"]))
    loaded(files, found, Alone(database, request))


# Who may


def test_nobody_is_told_before_the_body_is_read(app: Litestar) -> None:
    body = Body(iter([b"x"]))

    answer = upload(app, body)

    assert (answer.status, body.asked) == (401, 0)


def test_a_key_that_may_only_read_is_told_before_the_body_is_read(app: Litestar, reader: Caller) -> None:
    body = Body(iter([b"x"]))

    answer = upload(app, body, reader.credential)

    assert (answer.status, body.asked) == (403, 0)
    assert msgspec.json.decode(answer.body)["code"] == "refused"


def test_a_revoked_key_is_told_before_the_body_is_read(app: Litestar, mine: Caller) -> None:
    mine.delete(f"/keys/{mine.get('/keys').json()['items'][0]['key_id']}")
    body = Body(iter([b"x"]))

    assert (upload(app, body, mine.credential).status, body.asked) == (401, 0)


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/report"])
def test_nobody_reads_imports(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(f"/imports{path.format(id=uuid4())}"), 401)


# What comes in


def test_a_file_is_accepted_kept_by_its_hash_and_its_run_is_launched(
    mine: Caller, member: Member, files: LocalFiles, dagster: FakeDagster, table: bytes
) -> None:
    answer = send(mine, table, "?file_name=mine.ndjson")

    made = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/requests/{made['request_id']}"
    assert (made["format"], made["selection"], made["file_name"], made["state"]) == ("whyral", "manual", "mine.ndjson", "pending")
    assert (made["sha256"], made["size_bytes"]) == (hashlib.sha256(table).hexdigest(), len(table))
    assert [path.read_bytes() for path in kept(files, member.tenant_id)] == [table]
    assert [(str(each.request_id), each.kind) for each in dagster.launched] == [(made["request_id"], "import")]


def test_a_file_in_a_form_is_the_same_and_brings_its_name(mine: Caller, table: bytes) -> None:
    made = mine.call("POST", "/imports", files={"file": ("from-a-form.ndjson", table)})

    assert made.status_code == 202, made.text
    assert (made.json()["file_name"], made.json()["sha256"]) == ("from-a-form.ndjson", hashlib.sha256(table).hexdigest())


def test_parameters_are_kept_and_a_file_declared_complete_is_a_census(mine: Caller, table: bytes) -> None:
    made = send(mine, table, "?is_complete=true&platform=tiktok&observed_at=2026-11-02T00:00:00Z").json()

    assert made["selection"] == "census"
    assert made["params"] == {"is_complete": True, "platform": "tiktok", "observed_at": "2026-11-02T00:00:00+00:00"}


def test_an_idempotency_key_makes_one_import_of_two_calls(mine: Caller, dagster: FakeDagster, table: bytes) -> None:
    first, again = (send(mine, table, **{"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(dagster.launched) == len(mine.get("/imports").json()["items"]) == 1


def test_an_idempotency_key_of_another_file_is_refused_and_that_file_forgotten(
    mine: Caller, member: Member, files: LocalFiles, table: bytes
) -> None:
    send(mine, table, **{"Idempotency-Key": "once"})

    assert_problem(send(mine, table + table, **{"Idempotency-Key": "once"}), 422)

    assert [path.read_bytes() for path in kept(files, member.tenant_id)] == [table]


# What does not


def test_every_missing_parameter_is_named_and_nothing_is_kept(mine: Caller, member: Member, files: LocalFiles) -> None:
    problem = assert_problem(send(mine, STUDIO), 422, "unacceptable")

    assert {each["pointer"] for each in problem["errors"]} == {"observed_at", "account_title"}
    assert kept(files, member.tenant_id) == []
    assert mine.get("/imports").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "word"),
    [(COMMENTS, "comments"), (b"", "empty"), (b"PK\x05\x06" + bytes(18), "zip"), (b"a,b\n1,2\n", "column"), (b"\x00" * 5000, "")],
)
def test_a_file_that_nobody_reads_is_refused_and_takes_nothing(
    mine: Caller, member: Member, files: LocalFiles, database: Database, content: bytes, word: str
) -> None:
    problem = assert_problem(send(mine, content), 422)

    assert word in problem["detail"].lower()
    assert kept(files, member.tenant_id) == []
    assert used(database, member.tenant_id) == 0


def test_a_parameter_of_the_wrong_kind_is_named(mine: Caller, table: bytes) -> None:
    problem = assert_problem(send(mine, table, "?year=last"), 400)

    assert [each["pointer"] for each in problem["errors"]] == ["year"]


def test_a_refused_file_leaves_the_bytes_that_another_import_stands_on(mine: Caller, member: Member, files: LocalFiles) -> None:
    assert send(mine, EARLY + b"abcdefghijk,One,Two,1,a,10,1,1,1,x,13.09\n", "?year=2017").status_code == 202

    assert_problem(send(mine, EARLY + b"abcdefghijk,One,Two,1,a,10,1,1,1,x,13.09\n"), 422)

    assert len(kept(files, member.tenant_id)) == 1


def test_over_the_limit_is_too_large_and_leaves_nothing(mine: Caller, member: Member, files: LocalFiles) -> None:
    problem = assert_problem(send(mine, b"x" * (IMPORT_LIMIT_BYTES + 1)), 413, "too_large")

    assert f"{IMPORT_LIMIT_BYTES:,}" in problem["detail"]
    assert kept(files, member.tenant_id) == []


def test_over_the_limit_in_a_form_is_too_large_as_well(mine: Caller, member: Member, files: LocalFiles) -> None:
    assert_problem(mine.call("POST", "/imports", files={"file": ("x", b"x" * (IMPORT_LIMIT_BYTES + 1))}), 413)

    assert kept(files, member.tenant_id) == []


def test_a_caller_who_goes_away_leaves_nothing(app: Litestar, mine: Caller, member: Member, files: LocalFiles, table: bytes) -> None:
    answer = upload(app, Body(iter([table, table]), is_cut=True), mine.credential)

    assert answer.status == 400
    assert kept(files, member.tenant_id) == []
    assert mine.get("/imports").json()["items"] == []


def test_what_a_killed_server_left_half_written_goes_after_a_day(mine: Caller, member: Member, files: LocalFiles, table: bytes) -> None:
    folder = files._root / str(member.tenant_id)
    folder.mkdir()
    old, young = folder / ".part-old", folder / ".part-young"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - OLD_SECONDS, time.time() - OLD_SECONDS))

    send(mine, table)

    assert (old.exists(), young.exists()) == (False, True)


class Vanishing(StoredImports):
    """The bytes go while they are looked at, as when a refused twin takes them away."""

    def __init__(self, files: LocalFiles, *, before: bool) -> None:
        super().__init__(files)
        self._gone, self._before = files, before

    def table(self, key: str) -> ImportedTable:
        if self._before:
            self._gone.delete(key)
        found = super().table(key)
        self._gone.delete(key)
        return found


@pytest.mark.parametrize("before", [True, False])
def test_bytes_that_a_refused_twin_took_away_are_asked_for_again(
    database: Database, urls: TestUrls, dagster: FakeDagster, files: LocalFiles, mine: Caller, table: bytes, before: bool
) -> None:
    app = create_app(replace(make_parts(database, urls.app, dagster, files), tables=Vanishing(files, before=before)))

    answer = upload(app, Body(iter([table])), mine.credential)

    assert answer.status == 503
    assert mine.get("/imports").json()["items"] == []


def test_sixty_megabytes_go_through_in_little_memory(
    database: Database, urls: TestUrls, dagster: FakeDagster, files: LocalFiles, mine: Caller
) -> None:
    app = create_app(replace(make_parts(database, urls.app, dagster, files), import_limit_bytes=100 * MEGABYTE))
    rows = ndjson(
        *({"video_external_id": f"v{n}", "description": "word " * 190, "observed_at": "2026-11-02", "views": n} for n in range(900))
    )
    times = 60 * MEGABYTE // len(rows) + 1

    tracemalloc.start()
    try:
        answer = upload(app, Body(iter([rows] * times)), mine.credential)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    made = msgspec.json.decode(answer.body)
    assert (answer.status, made["size_bytes"]) == (202, times * len(rows))
    assert made["size_bytes"] > 60 * MEGABYTE
    assert peak < 12 * MEGABYTE


# The plan


def test_the_fifty_first_import_of_a_day_waits_for_the_next(
    mine: Caller, member: Member, database: Database, files: LocalFiles, table: bytes
) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.usage.take("imports_per_day", 49, operation="earlier", now=datetime.now(UTC))
    assert send(mine, table).status_code == 202

    answer = send(mine, table + table)

    problem = assert_problem(answer, 429, "limit_reached")
    assert (problem["limit"], problem["used"]) == (50, 50)
    assert datetime.fromisoformat(problem["resets_at"]) > datetime.now(UTC)
    assert int(answer.headers["retry-after"]) > 0
    assert [path.read_bytes() for path in kept(files, member.tenant_id)] == [table]


# What became of it


def test_the_rows_are_told_and_the_report_is_a_table_without_formulas(
    mine: Caller, member: Member, database: Database, files: LocalFiles, table: bytes
) -> None:
    made = send(mine, table + b'{"platform": "tiktok"}\n').json()
    assert_problem(mine.get(f"/imports/{made['import_id']}/report"), 404)
    bring_on(database, files, member.tenant_id, made)

    done = mine.get(f"/imports/{made['import_id']}").json()
    answer = mine.get(f"/imports/{made['import_id']}/report")

    assert (done["state"], done["rows"], done["accepted"], done["rejected"], done["videos"]) == ("succeeded", 2, 1, 1, 1)
    assert done["report"] == f"/api/v1/imports/{made['import_id']}/report"
    assert answer.headers["content-type"] == "application/gzip"
    assert f"import-{made['import_id']}.csv.gz" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(answer.content).decode())))
    assert [(row["line"], row["outcome"]) for row in rows] == [("1", "accepted"), ("2", "rejected")]
    assert rows[0]["video"].startswith("'-")
    assert rows[1]["reason"]


def test_a_report_whose_file_is_gone_is_not_found(
    mine: Caller, member: Member, database: Database, files: LocalFiles, table: bytes
) -> None:
    made = send(mine, table).json()
    bring_on(database, files, member.tenant_id, made)
    with database.begin(member.tenant_id) as uow:
        key = uow.imports.get(UUID(made["import_id"])).report_key
    assert key is not None
    files.delete(key)

    assert_problem(mine.get(f"/imports/{made['import_id']}/report"), 404)


def test_an_import_whose_run_failed_says_why(mine: Caller, member: Member, database: Database, table: bytes) -> None:
    made = send(mine, table).json()
    with database.begin(member.tenant_id) as uow:
        request = uow.requests.get(UUID(made["request_id"]))
        uow.requests.fail(request, error={"code": "bug", "detail": "it broke", "is_retryable": False}, retryable=False)

    found = mine.get(f"/imports/{made['import_id']}").json()

    assert (found["state"], found["error"]["detail"]) == ("failed", "it broke")


def test_imports_are_listed_newest_first_page_by_page(mine: Caller) -> None:
    made = [
        send(mine, ndjson({"video_external_id": "v", "observed_at": "2026-11-02", "views": views})).json()["import_id"]
        for views in range(3)
    ]

    first = mine.get("/imports?limit=2").json()
    second = mine.get(f"/imports?limit=2&cursor={first['next_cursor']}").json()

    assert [each["import_id"] for each in first["items"] + second["items"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


@pytest.mark.parametrize("path", ["/{id}", "/{id}/report"])
def test_another_workspaces_import_does_not_exist(
    mine: Caller, theirs: Caller, member: Member, database: Database, files: LocalFiles, table: bytes, path: str
) -> None:
    made = send(mine, table).json()
    bring_on(database, files, member.tenant_id, made)
    there = path.format(id=made["import_id"])

    assert mine.get(f"/imports{there}").status_code == 200
    assert_problem(theirs.get(f"/imports{there}"), 404)
    assert theirs.get("/imports").json()["items"] == []


def test_the_same_bytes_of_two_workspaces_are_kept_apart(
    mine: Caller, theirs: Caller, member: Member, other: Member, files: LocalFiles, table: bytes
) -> None:
    send(mine, table)
    send(theirs, table)

    assert len(kept(files, member.tenant_id)) == len(kept(files, other.tenant_id)) == 1
