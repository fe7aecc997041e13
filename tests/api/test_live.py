"""Following a request live (server-sent events), over the app's own listener. The stream is read as it comes, not when it ends."""

import json
import time
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from domain.requests import Claimed, State
from gateways.files.store import LocalFiles
from services import requests
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts, make_token
from tests.api.following import PATIENCE_SECONDS, Following
from tests.conftest import Member, TestUrls

Starts = Callable[..., Following]


@pytest.fixture
def follow() -> Iterator[Starts]:
    """Starts following; whatever is still open at the end of the test is closed."""
    opened: list[Following] = []

    def start(caller: Caller, request_id: str, **headers: str) -> Following:
        opened.append(Following(caller, request_id, **headers))
        return opened[-1]

    yield start
    for each in opened:
        each.hang_up()


@pytest.fixture
def asked(database: Database, member: Member) -> str:
    """A request that waits, and that nobody was asked to launch."""
    with database.begin(member.tenant_id) as uow:
        return str(requests.ask(uow, "insights", {}).request_id)


def claim(database: Database, member: Member, request_id: str) -> None:
    with database.begin(member.tenant_id) as uow:
        assert uow.requests.claim(UUID(request_id), 1, uuid4().hex) is Claimed.YES


def report(database: Database, member: Member, request_id: str, share: float) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.requests.report(UUID(request_id), progress=share, note="halfway")


def end(database: Database, member: Member, request_id: str, state: State = State.SUCCEEDED) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.requests.end(UUID(request_id), state)


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def names(events: list[dict[str, str]]) -> list[str]:
    return [event["event"] for event in events if "event" in event]


def test_a_follower_sees_the_history_then_each_change_then_the_end(
    mine: Caller, asked: str, database: Database, member: Member, follow: Starts
) -> None:
    claim(database, member, asked)
    stream = follow(mine, asked)
    history = [stream.next(), stream.next()]

    report(database, member, asked, 0.5)
    halfway = stream.next()
    end(database, member, asked)

    assert names([event for event in history if event]) == ["pending", "running"]
    assert halfway is not None
    assert {**json.loads(halfway["data"]), "at": ""} == {
        "id": 3, "at": "", "state": "running", "attempt": 1, "progress": 0.5, "note": "halfway", "error": None,
    }  # fmt: skip
    assert halfway["id"] == "3"
    assert names(stream.rest()) == ["succeeded"]


def test_a_follower_of_what_has_ended_gets_the_history_and_the_end_at_once(mine: Caller, asked: str) -> None:
    mine.delete(f"/requests/{asked}")

    answer = mine.get(f"/requests/{asked}/events")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [line for line in answer.text.splitlines() if line.startswith("event:")] == ["event: pending", "event: canceled"]


def test_last_event_id_goes_on_after_it(mine: Caller, asked: str, database: Database, member: Member, follow: Starts) -> None:
    claim(database, member, asked)

    stream = follow(mine, asked, **{"last-event-id": "2"})
    wait_for(lambda: mine.client.app.state.live.followers > 0, "the stream is open")
    report(database, member, asked, 0.5)
    end(database, member, asked)

    assert [event["id"] for event in stream.rest()] == ["3", "4"]


def test_who_has_seen_the_end_is_not_kept_waiting(mine: Caller, asked: str) -> None:
    mine.delete(f"/requests/{asked}")

    answer = mine.get(f"/requests/{asked}/events", headers={"Last-Event-ID": "2"})

    assert (answer.status_code, answer.text.strip()) == (200, "")


def test_a_last_event_id_that_is_none_of_ours_is_malformed(mine: Caller, asked: str) -> None:
    problem = assert_problem(mine.get(f"/requests/{asked}/events", headers={"Last-Event-ID": "abc"}), 400)

    assert [each["pointer"] for each in problem["errors"]] == ["Last-Event-ID"]


def test_many_followers_of_one_request_all_see_the_end(
    mine: Caller, asked: str, database: Database, member: Member, follow: Starts
) -> None:
    streams = [follow(mine, asked) for _ in range(20)]
    wait_for(lambda: mine.client.app.state.live.followers >= 20, "all streams are open")

    end(database, member, asked)

    assert [names(stream.rest()) for stream in streams] == [["pending", "succeeded"]] * 20


def test_whoever_hangs_up_is_forgotten(mine: Caller, asked: str, follow: Starts) -> None:
    live = mine.client.app.state.live
    wait_for(lambda: live.followers == 0, "nobody follows before")
    stream = follow(mine, asked)
    stream.next()
    assert live.followers == 1

    stream.hang_up()

    wait_for(lambda: live.followers == 0, "the follower was freed")


def test_after_a_lost_connection_of_the_listener_followers_still_get_the_end(
    mine: Caller, asked: str, database: Database, member: Member, follow: Starts, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    stream = follow(mine, asked)
    stream.next()
    mine_only = "application_name = 'whyral-listener' and datname = current_database()"
    wait_for(lambda: bool(superuser.execute(f"select 1 from pg_stat_activity where {mine_only}").fetchone()), "the listener listens")

    superuser.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {mine_only}")
    end(database, member, asked)

    assert names(stream.rest()) == ["succeeded"]


def test_a_key_that_is_revoked_stops_following(
    client: TestClient[Litestar], asked: str, database: Database, member: Member, mine: Caller, follow: Starts
) -> None:
    lost = make_key(database, member)
    stream = follow(Caller(client, lost.plain), asked)
    stream.next()

    mine.delete(f"/keys/{lost.key.key_id}")
    claim(database, member, asked)

    assert stream.rest() == []


@pytest.fixture
def pinging(database: Database, urls: TestUrls, dagster: FakeDagster, files: LocalFiles) -> Iterator[TestClient[Litestar]]:
    """An app that has little patience with silence."""
    parts = make_parts(database, urls.app, dagster, files, ping_seconds=0.01)
    with TestClient(create_app(parts)) as running:
        yield running


def test_silence_is_broken_by_pings(
    pinging: TestClient[Litestar], asked: str, database: Database, member: Member, mine: Caller, follow: Starts
) -> None:
    stream = follow(Caller(pinging, mine.credential), asked)

    first, *pings = [stream.next() for _ in range(3)]
    end(database, member, asked)

    assert first is not None
    assert first["event"] == "pending"
    assert pings == [{"comment": "ping"}] * 2
    assert names(stream.rest()) == ["succeeded"]


def test_a_stream_of_a_suspended_workspace_ends_though_nothing_happens(
    pinging: TestClient[Litestar],
    asked: str,
    member: Member,
    mine: Caller,
    follow: Starts,
    superuser: psycopg.Connection[tuple[object, ...]],
) -> None:
    stream = follow(Caller(pinging, mine.credential), asked)
    stream.next()

    superuser.execute("update tenants set suspended_at = now() where tenant_id = %s", (member.tenant_id,))

    assert names(stream.rest()) == []


def test_a_stream_ends_with_its_session(
    client: TestClient[Litestar], pinging: TestClient[Litestar], asked: str, member: Member, follow: Starts
) -> None:
    caller = Caller(pinging, make_token(client, member))
    stream = follow(caller, asked)
    stream.next()

    assert caller.post("/auth/logout").status_code < 300

    assert names(stream.rest()) == []
