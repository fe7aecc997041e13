"""Calls are counted by the database: over all workers, to the call; what was refused costs nothing and takes nothing."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.door import Door, behind
from api.leases import Leases
from domain.limits import CLASSES, HOUR, MINUTE, CallLimits, Counter, class_of, counters_of_nobody, network_of
from store import call_counts
from store.call_counts import Taken
from store.database import Database
from store.ids import new_id
from tests.api.conftest import PLENTY, Caller, assert_problem, make_key, make_token
from tests.conftest import Member, make_member
from tests.store.crowds import at_once

AWAY = "postgresql+psycopg://nobody:secret-word@127.0.0.1:1/none"


Workers = Callable[..., list[TestClient[Any]]]


def door_of(app: Litestar, database: Database, door: Door) -> Any:
    """A door of its own, as each worker has one, before the same routes."""
    stands = behind(door, app.state.behind_the_door, database, app.state.tokens, app.state.browsers)

    async def entered(scope: Any, receive: Any, send: Any) -> None:
        scope["litestar_app"], scope["state"] = app, {}
        await stands(scope, receive, send)

    return entered


@pytest.fixture
def workers(app: Litestar, database: Database) -> Workers:
    """`workers(3, per_minute=5)`: so many API workers on one database, with these limits."""

    def made(number: int, **limits: int) -> list[TestClient[Any]]:
        door = Door(replace(PLENTY, **limits), ("*",))
        return [TestClient(door_of(app, database, door)) for _ in range(number)]

    return made


@pytest.fixture
def counted(workers: Workers) -> Callable[..., TestClient[Any]]:
    """`counted(per_minute=3)`: one worker with these limits."""
    return lambda **limits: workers(1, **limits)[0]


@pytest.fixture(autouse=True)
def within_one_hour(database: Database) -> None:
    """No test stands across the end of a window: the counters' clock is the database's."""
    with database.begin_anonymous() as uow:
        left = uow.connection.exec_driver_sql("select 60 - mod(extract(epoch from clock_timestamp()), 60)").scalar_one()
        if left < 5:
            uow.connection.exec_driver_sql("select pg_sleep(%s)", (left,))


def statuses(callers: list[Caller], path: str, calls_made: int) -> list[int]:
    return [callers[number % len(callers)].get(path).status_code for number in range(calls_made)]


def test_a_limit_is_exact_over_several_workers(workers: Workers, database: Database, member: Member) -> None:
    key = make_key(database, member).plain
    found = statuses([Caller(each, key) for each in workers(4, per_minute=30)], "/me", 44)

    assert (found.count(200), found.count(429)) == (30, 14)


def test_a_large_limit_is_exact_to_a_hundredth_over_four_workers(database: Database) -> None:
    counter = Counter("many", new_id().hex, HOUR, 5_120)
    crowd = [Leases() for _ in range(4)]

    def admitted(leases: Leases) -> bool:
        if leases.full([counter]):
            return False
        if lacking := leases.spend([counter]):
            asked_at = leases.now()
            taken = database.at_once(lambda connection: call_counts.take(connection, lacking))
            leases.learn(taken, asked_at)
            return not taken[0].is_full
        return True

    # One of them is asked most; the others keep what they took.
    rest = [admitted(crowd[number]) for number in (1, 2, 3)]
    most = [admitted(crowd[0]) for _ in range(6_000)]

    assert counter.block == 10
    assert 5_120 * 0.99 <= sum(rest) + sum(most) <= 5_120


def test_threads_that_take_at_once_take_no_more_than_there_is(database: Database) -> None:
    subjects = [new_id().hex, new_id().hex]
    counters = [Counter("a", subject, HOUR, 25) for subject in subjects]

    def take(number: int) -> list[Taken]:
        turned = counters if number % 2 else counters[::-1]
        return database.at_once(lambda connection: call_counts.take(connection, turned))

    found = at_once(40, take)

    granted = [each for each in found if isinstance(each, list) and all(taken.granted == 1 for taken in each)]
    assert [each for each in found if not isinstance(each, list)] == []
    assert len(granted) == 25


def test_what_one_counter_refuses_no_other_counts(database: Database) -> None:
    small, large = Counter("small", new_id().hex, MINUTE, 1), Counter("large", new_id().hex, MINUTE, 1_000)
    first = database.at_once(lambda connection: call_counts.take(connection, [small, large]))
    second = database.at_once(lambda connection: call_counts.take(connection, [small, large]))
    third = database.at_once(lambda connection: call_counts.take(connection, [large]))

    assert [each.granted for each in first] == [1, 1]
    assert [(each.granted, each.is_full) for each in second] == [(0, True), (0, False)]
    assert third[0].used == 2


def test_somebody_refused_is_told_why_and_until_when(counted: Callable[..., TestClient[Any]], database: Database, member: Member) -> None:
    caller = Caller(counted(per_minute=2), make_key(database, member).plain)
    answers = [caller.get("/me") for _ in range(3)]

    problem = assert_problem(answers[2], 429, "rate_limited")
    assert (problem["reason"], problem["limit"], problem["used"]) == ("minute", 2, 2)
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert problem["resets_at"]
    assert answers[2].headers["ratelimit"].startswith('"minute";r=0;t=')


def test_every_answer_tells_how_much_is_left(counted: Callable[..., TestClient[Any]], database: Database, member: Member) -> None:
    caller = Caller(counted(per_minute=3), make_key(database, member).plain)
    answers = [caller.get("/me"), caller.get("/nope"), caller.get("/videos?limit=0")]

    assert [each.status_code for each in answers] == [200, 404, 400]
    left = [re.match(r'"minute";r=(\d+);t=(\d+)', each.headers["ratelimit"]) for each in answers]
    assert [found[1] for found in left if found] == ["2", "1", "0"]
    assert answers[0].headers["ratelimit-policy"].startswith('"minute";q=3;w=60, "hour";q=1000000000;w=3600, "day";')


def test_a_workspace_is_limited_over_all_its_keys(
    counted: Callable[..., TestClient[Any]], database: Database, member: Member, other: Member
) -> None:
    worker = counted(per_minute=4, workspace_factor=2)
    keys = [Caller(worker, make_key(database, member).plain) for _ in range(3)]
    found = [keys[number % 3].get("/me") for number in range(10)]
    theirs = Caller(worker, make_key(database, other).plain).get("/me")

    assert [each.status_code for each in found].count(200) == 8
    assert assert_problem(found[-1], 429, "rate_limited")["reason"] == "workspace-minute"
    assert theirs.status_code == 200


def test_a_person_and_their_key_share_what_a_route_class_allows(
    workers: Workers, client: TestClient[Any], database: Database, member: Member
) -> None:
    crowd = workers(2, analyses_per_hour=2)
    callers = [Caller(crowd[0], make_key(database, member).plain), Caller(crowd[1], make_token(client, member))]
    found = [callers[number % 2].post("/insights/deep") for number in range(4)]
    alias = callers[0].post("/analysis/deep/jobs")
    free = callers[0].get("/me")

    assert [each.status_code for each in found] == [202, 202, 429, 429]
    assert assert_problem(alias, 429, "rate_limited")["reason"] == "analyses"
    assert free.status_code == 200


@pytest.mark.parametrize("path", ["/insights/deep/", "//insights/deep", "/insights///deep", "/insights/deep//", "/analysis//deep/jobs//"])
def test_a_route_is_counted_however_its_path_is_written(
    counted: Callable[..., TestClient[Any]], database: Database, member: Member, path: str
) -> None:
    caller = Caller(counted(analyses_per_hour=1), make_key(database, member).plain)

    assert caller.post(path).status_code == 202
    assert assert_problem(caller.post(path), 429, "rate_limited")["reason"] == "analyses"


def test_a_call_whose_handler_fails_is_not_given_back(counted: Callable[..., TestClient[Any]], database: Database, member: Member) -> None:
    caller = Caller(counted(per_minute=2), make_key(database, member).plain)
    found = [caller.get(f"/videos/{new_id()}").status_code for _ in range(3)]

    assert found == [404, 404, 429]


@pytest.mark.parametrize("credential", [None, "rubbish", f"whyral_{'7' * 32}_guess"])
def test_nobody_is_counted_by_address_whatever_they_send(
    counted: Callable[..., TestClient[Any]], superuser: psycopg.Connection[Any], credential: str | None
) -> None:
    superuser.execute("delete from call_counts where subject like 'address:%'")
    worker = counted(per_minute=3)
    spoofs = [
        {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.1.{number}", "Forwarded": f"for=10.0.2.{number}"} for number in range(5)
    ]
    found = [Caller(worker, credential).get("/me", headers=spoof) for spoof in spoofs]

    assert [each.status_code for each in found] == [401, 401, 401, 429, 429]
    assert assert_problem(found[-1], 429)["reason"] == "address-minute"


def test_a_good_key_is_not_held_up_by_guesses_of_its_neighbours(
    counted: Callable[..., TestClient[Any]], superuser: psycopg.Connection[Any], database: Database, member: Member
) -> None:
    superuser.execute("delete from call_counts where subject like 'address:%'")
    worker = counted(per_minute=2)
    guesses = [Caller(worker, f"whyral_{new_id().hex}_guess").get("/me").status_code for _ in range(4)]

    assert guesses == [401, 401, 429, 429]
    assert Caller(worker, make_key(database, member).plain).get("/me").status_code == 200


def test_counters_hold_no_address_and_no_key_in_clear(
    counted: Callable[..., TestClient[Any]], superuser: psycopg.Connection[Any], database: Database, member: Member
) -> None:
    worker, key = counted(), make_key(database, member)
    Caller(worker).get("/openapi.json")
    Caller(worker, key.plain).get("/me")

    kept = "".join(row[0] for row in superuser.execute("select subject from call_counts"))
    assert "testclient" not in kept
    assert key.plain.rpartition("_")[2] not in kept


def test_whether_it_lives_is_told_however_often_and_without_a_database(app: Litestar) -> None:
    away = Database(AWAY)
    worker = TestClient(door_of(app, away, Door(CallLimits(), ("*",))))
    lives = [worker.get("/health/live") for _ in range(70)]
    refused = worker.get("/api/v1/me")
    away.close()

    assert {each.status_code for each in lives} == {200}
    assert "ratelimit" not in lives[0].headers
    assert_problem(refused, 503, "source_unavailable")


def test_who_is_refused_costs_no_statement(
    counted: Callable[..., TestClient[Any]], database: Database, superuser: psycopg.Connection[Any]
) -> None:
    caller = Caller(counted(per_minute=1), make_key(database, make_member(database)).plain)
    before = [caller.get("/me").status_code for _ in range(2)]
    superuser.execute("delete from call_counts")

    assert [*before, caller.get("/me").status_code] == [200, 429, 429]


def test_a_new_window_begins_with_what_it_has_and_nothing_of_the_old_one() -> None:
    now = [100.0]
    leases, counter = Leases(lambda: now[0]), Counter("minute", "s", 60, 5_120)
    leases.learn([Taken(counter, 10, 10, 20.0, False)], now[0])
    now[0] += 21
    assert leases.spend([counter]) == [counter]
    leases.learn([Taken(counter, 10, 10, 59.0, False)], now[0])

    assert [leases.spend([counter]) for _ in range(9)] == [[]] * 9
    assert leases.spend([counter]) == [counter]


def test_a_grant_that_comes_late_is_not_added_to_a_newer_window() -> None:
    now = [100.0]
    leases, counter = Leases(lambda: now[0]), Counter("minute", "s", 60, 5_120)
    leases.learn([Taken(counter, 1, 1, 60.0, False)], now[0])
    leases.learn([Taken(counter, 10, 10, 1.0, False)], now[0] - 0.5)

    assert leases.spend([counter]) == [counter]


def test_what_is_full_is_full_until_its_window_ends() -> None:
    now = [0.0]
    leases, counter = Leases(lambda: now[0]), Counter("minute", "s", 60, 5)
    leases.learn([Taken(counter, 0, 5, 30.0, True)], now[0])

    full = leases.full([counter])
    assert full is not None
    assert (full.counter, full.seconds) == (counter, 30.0)
    now[0] = 30.0
    assert leases.full([counter]) is None


def test_every_class_is_a_route_that_there_is_but_for_chats(nobody: Caller) -> None:
    document = nobody.get("/openapi.json").json()["paths"]
    routes = {(method.upper(), re.sub(r"\{[^}]+\}", "x", path)) for path, item in document.items() for method in item}

    missing = {name for name, method, path in CLASSES if not [each for each in routes if each[0] == method and class_of(*each) == name]}
    assert missing == {"chat"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_whoever_has_a_network_of_ipv6_counts_once(address: str, network: str) -> None:
    assert network_of(address) == network


def test_neighbours_in_one_ipv6_network_share_a_counter() -> None:
    limits = CallLimits()
    first, second, far = (counters_of_nobody(limits, each, "/docs") for each in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"))

    assert first == second
    assert first != far


def test_calls_at_once_on_one_worker_are_no_more_than_allowed(app: Litestar, database: Database, member: Member) -> None:
    key = make_key(database, member).plain
    worker = door_of(app, database, Door(replace(PLENTY, per_minute=20), ("*",)))

    async def crowd() -> list[int]:
        transport = httpx.ASGITransport(worker)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local", headers={"X-API-Key": key}) as client:
            return [each.status_code for each in await asyncio.gather(*(client.get("/api/v1/me") for _ in range(30)))]

    found = asyncio.run(crowd())
    assert (found.count(200), found.count(429)) == (20, 10)
