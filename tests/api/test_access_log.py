"""Every call is written down, once, with whom the database has proven it to be, and without a secret; no call waits for it."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client import REGISTRY

from api.access_log import AccessLog
from api.app import create_app
from domain.admin_logs import Access, AccessFilter
from domain.errors import SourceUnavailable
from gateways.files.store import LocalFiles
from store.calls import Call
from store.database import Database, SessionEntry
from store.ids import new_id
from store.logs import Served
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_parts, make_session, make_token
from tests.conftest import Member, TestUrls


def served(request_id: str = "request-0001") -> Served:
    return Served(Call(request_id, "203.0.113.7"), datetime.now(UTC), "GET", "/x", 200, 1.5)


def dropped() -> float:
    return REGISTRY.get_sample_value("access_log_dropped_total") or 0.0


@pytest.fixture
def logged(client: TestClient[Litestar], database: Database, boss: Member) -> Callable[[Member], list[Access]]:
    """What the log holds of a workspace, newest first."""
    entry = SessionEntry(make_session(client, boss))

    def read(who: Member) -> list[Access]:
        client.app.state.access.flush()
        with database.begin_admin(entry) as work:
            return work.access_log(AccessFilter(who.tenant_id), limit=100)

    return read


def test_a_call_is_written_down_with_its_key(mine: Caller, member: Member, logged: Callable[[Member], list[Access]]) -> None:
    answer = mine.get("/keys", headers={"User-Agent": "curl/8", "X-Request-ID": "trace-00001"})

    (found,) = logged(member)
    (key,) = answer.json()["items"]
    assert (found.method, found.endpoint, found.status, found.error_code) == ("GET", "/api/v1/keys", 200, None)
    assert (str(found.key_id), found.user_id, found.session_id) == (key["key_id"], member.user_id, None)
    assert (found.user_agent, found.request_id) == ("curl/8", "trace-00001")
    assert found.response_ms > 0


def test_a_call_is_written_down_with_its_session_and_its_error(
    client: TestClient[Litestar], member: Member, logged: Callable[[Member], list[Access]]
) -> None:
    caller = Caller(client, make_token(client, member))

    caller.get(f"/videos/{new_id()}?token=very-secret")

    (found,) = logged(member)
    assert (found.endpoint, found.status, found.error_code) == ("/api/v1/videos/{video_id}", 404, "not_found")
    assert found.session_id is not None
    assert "secret" not in str(found)


def test_a_call_that_cannot_be_kept_as_it_came_costs_no_other_its_line(
    mine: Caller, member: Member, logged: Callable[[Member], list[Access]]
) -> None:
    mine.get("/keys", headers={"User-Agent": "curl\0/8"})
    mine.get("/keys", headers={"User-Agent": "curl/9"})

    assert [each.user_agent for each in logged(member)] == ["curl/9", "curl /8"]


def test_a_quick_read_is_known_by_its_key_as_well(
    client: TestClient[Litestar], api: Callable[[Member], Caller], member: Member, logged: Callable[[Member], list[Access]]
) -> None:
    api(member).get("/insights/outliers")

    assert [(each.user_id, each.key_id is not None) for each in logged(member)] == [(member.user_id, True)]


def shown(admin: Caller, **asked: object) -> list[dict[str, Any]]:
    """Of the access log, a page of three at a time."""
    admin.client.app.state.access.flush()
    found, cursor = list[dict[str, Any]](), None
    while True:
        answer = admin.get("/admin/access-log", params={**asked, "limit": 3, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return found


def test_an_administrator_reads_the_log_page_by_page_and_narrows_it_down(
    client: TestClient[Litestar], admin: Caller, mine: Caller, theirs: Caller, member: Member, other: Member
) -> None:
    for _ in range(4):
        mine.get("/keys")
    key_id = mine.get("/keys").json()["items"][0]["key_id"]
    mine.get(f"/videos/{new_id()}", headers={"X-Request-ID": "asked-for-0001"})
    session = Caller(client, make_token(client, member))
    session.get("/me")
    theirs.get("/keys")
    here = {"workspace_id": str(member.tenant_id)}

    told = shown(admin, **here)

    assert [each["endpoint"] for each in told] == ["/api/v1/me", "/api/v1/videos/{video_id}", *["/api/v1/keys"] * 5]
    assert [each["happened_at"] for each in told] == sorted((each["happened_at"] for each in told), reverse=True)
    assert {each["workspace_id"] for each in told} == {str(member.tenant_id)}
    (failed,) = shown(admin, **here, lowest_status=400)
    assert (failed["status"], failed["error_code"], failed["request_id"]) == (404, "not_found", "asked-for-0001")
    assert shown(admin, request_id="asked-for-0001") == [failed]
    assert len(shown(admin, key_id=key_id)) == 6
    assert [each["endpoint"] for each in shown(admin, user_id=str(member.user_id), endpoint="/api/v1/me", method="GET")] == ["/api/v1/me"]
    assert {each["workspace_id"] for each in shown(admin, address=told[0]["address"], endpoint="/api/v1/keys")} >= {str(other.tenant_id)}
    assert shown(admin, **here, until=told[-1]["happened_at"]) == []
    assert shown(admin, **here, since=told[0]["happened_at"]) == told[:1]
    assert shown(admin, **here, method="PUT") == []
    assert_problem(admin.get("/admin/access-log", params={"since": "2026-11-01T00:00:00"}), 422)
    assert_problem(admin.get("/admin/access-log", params={"lowest_status": 7}), 400)


def test_the_authentication_log_is_narrowed_down_and_has_no_hashes(database: Database, admin: Caller, member: Member) -> None:
    with database.begin_anonymous() as uow:
        uow.sessions.note("login", is_success=False, user_id=member.user_id, email_hash=b"x", address="203.0.113.7", reason="password")
        uow.sessions.note("login", is_success=True, user_id=member.user_id, email_hash=b"x", address="203.0.113.7")
    of_them = {"user_id": str(member.user_id)}

    both = admin.get("/admin/auth-log", params=of_them).json()["items"]
    (failed,) = admin.get("/admin/auth-log", params={**of_them, "is_success": False}).json()["items"]
    late = admin.get("/admin/auth-log", params={**of_them, "since": "2100-01-01T00:00:00Z"}).json()["items"]

    assert [each["is_success"] for each in both] == [True, False]
    assert (failed["kind"], failed["address"], failed["reason"]) == ("login", "203.0.113.7", "password")
    assert (late, "email_hash" in failed) == ([], False)


def test_nothing_of_it_is_lost_when_the_server_stops(
    database: Database, urls: TestUrls, tmp_path: Any, superuser: psycopg.Connection[Any]
) -> None:
    own = Database(urls.app, pool_size=2)
    app = create_app(make_parts(own, urls.app, FakeDagster(), LocalFiles(tmp_path)))
    with TestClient(app) as client:
        ids = [client.get("/health/live").headers["x-request-id"] for _ in range(20)]

    found = superuser.execute("select count(*) from access_log where request_id = any(%s)", (ids,)).fetchone()
    assert found == (20,)


def test_where_there_is_no_room_calls_are_counted_and_nobody_waits() -> None:
    gate, kept = threading.Event(), list[Served]()

    def write(batch: Sequence[Served]) -> None:
        gate.wait(10)
        kept.extend(batch)

    log, before = AccessLog(write, room=5, pause_seconds=0.01), dropped()
    for number in range(8):
        log.note(served(str(number)))
    assert dropped() - before == 3
    log.start()
    gate.set()
    log.stop()

    assert [each.call.request_id for each in kept] == ["0", "1", "2", "3", "4"]


def test_a_database_that_is_away_is_tried_again_and_in_the_end_counted() -> None:
    answers = [SourceUnavailable("database")] * 4

    def write(batch: Sequence[Served]) -> None:
        if answers:
            raise answers.pop()

    log, before = AccessLog(write, pause_seconds=0.001), dropped()
    log.start()
    log.note(served())
    log.flush()
    assert (dropped() - before, len(answers)) == (1, 1)
    log.note(served())
    log.flush()
    log.stop()

    assert (dropped() - before, len(answers)) == (1, 0)


def test_a_line_says_what_the_row_says(capsys: pytest.CaptureFixture[str]) -> None:
    from gateways.log_lines import configure_logging

    configure_logging("info")
    try:
        log = AccessLog(lambda _: None, pause_seconds=0.01)
        log.start()
        log.note(served("trace-00002"))
        log.stop()
    finally:
        configure_logging("warning")

    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines() if "trace-00002" in each]
    assert {"@timestamp", "level", "name", "category", "message", "method", "endpoint", "status", "response_ms", "address"} <= line.keys()
    assert (line["message"], line["category"], line["status"], line["address"]) == ("call", "API", 200, "203.0.113.7")
