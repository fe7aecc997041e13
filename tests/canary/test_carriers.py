"""What else could carry a row across: fields nobody asked for, cursors, links, streams, runs, and connections that are used again."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import sqlalchemy as sa

from domain.requests import Request
from gateways.dagster import DagsterWebserver
from store.tables import metadata
from tests.canary.calling import Answer, Call, Door
from tests.canary.filling import TABLES
from tests.canary.pools import pooled
from tests.canary.reaching import OPERATORS
from tests.canary.routes import Operation
from tests.canary.stage import Resident, Stage
from tests.canary.words import canaries, crossed
from tests.conftest import TestUrls

COLUMNS = sorted({column.name for table in metadata.sorted_tables for column in table.columns})
# Given one at a time: whose row it is, what it may do, and what becomes of it.
DEAR = ("tenant_id", "user_id", "created_by", "role", "scopes", "state", "status", "plan", "is_default", "key_hash", "expires_at", "seed")


def counted(stage: Stage, resident: Resident) -> dict[str, str]:
    """Rows of a workspace, by table: how many, and a sum over their text."""
    parts = [
        f"select '{table.name}', count(*), coalesce(sum(hashtext(t::text)), 0) from {table.name} t where tenant_id = :id"
        for table in TABLES
    ]
    with stage.superuser.connect() as connection:
        rows = connection.execute(sa.text(" union all ".join(parts)), {"id": resident.member.tenant_id})
        return {row[0]: f"{row[1]} {row[2]}" for row in rows}


def extended(operation: Operation, resident: Resident) -> Iterator[tuple[str, Call]]:
    """The operation's good body, with every column of ours as one more field, and with the dear ones one by one."""
    shown: Mapping[str, Any] = json.loads(operation.body(resident.ids))
    known = set(operation.schema.get("properties", ()))
    extras: Mapping[str, Any] = {name: resident.ids.get(name, ["1"])[0] for name in COLUMNS if name not in known}
    for given in (extras, *({name: extras[name]} for name in DEAR if name in extras)):
        names = ", ".join(given) if len(given) < 3 else "every column"
        yield names, replace(operation.call(resident.ids, body={**shown, **given}), credential=resident.token)


def test_a_field_that_nobody_asked_for_is_refused_and_nothing_is_stored(stage: Stage) -> None:
    mine = stage.residents[1]
    wanted = [
        each
        for each in stage.operations
        if each.writes and each.example is not None and not each.hint.raw and not each.path.startswith(OPERATORS)
    ]
    before = counted(stage, mine)

    async def play() -> list[str]:
        door, found = Door(stage.app), []
        for operation in wanted:
            for names, call in extended(operation, mine):
                answer = await door.ask(call)
                if answer.status not in (400, 422):
                    found.append(f"{operation.name}: {answer.status} with {names}")
        return found

    found = stage.play(play())

    assert not found, "\n".join(found)
    assert len(wanted) > 30
    assert counted(stage, mine) == before


def test_what_was_signed_for_a_neighbour_opens_nothing_else(stage: Stage) -> None:
    """A cursor is a place in one's own list, whoever it was made for; a link is for one file, and no other can be written into it."""
    theirs, mine = stage.residents[:2]
    raw = base64.urlsafe_b64decode(mine.ids["file_token"][0] + "==")
    forged = (
        base64.urlsafe_b64encode(raw.replace(mine.ids["file_key"][0].encode(), theirs.ids["file_key"][0].encode())).decode().rstrip("=")
    )

    async def play() -> tuple[list[Answer], Answer, Answer]:
        door, pages = Door(stage.app), []
        for path in ("videos", "accounts", "requests", "clips", "media", "collections", "imports"):
            listed = Call(f"GET /api/v1/{path}", f"/api/v1/{path}", query=(("limit", "1"),))
            cursor = json.loads((await door.ask(listed.by(theirs.key))).body)["next_cursor"]
            pages.append(await door.ask(replace(listed, query=(("limit", "1"), ("cursor", cursor))).by(mine.key)))
        files = [
            await door.ask(Call("GET /api/v1/files/{token}", f"/api/v1/files/{token}")) for token in (mine.ids["file_token"][0], forged)
        ]
        return pages, files[0], files[1]

    pages, own, refused = stage.play(play())

    assert [crossed(each.received, b"", [mine.number]) for each in pages] == [set()] * len(pages)
    assert (own.status, len(canaries(own.body))) == (200, 1)
    assert (refused.status, canaries(refused.received)) == (404, set())


def test_a_stream_tells_of_ones_own_request_and_of_no_other(stage: Stage) -> None:
    theirs, mine = stage.residents[:2]

    async def follow(resident: Resident, request_id: str) -> Answer:
        path = f"/api/v1/requests/{request_id}/events"
        return await Door(stage.app).ask(Call("GET /api/v1/requests/{request_id}/events", path, credential=resident.key))

    async def play() -> list[Answer]:
        return [await follow(resident, theirs.ids["request_id"][0]) for resident in (theirs, mine)]

    shown, refused = stage.play(play())

    assert shown.status == 200
    assert canaries(shown.body) != set()
    assert (refused.status, canaries(refused.received)) == (404, set())


def test_a_run_is_launched_for_the_callers_workspace_and_carries_ids_only(stage: Stage) -> None:
    theirs, mine = stage.residents[:2]
    body = json.dumps({"kind": "insights", "params": {}}).encode()
    asked = Call("POST /api/v1/requests", "/api/v1/requests", headers=(("X-Tenant", theirs.ids["tenant_id"][0]),), body=body)

    async def play() -> Answer:
        return await Door(stage.app).ask(asked.by(mine.key))

    answer = stage.play(play())
    launched = stage.dagster.launched[-1]
    said = _mutation(launched)

    assert answer.status == 202
    assert launched.tenant_id == mine.member.tenant_id
    assert str(mine.member.tenant_id) in said
    assert canaries(said.encode()) == set()
    assert not any(each in said for each in theirs.ids["tenant_id"])


def _mutation(request: Request) -> str:
    """What the webserver is told of a run, word for word."""
    told: list[str] = []

    def answer(call: httpx.Request) -> httpx.Response:
        told.append(call.content.decode())
        kind = "AddDynamicPartitionSuccess" if "addDynamicPartition" in told[-1] else "LaunchRunSuccess"
        field = "addDynamicPartition" if "addDynamicPartition" in told[-1] else "launchRun"
        return httpx.Response(200, json={"data": {field: {"__typename": kind, "run": {"runId": "r"}}}})

    webserver = DagsterWebserver("http://127.0.0.1:1")
    webserver.close()
    webserver._client = httpx.Client(base_url="http://127.0.0.1:1", transport=httpx.MockTransport(answer))
    webserver.launch(request)
    webserver.close()
    return "\n".join(told)


def test_a_connection_carries_no_workspace_to_whoever_uses_it_next(campaign: TestUrls) -> None:
    carried = pooled(campaign, transactions=800, seed=7_005)

    assert carried.faults == []
    assert set(carried.ends) == {"plain", "nobody", "broke off", "failed", "timed out", "hung up", "lost"}
