"""Every call is written down, once, with whom the database has proven it to be, and without a secret; no call waits for it."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client import REGISTRY

from api.access_log import AccessLog
from api.app import create_app
from domain.errors import Refused, SourceUnavailable
from gateways.files.store import LocalFiles
from store.calls import Call
from store.database import Database
from store.ids import new_id
from store.logs import Access, Served
from tests.api.conftest import Caller, FakeDagster, make_parts, make_session, make_token
from tests.conftest import Member, TestUrls


def served(request_id: str = "request-0001") -> Served:
    return Served(Call(request_id, "203.0.113.7"), datetime.now(UTC), "GET", "/x", 200, 1.5)


def dropped() -> float:
    return REGISTRY.get_sample_value("access_log_dropped_total") or 0.0


@pytest.fixture
def admin_session(client: TestClient[Litestar], other: Member, superuser: psycopg.Connection[Any]) -> Any:
    superuser.execute("update users set is_platform_admin = true where user_id = %s", (other.user_id,))
    return make_session(client, other)


@pytest.fixture
def logged(client: TestClient[Litestar], database: Database, admin_session: Any) -> Callable[[Member], list[Access]]:
    """What the log holds of a workspace, newest first."""

    def read(who: Member) -> list[Access]:
        client.app.state.access.flush()
        with database.begin_anonymous() as uow:
            return uow.logs.access(admin_session, tenant_id=who.tenant_id)

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


def test_the_logs_are_for_administrators_only(client: TestClient[Litestar], database: Database, member: Member) -> None:
    mine = make_session(client, member)
    with database.begin_anonymous() as uow:
        impersonation = uow.sessions.open(
            user_id=member.user_id, tenant_id=None, kind="impersonation", good_for=timedelta(1), at_most=timedelta(1),
            impersonator=member.user_id, reason="test",
        )  # fmt: skip

    for session_id in (mine, impersonation, new_id()):
        with pytest.raises(Refused), database.begin_anonymous() as uow:
            uow.logs.access(session_id)
        with pytest.raises(Refused), database.begin_anonymous() as uow:
            uow.logs.auth_events(session_id)


def test_the_authentication_log_is_read_without_hashes(database: Database, admin_session: Any, member: Member) -> None:
    with database.begin_anonymous() as uow:
        uow.sessions.note("login", is_success=False, user_id=member.user_id, email_hash=b"x", address="203.0.113.7", reason="password")
        (event,) = uow.logs.auth_events(admin_session, user_id=member.user_id, is_success=False)

    assert (event.kind, event.is_success, event.address, event.reason) == ("login", False, "203.0.113.7", "password")


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
