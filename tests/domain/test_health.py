"""A source's breaker and score, and when another try at once may help."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FailureCategory, SourceUnavailable
from domain.health import (
    ATTEMPTS,
    LONGEST_REST,
    OPENS_AFTER,
    PROBE,
    Health,
    after_failure,
    after_success,
    pause_seconds,
    probing,
)

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def broken(times: int, *, retry_after: timedelta | None = None) -> Health:
    health = Health("tiktok_web")
    for _ in range(times):
        health = after_failure(health, FailureCategory.BLOCKED, NOON, retry_after=retry_after)
    return health


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    assert broken(OPENS_AFTER - 1).state(NOON) == "closed"
    assert broken(OPENS_AFTER).state(NOON) == "open"
    assert after_failure(after_success(broken(OPENS_AFTER - 1), NOON), FailureCategory.NETWORK, NOON).state(NOON) == "closed"


def test_after_its_rest_one_is_let_through_and_the_others_wait() -> None:
    rested = NOON + timedelta(minutes=2)
    first = probing(broken(OPENS_AFTER), rested)

    assert first is not None
    assert (first.state(rested), first.open_until) == ("open", rested + PROBE)
    assert probing(first, rested) is None


def test_a_try_that_goes_well_closes_it_and_one_that_does_not_doubles_its_rest() -> None:
    opened = broken(OPENS_AFTER)

    again = after_failure(opened, FailureCategory.BLOCKED, NOON)

    assert after_success(opened, NOON).state(NOON) == "closed"
    assert again.open_until is not None
    assert opened.open_until is not None
    assert again.open_until - NOON == 2 * (opened.open_until - NOON)
    assert (broken(40).open_until or NOON) - NOON == LONGEST_REST


def test_it_rests_as_long_as_it_was_told() -> None:
    assert broken(OPENS_AFTER, retry_after=timedelta(hours=2)).open_until == NOON + timedelta(hours=2)


@given(st.lists(st.booleans(), max_size=60))
def test_the_score_is_a_share(tries: list[bool]) -> None:
    health = Health("x")
    for went_well in tries:
        health = after_success(health, NOON) if went_well else after_failure(health, FailureCategory.NETWORK, NOON)

    assert 0 <= health.score <= 1
    assert (health.score == 1) == all(tries)


def test_many_successes_at_once_count_as_that_many() -> None:
    low = broken(3)
    step = low
    for _ in range(4):
        step = after_success(step, NOON)

    assert after_success(low, NOON, times=4).score == pytest.approx(step.score)


@pytest.mark.parametrize("category", FailureCategory)
def test_only_what_passes_is_tried_again_at_once(category: FailureCategory) -> None:
    error = SourceUnavailable("x", category=category)

    assert (pause_seconds(error, 1, key="a") is not None) == (category in {"rate_limit", "network", "api_error"})
    assert pause_seconds(error, ATTEMPTS, key="a") is None


def test_a_pause_honours_retry_after_unless_it_is_long() -> None:
    soon, late = (SourceUnavailable("x", category="rate_limit", retry_after_seconds=seconds) for seconds in (7, 60))

    assert pause_seconds(soon, 1, key="a") == 7
    assert pause_seconds(late, 1, key="a") is None
    assert len({pause_seconds(SourceUnavailable("x", category="network"), 1, key=str(key)) for key in range(20)}) > 10
