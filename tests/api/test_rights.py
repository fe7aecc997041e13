"""Taking a workspace along, having it erased, leaving it: by whom, and by whom not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gateways.files.store import LocalFiles
from services.rights import exporting
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_token
from tests.conftest import Member
from tests.services.alone import Alone

EXPORT, DELETION = "/me/data-export", "/me/deletion"


@pytest.fixture
def owner(client: TestClient[Litestar], member: Member) -> Caller:
    """In person: no API key has a workspace deleted."""
    return Caller(client, make_token(client, member))


@pytest.fixture
def neighbour(client: TestClient[Litestar], other: Member) -> Caller:
    return Caller(client, make_token(client, other))


def made(database: Database, files: LocalFiles, member: Member, *, request_id: str, days_ago: int = 0) -> None:
    """The run does its work."""
    with database.begin(member.tenant_id) as uow:
        work = Alone(database, uow.requests.get(UUID(request_id)))
    exporting.export(work, files, snapshot=database.snapshot, now=datetime.now(UTC) - timedelta(days=days_ago))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [EXPORT, DELETION])
def test_nobody_gets_nothing(nobody: Caller, method: str, path: str) -> None:
    assert_problem(nobody.call(method, path), 401)


def test_an_export_is_asked_for_made_and_fetched_by_its_link(
    owner: Caller, neighbour: Caller, nobody: Caller, database: Database, files: LocalFiles, member: Member, dagster: FakeDagster
) -> None:
    asked = owner.post(EXPORT)
    again = owner.post(EXPORT)
    (waiting,) = owner.get(EXPORT).json()["items"]
    early = owner.get(f"{EXPORT}/{waiting['export_id']}/link")
    made(database, files, member, request_id=asked.json()["request_id"])
    ready = owner.get(f"{EXPORT}/{waiting['export_id']}").json()
    link = owner.get(f"{EXPORT}/{waiting['export_id']}/link")
    fetched = nobody.client.get(link.json()["url"].removeprefix("http://127.0.0.1:8000"))

    assert (asked.status_code, asked.headers["location"]) == (202, f"/api/v1/requests/{asked.json()['request_id']}")
    assert again.json()["request_id"] == asked.json()["request_id"]
    assert dagster.launched[0].kind == "export"
    assert not waiting["is_ready"]
    assert_problem(early, 404)
    assert (ready["is_ready"], ready["rows"]["members"]) == (True, 1)
    assert fetched.content[:2] == b"PK"
    assert len(fetched.content) == ready["size_bytes"]
    assert link.headers["cache-control"] == "private, no-store"
    assert datetime.fromisoformat(link.json()["expires_at"]) <= datetime.fromisoformat(ready["expires_at"])
    assert neighbour.get(EXPORT).json() == {"items": []}
    assert_problem(neighbour.get(f"{EXPORT}/{waiting['export_id']}"), 404)
    assert_problem(neighbour.get(f"{EXPORT}/{waiting['export_id']}/link"), 404)


def test_who_may_not_export_neither_begins_an_export_again_nor_calls_one_off(
    client: TestClient[Litestar], owner: Caller, member: Member, other: Member, acting: Caller, superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'member')", (member.tenant_id, other.user_id))
    superuser.execute("delete from memberships where tenant_id = %s", (other.tenant_id,))
    path = f"/requests/{owner.post(EXPORT).json()['request_id']}"
    fellow = Caller(client, make_token(client, Member(member.tenant_id, other.user_id, other.email)))
    for caller in (fellow, acting):
        assert_problem(caller.delete(path), 403, "refused")
    assert owner.delete(path).status_code == 202

    for caller in (fellow, acting):
        assert_problem(caller.post(f"{path}/retry"), 403, "refused")
    assert owner.post(f"{path}/retry").status_code == 202


def test_an_export_whose_day_is_over_is_gone(owner: Caller, database: Database, files: LocalFiles, member: Member) -> None:
    asked = owner.post(EXPORT).json()
    made(database, files, member, request_id=asked["request_id"], days_ago=2)
    (old,) = owner.get(EXPORT).json()["items"]

    assert_problem(owner.get(f"{EXPORT}/{old['export_id']}/link"), 410)


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_who_may_not_take_all_along_is_refused(
    api: Callable[[Member], Caller], member: Member, superuser: psycopg.Connection[Any], role: str
) -> None:
    caller = api(member)
    superuser.execute("update memberships set role = %s where user_id = %s", (role, member.user_id))

    for answer in (caller.post(EXPORT), caller.get(EXPORT), caller.post(DELETION, {"confirmation": "Test"}), caller.delete(DELETION)):
        assert_problem(answer, 403)


def test_a_key_that_may_only_read_asks_for_nothing(reader: Caller) -> None:
    for answer in (reader.post(EXPORT), reader.post(DELETION, {"confirmation": "Test"}), reader.delete(DELETION)):
        assert_problem(answer, 403)


def test_a_deletion_is_confirmed_seen_and_called_off(owner: Caller, neighbour: Caller) -> None:
    wrong = owner.post(DELETION, {"confirmation": "Testing"})
    asked = owner.post(DELETION, {"confirmation": "Test"})
    again = owner.post(DELETION, {"confirmation": "Test"})
    seen = owner.get(DELETION)
    off = owner.delete(DELETION)

    assert assert_problem(wrong, 422)["errors"][0]["pointer"] == "/confirmation"
    assert (asked.status_code, asked.json()["started_at"]) == (202, None)
    assert asked.json() == again.json() == seen.json()
    span = datetime.fromisoformat(seen.json()["due_at"]) - datetime.fromisoformat(seen.json()["asked_at"])
    assert span == timedelta(days=30)
    assert off.status_code == 204
    assert_problem(owner.get(DELETION), 404)
    assert_problem(owner.delete(DELETION), 404)
    assert_problem(neighbour.get(DELETION), 404)


def test_a_body_of_another_shape_is_malformed(owner: Caller) -> None:
    assert_problem(owner.post(DELETION, {"confirm": "Test"}), 400)
