"""When accounts are read, what a read changes, and whose turn it is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import FailureCategory
from domain.tracking import (
    AGES,
    CADENCES,
    DAY,
    HOUR,
    OLD_EVERY,
    OLD_TOLERANCE,
    PAID,
    PER_PLATFORM,
    TICK,
    TOLERANCE,
    Cadence,
    DueGroup,
    Tracking,
    TrackingState,
    Watched,
    ages,
    complete_after,
    failed,
    is_empty,
    look_every,
    next_run,
    open_now,
    plan_due,
    postponed,
    succeeded,
    window,
)
from domain.tracking_words import ERRORS, in_words, what_next

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
CADENCE_NAMES = st.sampled_from([CADENCES["free"], PAID])


def tracking(**changes: object) -> Tracking:
    words = {
        "account_id": UUID(int=1), "platform": "tiktok", "state": TrackingState.LIVE, "created_at": NOON, "next_run_at": NOON,
        "last_run_at": NOON,
    }  # fmt: skip
    return Tracking(**{**words, **changes})  # type: ignore[arg-type]  # whatever field a test cares about


def watched(number: int, posted: datetime, observed: datetime) -> Watched:
    return Watched(f"post-{number}", posted, observed)


def simulate(posted: Sequence[datetime], cadence: Cadence, *, days: int) -> tuple[list[datetime], dict[int, list[datetime]]]:
    """An account's reads, and when each of its posts was observed: whoever looks for due work does so once a tick."""
    reads = [NOON]
    seen: dict[int, list[datetime]] = {number: [NOON] for number, moment in enumerate(posted) if moment <= NOON}
    now = NOON
    while now < NOON + timedelta(days=days):
        known = [watched(number, posted[number], moments[-1]) for number, moments in seen.items()]
        wanted = next_run(known, cadence, key="account", last_run_at=reads[-1], now=now)
        ticks = max(1, -(-(wanted.at - NOON) // TICK) - (now - NOON) // TICK)
        now += ticks * TICK
        reads.append(now)
        for number, moment in enumerate(posted):
            if moment <= now:
                seen.setdefault(number, []).append(now)
    return reads, seen


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-10 * 24 * 60, 6 * 24 * 60), min_size=1, max_size=12),
    CADENCE_NAMES,
)
def test_every_known_post_is_observed_at_every_age_that_its_plan_can_keep(minutes: list[int], cadence: Cadence) -> None:
    posted = [NOON + timedelta(minutes=each) for each in minutes]

    reads, seen = simulate(posted, cadence, days=9)

    for number, moments in seen.items():
        for age in ages(cadence):
            opens, closes = (posted[number] + age * (1 + sign * TOLERANCE) for sign in (-1, 1))
            if moments[0] < opens and closes < reads[-1]:
                assert [each for each in moments if opens <= each <= closes], f"{age} after {posted[number]}"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-40 * 24 * 60, 5 * 24 * 60), max_size=15), CADENCE_NAMES)
def test_no_account_is_read_more_often_than_its_floor(minutes: list[int], cadence: Cadence) -> None:
    reads, _ = simulate([NOON + timedelta(minutes=each) for each in minutes], cadence, days=6)

    assert min(later - earlier for earlier, later in pairwise(reads)) >= cadence.floor


@settings(max_examples=15, deadline=None)
@given(st.integers(31, 400))
def test_an_old_post_is_never_left_alone_for_thirty_days(age_days: int) -> None:
    post = watched(1, NOON - timedelta(days=age_days), NOON)

    _, seen = simulate([post.posted_at], PAID, days=70)

    assert max(later - earlier for earlier, later in pairwise(seen[0])) <= OLD_EVERY + 2 * OLD_TOLERANCE


@pytest.mark.parametrize(("age", "half"), [(each, TOLERANCE * each) for each in AGES])
def test_a_post_that_was_just_missed_waits_for_its_next_age(age: timedelta, half: timedelta) -> None:
    post = watched(1, NOON, NOON)

    before, after = (window(post, PAID, now=NOON + age + half + late) for late in (timedelta(minutes=-1), timedelta(minutes=1)))

    assert before == (NOON + age - half, NOON + age + half)
    assert after[0] > before[0]


def test_a_post_nobody_can_observe_does_not_keep_its_account_busy() -> None:
    hidden = watched(1, NOON - 3 * DAY, NOON - 3 * DAY)

    moments = [next_run([hidden], PAID, key="a", last_run_at=NOON + day * DAY, now=NOON + day * DAY).at for day in range(5)]

    assert all(at > NOON + day * DAY for day, at in enumerate(moments))


def test_a_plan_that_reads_rarely_leaves_young_ages_out() -> None:
    assert ages(PAID) == AGES
    assert ages(CADENCES["free"]) == AGES[1:]
    assert ages(Cadence(look=DAY, floor=6 * HOUR))[0] == 24 * HOUR


def test_reading_now_observes_what_is_in_its_window() -> None:
    young, old = watched(1, NOON - HOUR, NOON - HOUR), watched(2, NOON - 2 * DAY, NOON - HOUR)

    assert open_now([young, old], PAID, now=NOON) == [young]


@pytest.mark.parametrize(
    ("gap_days", "is_pushed", "hours"), [(0.1, False, 6), (2, False, 24), (30, False, 72), (0.1, True, 24), (30, True, 72)]
)
def test_who_posts_more_is_looked_at_more_within_bounds(gap_days: float, is_pushed: bool, hours: int) -> None:
    posts = [watched(number, NOON - timedelta(days=gap_days * number), NOON) for number in range(5)]

    assert look_every(posts, PAID, now=NOON, is_pushed=is_pushed) == timedelta(hours=hours)


def test_what_is_wanted_of_an_account_is_spread_by_its_id() -> None:
    moments = {next_run([], PAID, key=str(number), last_run_at=NOON, now=NOON).at for number in range(50)}

    assert len(moments) == 50
    assert max(moments) - min(moments) <= timedelta(hours=7.2)


def test_a_read_that_went_well_makes_it_live_and_forgets_its_errors() -> None:
    before = tracking(state=TrackingState.STALE, consecutive_failures=2, error_category=FailureCategory.NETWORK, error_words="x")

    after = succeeded(
        before, next_run([], PAID, key="a", last_run_at=NOON, now=NOON), request_id=UUID(int=9), source="tiktok_web", now=NOON
    )

    assert (after.state, after.consecutive_failures, after.error_category, after.error_words) == (TrackingState.LIVE, 0, None, None)
    assert (after.last_ok_at, after.source, after.request_id) == (NOON, "tiktok_web", UUID(int=9))


@pytest.mark.parametrize("category", FailureCategory)
def test_every_failure_says_what_comes_next(category: FailureCategory) -> None:
    once = failed(tracking(), category, in_words(category), now=NOON, request_id=None)
    thrice = failed(tracking(consecutive_failures=2), category, in_words(category), now=NOON, request_id=None)

    lasting = category in {"not_configured", "private", "invalid_url", "no_scope", "invalid_grant"}
    assert once.state is (TrackingState.FAILING if lasting else TrackingState.STALE)
    assert thrice.state is (TrackingState.GONE if category == "not_found" else TrackingState.FAILING)
    assert once.next_run_at is not None
    assert once.next_run_at >= NOON + HOUR
    assert ERRORS[category] in (once.error_words or "")
    assert "tried again at" in what_next(once, now=NOON) if thrice.next_run_at else "not read any more" in what_next(thrice, now=NOON)


def test_waiting_grows_with_failures_and_keeps_to_what_we_were_told() -> None:
    waits = [failed(tracking(consecutive_failures=number), FailureCategory.NETWORK, "", now=NOON, request_id=None) for number in range(12)]
    told = failed(tracking(), FailureCategory.RATE_LIMIT, "", now=NOON, request_id=None, not_before=NOON + 9 * HOUR)

    moments = [each.next_run_at - NOON for each in waits if each.next_run_at]
    assert moments[-1] > moments[5] > moments[0]
    assert max(moments) <= 1.1 * DAY
    assert told.next_run_at == NOON + 9 * HOUR


def test_who_could_not_be_asked_has_not_failed() -> None:
    after = postponed(tracking(), FailureCategory.QUOTA, "used up", until=NOON + HOUR, request_id=None)

    assert (after.state, after.consecutive_failures) == (TrackingState.STALE, 0)
    assert after.next_run_at is not None
    assert NOON + HOUR <= after.next_run_at <= NOON + 2 * HOUR
    assert postponed(tracking(state=TrackingState.PENDING), FailureCategory.QUOTA, "", until=NOON, request_id=None).state == "pending"


@pytest.mark.parametrize(
    ("posts", "declared", "watermark", "empty"),
    [(0, None, None, False), (0, 0, None, False), (0, 4, None, True), (0, None, NOON, True), (0, 0, NOON, True), (3, None, NOON, False)],
)
def test_no_posts_are_an_answer_only_of_an_account_that_has_none(
    posts: int, declared: int | None, watermark: datetime | None, empty: bool
) -> None:
    assert is_empty(posts=posts, declared_videos=declared, watermark=watermark) is empty


@pytest.mark.parametrize(
    ("before", "watermark", "read", "after"),
    [
        (None, None, -9, -9),
        (-9, -3, -4, -9),  # overlaps: the census goes on
        (-9, -3, -2, -2),  # a gap: it starts anew
        (-4, -3, -9, -9),  # reaches further back than any before
        (-9, -3, None, -9),
    ],
)
def test_a_census_goes_on_where_reads_overlap(before: int | None, watermark: int | None, read: int | None, after: int | None) -> None:
    moments = [None if days is None else NOON + timedelta(days=days) for days in (before, watermark, read, after)]

    assert complete_after(tracking(complete_since=moments[0], watermark=moments[1]), moments[2]) == moments[3]


def group(tenant: int, platform: str, minutes: int = 0) -> DueGroup:
    return DueGroup(UUID(int=tenant), platform, 1, NOON + timedelta(minutes=minutes))


def planned(groups: list[DueGroup], *, limit: int, live: Sequence[tuple[int, str]] = ()) -> list[tuple[int, str]]:
    claims = frozenset((UUID(int=tenant), platform) for tenant, platform in live)
    return [(each.tenant_id.int, each.platform) for each in plan_due(groups, open_claims=claims, limit=limit)]


def test_every_tenant_has_a_turn_before_any_has_two() -> None:
    greedy = [group(1, platform, minutes) for minutes, platform in enumerate(("tiktok", "youtube", "x", "instagram"))]

    assert planned([*greedy, group(2, "tiktok", 60)], limit=2) == [(1, "tiktok"), (2, "tiktok")]
    assert planned([*greedy, group(2, "tiktok", 60)], limit=4, live=[(1, "tiktok")]) == [(2, "tiktok"), (1, "youtube"), (1, "x")]


def test_what_is_open_is_not_asked_for_again_and_counts() -> None:
    assert planned([group(1, "x")], limit=5, live=[(1, "x")]) == []
    assert planned([group(1, "x")], limit=1, live=[(2, "tiktok")]) == []


def test_one_platform_does_not_take_every_place() -> None:
    waiting = [group(tenant, "youtube", tenant) for tenant in range(1, 6)] + [group(9, "x", 99)]

    assert planned(waiting, limit=4) == [(1, "youtube"), (2, "youtube"), (9, "x")]
    assert PER_PLATFORM == 2


@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["tiktok", "x"]), st.integers(0, 99)), max_size=12, unique_by=lambda t: t[:2]),
    st.integers(0, 6),
)
def test_a_plan_never_asks_twice_or_too_much(groups: list[tuple[int, str, int]], limit: int) -> None:
    chosen = planned([group(*each) for each in groups], limit=limit)

    assert len(chosen) == len(set(chosen)) <= limit
