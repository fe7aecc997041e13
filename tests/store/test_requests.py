"""Requests: one effect each, whoever comes twice, late or not at all."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import ClaimLost, Conflict, LimitReached, NotFound
from domain.requests import Claimed, Request, State
from services import requests as verbs
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import Member, make_member


def ask(database: Database, tenant_id: UUID, kind: str = "insights") -> Request:
    with database.begin(tenant_id) as uow:
        return verbs.ask(uow, kind, {})


def expire(database: Database, request: Request) -> None:
    with database.begin(request.tenant_id) as uow:
        uow.connection.execute(sa.text("update requests set lease_until = clock_timestamp() - interval '1 second'"))


def test_a_second_run_finds_the_claim_taken(database: Database, tenant_id: UUID) -> None:
    request = ask(database, tenant_id)

    with database.begin(tenant_id) as uow:
        answers = [uow.requests.claim(request.request_id, 1, run) for run in ("one", "one", "two")]

    assert answers == [Claimed.YES, Claimed.YES, Claimed.TAKEN]


def test_of_twenty_runs_at_once_one_has_the_work(database: Database, tenant_id: UUID) -> None:
    request, answers = ask(database, tenant_id), []

    def run(number: int) -> None:
        with database.begin(tenant_id) as uow:
            answers.append(uow.requests.claim(request.request_id, 1, f"run-{number}"))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [Claimed.TAKEN] * 19 + [Claimed.YES]


def test_other_work_of_the_tenant_waits_until_the_claim_is_free(database: Database, tenant_id: UUID) -> None:
    first, second = ask(database, tenant_id), ask(database, tenant_id)

    with database.begin(tenant_id) as uow:
        uow.requests.claim(first.request_id, 1, "one")
        answer = uow.requests.claim(second.request_id, 1, "two")
        waiting = uow.requests.get(second.request_id)
        uow.requests.finish_step(first.request_id, "step", planned=["step"])
        later = uow.requests.claim(second.request_id, 1, "three")

    assert (answer, waiting.state, later) == (Claimed.BUSY, State.PENDING, Claimed.YES)


def test_a_late_attempt_cannot_write(fresh: Database) -> None:
    member = make_member(fresh)
    request = ask(fresh, member.tenant_id)
    with fresh.begin(member.tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "one")

    expire(fresh, request)
    with fresh.begin_system() as system:
        reaped = verbs.reap(system)

    assert [(each.state, each.attempt) for each in reaped] == [(State.PENDING, 2)]
    with pytest.raises(ClaimLost), fresh.begin(member.tenant_id) as uow:
        uow.requests.renew(request.request_id, 1, "one")


def test_an_attempt_with_a_live_lease_is_left_alone(fresh: Database) -> None:
    member = make_member(fresh)
    request = ask(fresh, member.tenant_id)
    with fresh.begin(member.tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "one")

    with fresh.begin_system() as system:
        reaped = verbs.reap(system)

    assert reaped == []


def test_the_last_attempt_fails_for_good_and_an_alert_says_so_once(fresh: Database) -> None:
    member = make_member(fresh)
    request = ask(fresh, member.tenant_id)
    for attempt in (1, 2, 3):
        with fresh.begin(member.tenant_id) as uow:
            assert uow.requests.claim(request.request_id, attempt, f"run-{attempt}") is Claimed.YES
        expire(fresh, request)
        with fresh.begin_system() as system:
            verbs.reap(system)

    with fresh.begin(member.tenant_id) as uow:
        ended, alerts = uow.requests.get(request.request_id), uow.trust.alerts()

    assert (ended.state, ended.attempt) == (State.FAILED, 3)
    assert [alert.kind for alert in alerts] == ["request_failed"]


def test_two_sensors_launch_a_request_once(fresh: Database) -> None:
    member = make_member(fresh)
    request = ask(fresh, member.tenant_id)
    with fresh.begin(member.tenant_id) as uow:
        uow.connection.execute(
            sa.text("update requests set created_at = created_at - interval '1 minute', not_before = not_before - interval '1 minute'")
        )

    with fresh.begin_system() as one, fresh.begin_system() as two:
        launched = verbs.launchable(one, limit=5) + verbs.launchable(two, limit=5)

    assert [each.request_id for each in launched] == [request.request_id]


def test_a_launch_that_no_run_claimed_is_made_again_under_another_key(fresh: Database) -> None:
    member = make_member(fresh)
    ask(fresh, member.tenant_id)
    keys = []
    for _ in range(2):
        with fresh.begin(member.tenant_id) as uow:
            uow.connection.execute(
                sa.text(
                    "update requests set created_at = created_at - interval '1 hour', not_before = not_before - interval '1 hour',"
                    " launched_at = launched_at - interval '1 hour'"
                )
            )
        with fresh.begin_system() as system:
            keys += [each.run_key for each in verbs.launchable(system, limit=5)]

    assert len(keys) == len(set(keys)) == 2


def test_tenants_take_turns(fresh: Database) -> None:
    busy, quiet = make_member(fresh), make_member(fresh)
    for _ in range(5):
        ask(fresh, busy.tenant_id)
    ask(fresh, quiet.tenant_id)
    for each in (busy, quiet):
        with fresh.begin(each.tenant_id) as uow:
            uow.connection.execute(
                sa.text("update requests set created_at = created_at - interval '1 minute', not_before = not_before - interval '1 minute'")
            )

    with fresh.begin_system() as system:
        launched = verbs.launchable(system, limit=2)

    assert {each.tenant_id for each in launched} == {busy.tenant_id, quiet.tenant_id}


def test_canceling_what_waits_ends_it_and_canceling_what_runs_asks_it(database: Database, tenant_id: UUID) -> None:
    waiting, running = ask(database, tenant_id), ask(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.requests.claim(running.request_id, 1, "one")

        ended, asked = uow.requests.cancel(waiting.request_id), uow.requests.cancel(running.request_id)
        is_asked = uow.requests.renew(running.request_id, 1, "one")

    assert (ended.state, asked.state, is_asked) == (State.CANCELED, State.RUNNING, True)


def test_what_has_ended_cannot_be_canceled(database: Database, tenant_id: UUID) -> None:
    request = ask(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.requests.cancel(request.request_id)

    with pytest.raises(Conflict), database.begin(tenant_id) as uow:
        uow.requests.cancel(request.request_id)


def test_a_retry_is_a_new_attempt_and_the_old_run_stays_out(database: Database, tenant_id: UUID) -> None:
    request = ask(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "one")
        uow.requests.end(request.request_id, State.FAILED, {"code": "bug"})

        again = uow.requests.retry(request.request_id)
        late = uow.requests.claim(request.request_id, 1, "one")
        new = uow.requests.claim(request.request_id, 2, "two")

    assert (again.state, again.attempt, late, new) == (State.PENDING, 2, Claimed.TAKEN, Claimed.YES)


def test_a_run_that_nobody_asked_for_records_itself_once(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        first, claimed = uow.requests.adopt(request_id=new_id(), kind="manual", subject="job", claim_on="graph", params={}, run_id="ui-run")
        second, again = uow.requests.adopt(request_id=new_id(), kind="manual", subject="job", claim_on="graph", params={}, run_id="ui-run")

    assert (first.kind, claimed, again, second.request_id) == ("manual", Claimed.YES, Claimed.YES, first.request_id)


def test_the_timeline_tells_every_change_once(database: Database, tenant_id: UUID) -> None:
    request = ask(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "one")
        uow.requests.renew(request.request_id, 1, "one")
        uow.requests.report(request.request_id, progress=0.5, note="half")
        uow.requests.finish_step(request.request_id, "step", planned=["step"])

        events = uow.requests.events(request.request_id)
        later = uow.requests.events(request.request_id, after=events[1].version)

    assert [event.state.value for event in events] == ["pending", "running", "running", "succeeded"]
    assert [event.progress for event in events] == [0, 0, 0.5, 1]
    assert later == events[2:]


def test_another_tenants_request_does_not_exist(database: Database, member: Member, other: Member) -> None:
    request = ask(database, other.tenant_id)

    with pytest.raises(NotFound), database.begin(member.tenant_id) as uow:
        uow.requests.get(request.request_id)


def taken_for(database: Database, tenant_id: UUID, request: Request, *operations: str) -> None:
    with database.begin(tenant_id) as uow:
        for each in operations:
            uow.usage.take("clips_per_day", 1, operation=each, now=datetime.now(UTC), request_id=request.request_id)


def used(database: Database, tenant_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        return int(uow.connection.execute(sa.text("select sum(used) from usage_counters where meter = 'clips_per_day'")).scalar_one())


def test_what_a_dead_request_had_taken_and_not_delivered_is_given_back_once_whoever_ends_it(fresh: Database) -> None:
    member = make_member(fresh)
    request, other = ask(fresh, member.tenant_id), ask(fresh, member.tenant_id)
    taken_for(fresh, member.tenant_id, request, "delivered", "one", "two")
    taken_for(fresh, member.tenant_id, other, "another's")
    with fresh.begin(member.tenant_id) as uow:
        uow.usage.deliver("delivered")
        uow.usage.give_back("one")
    counted = []
    for attempt in (1, 2, 3):
        with fresh.begin(member.tenant_id) as uow:
            uow.requests.claim(request.request_id, attempt, f"run-{attempt}")
        counted.append(used(fresh, member.tenant_id))
        expire(fresh, request)
        with fresh.begin_system() as system:
            verbs.reap(system)

    with fresh.begin_system() as system:
        verbs.run_ended(system, member.tenant_id, verbs.EndedRun("run-3", request.request_id, 3, "killed"))
    with fresh.begin(member.tenant_id) as uow:
        uow.requests.retry(request.request_id)
        uow.requests.cancel(request.request_id)

    assert (counted, used(fresh, member.tenant_id)) == ([3, 3, 3], 2)


def test_a_run_that_is_asked_to_end_counts_no_more_and_once_it_ends_nothing_is_given_back_again(fresh: Database) -> None:
    member = make_member(fresh)
    request = ask(fresh, member.tenant_id)
    taken_for(fresh, member.tenant_id, request, "one")
    with fresh.begin(member.tenant_id) as uow:
        uow.requests.claim(request.request_id, 1, "run")
        uow.requests.cancel(request.request_id)
    between = used(fresh, member.tenant_id)
    expire(fresh, request)

    with fresh.begin_system() as system:
        (ended,) = verbs.reap(system)

    assert (between, ended.state, used(fresh, member.tenant_id)) == (0, State.CANCELED, 0)


@pytest.mark.parametrize("is_canceled", [False, True])
def test_what_was_asked_for_and_not_delivered_is_given_back_and_counts_where_a_later_attempt_delivers(
    fresh: Database, *, is_canceled: bool
) -> None:
    member = make_member(fresh)
    used = []
    with fresh.begin(member.tenant_id) as uow:
        request = verbs.ask(uow, "insights", {})
        used.append(requests_used(uow))
        if is_canceled:
            verbs.cancel(uow, request.request_id)
        else:
            uow.requests.end(request.request_id, State.FAILED)
        used.append(requests_used(uow))
        uow.requests.retry(request.request_id)
        uow.requests.end(request.request_id, State.SUCCEEDED)
        used.append(requests_used(uow))
        uow.requests.end(request.request_id, State.SUCCEEDED)

        assert (used, requests_used(uow)) == ([1, 0, 1], 1)
        assert uow.figures.counters_off() == 0


def test_who_cancels_and_tries_again_gets_no_more_than_the_plan_has(fresh: Database) -> None:
    member = make_member(fresh)
    with fresh.begin(member.tenant_id) as uow:
        first = verbs.ask(uow, "insights", {})
        verbs.cancel(uow, first.request_id)
        again = verbs.retry(uow, first.request_id)
        counted = requests_used(uow)
        verbs.cancel(uow, first.request_id)
        most = next(each.limit for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "requests_per_day")
        assert most is not None
        uow.usage.take("requests_per_day", most, operation="all", now=datetime.now(UTC))
    with pytest.raises(LimitReached), fresh.begin(member.tenant_id) as uow:
        verbs.retry(uow, first.request_id)
    with fresh.begin(member.tenant_id) as uow:
        uow.usage.give_back("all")
        verbs.retry(uow, first.request_id)
        uow.requests.end(first.request_id, State.SUCCEEDED)

        assert (again.attempt, counted, requests_used(uow), uow.figures.counters_off()) == (2, 1, 1, 0)


def requests_used(uow: UnitOfWork) -> int:
    return next(each.used for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "requests_per_day")
