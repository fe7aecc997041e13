"""Taking files in and bringing their rows on: what it takes of the plan, what a refusal gives back, what a run may do again."""

import gc
import gzip
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import LimitReached, Unacceptable
from domain.imports.params import ImportParams
from domain.observations import Platform, Selection
from domain.requests import State
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from services import imports, requests
from store.database import Database
from tests.assets.conftest import ndjson
from tests.services.alone import loaded, taken_in

SEEN = datetime(2026, 11, 2, tzinfo=UTC)
HEADER = b"video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,thumbnail_link,date\n"
LIST = b"abcdefghijk,One,Two,1,a,10,1,1,1,x,13.09\n"
ROW = {"video_external_id": "v1", "title": "One", "observed_at": "2026-11-02T00:00:00Z", "views": 10}


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def used(database: Database, tenant_id: UUID, meter: str) -> int:
    with database.begin(tenant_id) as uow:
        found = sa.text("select coalesce(sum(used), 0) from usage_counters where meter = :meter")
        return int(uow.connection.execute(found, {"meter": meter}).scalar_one())


def test_parameters_come_back_from_the_database_as_they_were_given() -> None:
    given = ImportParams(
        year=2017, observed_at=SEEN, selection=Selection.SEARCH, platform=Platform.TIKTOK, account_external_id="a", account_title="A",
        is_complete=True,
    )  # fmt: skip

    assert imports.params_of(imports.params_kept(given)) == given
    assert imports.params_kept(ImportParams()) == {}


class Watched(LocalFiles):
    """Knows the files that were opened."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[BinaryIO] = []

    def open(self, key: str) -> BinaryIO:
        self.opened.append(super().open(key))
        return self.opened[-1]


@pytest.mark.parametrize("content", [LIST * 20_000, ndjson(ROW) * 20_000, gzip.compress(LIST + os.urandom(900_000).hex().encode())])
def test_a_file_that_was_recognised_is_not_held_open(tenant_id: UUID, tmp_path: Path, content: bytes) -> None:
    """Its first rows are looked at, and the rest is left: without waiting for the collector of cycles."""
    files = Watched(tmp_path)
    stored = files.put(tenant_id, [HEADER + content if content.startswith(LIST) else content], limit_bytes=10**8)
    gc.disable()
    try:
        with suppress(Unacceptable):
            imports.recognise(StoredImports(files), stored.key, ImportParams(year=2017), now=SEEN)
        assert [file.closed for file in files.opened] == [True] * len(files.opened)
    finally:
        gc.enable()


def test_an_import_takes_one_of_the_days_imports_and_no_request(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())

    assert (used(database, tenant_id, "imports_per_day"), used(database, tenant_id, "requests_per_day")) == (1, 0)


def test_the_fifty_first_import_of_a_day_is_not_taken_in(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    with database.begin(tenant_id) as uow:
        uow.usage.take("imports_per_day", 49, operation="earlier", now=datetime.now(UTC))
    taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())

    with pytest.raises(LimitReached) as refusal:
        taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())

    assert (refusal.value.limit, refusal.value.used) == (50, 50)
    with database.begin(tenant_id) as uow:
        assert len(uow.imports.page(limit=10)) == len(uow.requests.page(limit=10)) == 1


def test_asking_takes_one_of_the_days_requests(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.usage.take("requests_per_day", 499, operation="earlier", now=datetime.now(UTC))
        requests.ask(uow, "insights", {})

    with pytest.raises(LimitReached) as refusal, database.begin(tenant_id) as uow:
        requests.ask(uow, "insights", {})

    assert (refusal.value.subject, refusal.value.used) == ("requests_per_day", 500)
    assert refusal.value.resets_at is not None
    assert refusal.value.resets_at > datetime.now(UTC)


def test_a_file_that_its_run_refuses_is_given_back_says_why_and_is_not_tried_again(
    database: Database, tenant_id: UUID, files: LocalFiles
) -> None:
    found, work = taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())
    files.path(found.file_key).write_bytes(b"word\nno table of ours\n")

    with pytest.raises(Unacceptable):
        imports.check(work, StoredImports(files), found, now=SEEN)

    assert used(database, tenant_id, "imports_per_day") == 0
    with database.begin(tenant_id) as uow:
        refused = uow.imports.get(found.import_id)
        assert uow.imports.unfinished() == []
    assert refused.error is not None
    assert refused.error["code"] == "unacceptable"


def test_a_file_whose_rows_went_in_counts_however_its_request_ends(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    canceled, unwanted = taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())
    with database.begin(tenant_id) as uow:
        requests.cancel(uow, unwanted.request.request_id)
    found, work = taken_in(database, files, tenant_id, [ndjson({**ROW, "views": 11})], ImportParams())
    assert used(database, tenant_id, "imports_per_day") == 1

    for each in (canceled, found):  # by a run for all that is unfinished
        imports.load(work, StoredImports(files), each, now=datetime.now(UTC))
    with database.begin(tenant_id) as uow:
        uow.requests.end(work.request.request_id, State.FAILED)

    assert used(database, tenant_id, "imports_per_day") == 2


def test_a_run_without_a_named_import_wants_what_is_unfinished_oldest_first(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    first, work = taken_in(database, files, tenant_id, [ndjson(ROW)], ImportParams())
    second, other = taken_in(database, files, tenant_id, [ndjson({**ROW, "views": 11})], ImportParams())
    with database.begin(tenant_id) as uow:
        other.request = requests.ask(uow, "insights", {})

    before = [each.import_id for each in imports.wanted(other)]
    loaded(files, first, work)

    assert before == [first.import_id, second.import_id]
    assert [each.import_id for each in imports.wanted(other)] == [second.import_id]
    assert [each.import_id for each in imports.wanted(work)] == [first.import_id]


def test_rows_go_in_by_the_batch_and_every_one_is_told_of(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    rows = [{**ROW, "video_external_id": f"v{number}"} for number in range(501)]
    found, work = taken_in(database, files, tenant_id, [ndjson(*rows), b'{"platform": "tiktok"}\n'], ImportParams())

    done, tally = loaded(files, found, work, batch_rows=500)

    assert (tally.rows, done.accepted, done.rejected, done.videos) == (502, 501, 1, 501)
    assert len(work.said) == 2
    assert done.report_key is not None
    assert done.finished_at is not None


def test_a_file_that_is_brought_on_a_second_time_by_a_retry_says_what_it_did(
    database: Database, tenant_id: UUID, files: LocalFiles
) -> None:
    found, work = taken_in(database, files, tenant_id, [ndjson(ROW, {**ROW, "video_external_id": "v2"})], ImportParams())
    first = imports.load(work, StoredImports(files), found, now=SEEN)

    again = imports.load(work, StoredImports(files), found, now=SEEN)

    assert first.counts()["accepted"] == again.counts()["accepted"] == 2
