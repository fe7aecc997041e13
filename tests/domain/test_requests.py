"""The rules of asking, launching and retrying. Claiming is tested on a real database in tests/store/test_requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.requests import FINAL, KINDS, Request, State, backoff, check_asked, claim_of, claim_of_run, faulty, may_retry, plan_launches

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def request(number: int = 1, *, tenant: int = 1, **changes: object) -> Request:
    made = Request(
        tenant_id=UUID(int=tenant), request_id=UUID(int=number), kind="insights", subject="insights", params={}, state=State.PENDING,
        attempt=1, max_attempts=3, launches=0, run_id=None, progress=0, note="", error=None, is_cancel_requested=False, version=1,
        created_at=NOW + timedelta(seconds=number), not_before=NOW, launched_at=None, started_at=None, finished_at=None, lease_until=None,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # whatever field a test cares about


def numbers(chosen: list[Request]) -> list[int]:
    return [each.request_id.int for each in chosen]


@pytest.mark.parametrize("kind", [name for name, each in KINDS.items() if each.can_be_asked])
def test_what_can_be_asked_for_has_a_job(kind: str) -> None:
    assert check_asked(kind, {}).job


@pytest.mark.parametrize("kind", ["import", "media", "clip", "scrape.x", "manual", "scheduled", "", "INSIGHTS", "nothing"])
def test_what_cannot_be_asked_for_is_told_what_can(kind: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        check_asked(kind, {})

    (problem,) = refused.value.problems
    assert (problem.pointer, problem.detail) == ("/kind", "choose from refresh, insights, deep, causal")


def test_each_unknown_parameter_is_named() -> None:
    with pytest.raises(Unacceptable) as refused:
        check_asked("refresh", {"account_ids": [], "colour": "red", "size": 5})

    assert [each.pointer for each in refused.value.problems] == ["/params/colour", "/params/size"]


def test_every_launch_of_every_attempt_has_a_run_key_of_its_own() -> None:
    keys = {request(attempt=attempt, launches=launches).run_key for attempt in (1, 2) for launches in (1, 2)}

    assert len(keys) == 4


def test_a_run_is_tagged_with_what_it_has_to_claim() -> None:
    assert request(5, attempt=2).tags == {"whyral/request_id": str(UUID(int=5)), "whyral/attempt": "2"}


@pytest.mark.parametrize("state", State)
def test_four_states_are_ends(state: State) -> None:
    assert request(state=state).is_final == (state in {"succeeded", "failed", "canceled", "skipped"})
    assert (state in FINAL) == request(state=state).is_final


def test_waiting_grows_and_stops_growing() -> None:
    assert [backoff(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 6, 50)] == [2, 8, 32, 128, 512, 600, 600]


@pytest.mark.parametrize(
    ("retryable", "failed", "may"),
    [
        (True, request(attempt=2), True),
        (True, request(attempt=3), False),
        (False, request(attempt=1), False),
        (True, request(attempt=1, is_cancel_requested=True), False),
    ],
)
def test_an_attempt_follows_only_a_retryable_failure_within_the_limit(retryable: bool, failed: Request, may: bool) -> None:
    assert may_retry(failed, retryable=retryable) is may


def test_the_oldest_of_each_tenant_is_launched_first() -> None:
    waiting = [request(3), request(1), request(2, tenant=2), request(4, tenant=2)]

    assert numbers(plan_launches(waiting, live=0, limit=10)) == [1, 2]


def test_no_more_than_the_limit_are_live() -> None:
    waiting = [request(number, tenant=number) for number in range(1, 6)]

    assert numbers(plan_launches(waiting, live=1, limit=3)) == [1, 2]
    assert plan_launches(waiting, live=3, limit=3) == []
    assert plan_launches(waiting, live=9, limit=3) == []


def test_a_tenant_whose_claim_is_held_waits_and_holds_nobody_up() -> None:
    waiting = [request(1), request(2, tenant=2)]
    busy = frozenset({(UUID(int=1), claim_of(request()))})

    assert numbers(plan_launches(waiting, live=1, limit=3, busy=busy)) == [2]


@settings(deadline=None)  # the machine may be busy
@given(
    waiting=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 5)), max_size=30, unique_by=lambda each: each[0]),
    live=st.integers(0, 6),
    limit=st.integers(1, 6),
    busy=st.frozensets(st.integers(1, 5)),
)
def test_whatever_waits_a_plan_is_fair_and_within_its_bounds(
    waiting: list[tuple[int, int]], live: int, limit: int, busy: frozenset[int]
) -> None:
    asked = [request(number, tenant=tenant) for number, tenant in waiting]

    chosen = plan_launches(asked, live=live, limit=limit, busy=frozenset((UUID(int=each), "graph") for each in busy))

    tenants = [each.tenant_id.int for each in chosen]
    free = {tenant for _, tenant in waiting} - busy
    assert len(set(tenants)) == len(tenants), "one launch per tenant and round"
    assert set(tenants) <= free
    assert len(chosen) == min(len(free), max(0, limit - live)), "no room is left unused"
    assert all(each.created_at == min(other.created_at for other in asked if other.tenant_id == each.tenant_id) for each in chosen)


@pytest.mark.parametrize(
    ("groups", "claim"),
    [(["clips"], "clips"), (["clips", "clips"], "clips"), (["clips", "imports"], "graph"), (["insights"], "graph"), ([], "graph")],
)
def test_a_run_of_nobodys_claims_what_it_makes(groups: list[str], claim: str) -> None:
    assert claim_of_run(groups) == claim


@pytest.mark.parametrize(
    ("groups", "assets", "claim"),
    [
        (["tracking"], ["core_tracking__x"], "scrape.x"),
        (["tracking", "tracking"], ["core_tracking__x", "core_tracking__tiktok"], "graph"),
        (["tracking", "insights"], ["core_tracking__x", "out_scores__videos"], "graph"),
    ],
)
def test_a_run_that_reads_one_platform_claims_that_platform(groups: list[str], assets: list[str], claim: str) -> None:
    assert claim_of_run(groups, assets) == claim


def test_clips_do_not_wait_for_the_graph_nor_the_graph_for_clips() -> None:
    waiting = [request(1), request(2, kind="clip")]

    busy_graph, busy_clips = (
        plan_launches(waiting, live=1, limit=9, busy=frozenset({(UUID(int=1), claim)})) for claim in ("graph", "clips")
    )

    assert (numbers(busy_graph), numbers(busy_clips)) == ([2], [1])


@pytest.mark.parametrize(
    ("params", "named"),
    [({"account_ids": "all"}, ["account_ids"]), ({"account_ids": [str(UUID(int=1)), 5]}, ["account_ids"]), ({"account_ids": []}, []),
     ({"media_id": "first", "clip_id": None}, ["media_id", "clip_id"]), ({"media_id": str(UUID(int=1)), "else": 1}, [])],
)  # fmt: skip
def test_parameters_whose_values_are_none_are_named(params: dict[str, object], named: list[str]) -> None:
    assert [each.pointer for each in faulty(params)] == [f"/params/{name}" for name in named]
