"""Tracked accounts: their states, when each is read next and why, and what a read changes. Keeping them is in `store.trackings`.

New posts are observed at fixed ages, for scores need the young part of a curve; old ones rarely. A read observes every post that it brings,
so what matters of a post is only when it was observed last.
"""

import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from uuid import UUID

from domain.errors import FailureCategory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TrackingState(StrEnum):
    """`stale`: the last read failed or was empty, so what is known gets old. `gone`: the platform says that it is not there."""

    PENDING = "pending"
    LIVE = "live"
    STALE = "stale"
    FAILING = "failing"
    PAUSED = "paused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a plan reads an account: `look` for new posts, and never more often than `floor`."""

    look: timedelta
    floor: timedelta


# By the plan's name; a plan that is not named here was paid for.
CADENCES: Mapping[str, Cadence] = MappingProxyType({"free": Cadence(look=DAY, floor=HOUR)})
PAID = Cadence(look=6 * HOUR, floor=timedelta(minutes=20))
# Due work is looked for so often.
TICK = timedelta(minutes=5)
# The ages at which a new post is observed, each +-25 %.
AGES = tuple(HOUR * hours for hours in (1, 3, 6, 12, 24)) + tuple(DAY * days for days in (2, 3, 5, 7, 14, 30))
TOLERANCE = 0.25
# After the last of them: often enough that what a platform wants refreshed within 30 days is.
OLD_EVERY, OLD_TOLERANCE = 20 * DAY, 4 * DAY
# An account that rarely posts is looked at less often, up to this.
SLOWEST_LOOK = 3 * DAY
FAILING_AFTER = GONE_AFTER = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """A known post of an account, and when it was observed last."""

    external_id: str
    posted_at: datetime
    observed_at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Tracking:
    """A tenant follows an account. `watermark` is the newest post that is known; since `complete_since` every public post is.

    `request_id` names the last request that finished it: within that one it is not read again.
    """

    account_id: UUID
    platform: str
    state: TrackingState
    created_at: datetime
    next_run_at: datetime | None
    next_reason: str = "first_read"
    floor_seconds: int = 3600
    last_run_at: datetime | None = None
    last_ok_at: datetime | None = None
    error_category: FailureCategory | None = None
    error_words: str | None = None
    consecutive_failures: int = 0
    watermark: datetime | None = None
    complete_since: datetime | None = None
    is_pushed: bool = False
    source: str | None = None
    request_id: UUID | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """When an account is read next, and what for: `look` for new posts, `observe` a post of a certain age."""

    at: datetime
    reason: str


def cadence_of(plan: str | None) -> Cadence:
    return CADENCES.get(plan or "free", PAID)


def ages(cadence: Cadence) -> tuple[timedelta, ...]:
    """The ages that a plan can keep: the window of each must leave room for its floor and a tick."""
    return tuple(age for age in AGES if 2 * TOLERANCE * age >= cadence.floor + TICK)


def window(post: Watched, cadence: Cadence, *, now: datetime) -> tuple[datetime, datetime]:
    """The next span in which the post is to be observed: the first that its last observation came before and that is not over."""
    seen, age = post.observed_at - post.posted_at, now - post.posted_at
    for each in ages(cadence):
        half = TOLERANCE * each
        if each - half > seen and each + half > age:
            return post.posted_at + each - half, post.posted_at + each + half
    return _old_window(post, seen, age)


def _old_window(post: Watched, seen: timedelta, age: timedelta) -> tuple[datetime, datetime]:
    past = max(seen + OLD_TOLERANCE, age - OLD_TOLERANCE, AGES[-1]) - AGES[-1]
    middle = AGES[-1] + OLD_EVERY * (past // OLD_EVERY + 1)
    return post.posted_at + middle - OLD_TOLERANCE, post.posted_at + middle + OLD_TOLERANCE


def next_run(
    posts: Sequence[Watched], cadence: Cadence, *, key: str, last_run_at: datetime, now: datetime, is_pushed: bool = False
) -> Wanted:
    """The earliest wanted observation, or the next look for new posts; never before the floor."""
    looks = [last_run_at + _moved(look_every(posts, cadence, now=now, is_pushed=is_pushed), key, 0.1)]
    observations = [moment(post, cadence, now=now) for post in posts]
    at = min(looks + observations)
    return Wanted(max(at, last_run_at + cadence.floor), "look" if at == looks[0] else "observe")


def moment(post: Watched, cadence: Cadence, *, now: datetime) -> datetime:
    """When within its window a post is wanted: near the middle, by its id, so that not all are wanted at once."""
    opens, closes = window(post, cadence, now=now)
    half = (closes - opens) / 2
    return opens + half + half * 0.4 * _chance(f"{post.external_id}:{half}")


def open_now(posts: Iterable[Watched], cadence: Cadence, *, now: datetime) -> list[Watched]:
    """The posts whose window has come: a read now observes them in time."""
    return [post for post in posts if window(post, cadence, now=now)[0] <= now]


def look_every(posts: Sequence[Watched], cadence: Cadence, *, now: datetime, is_pushed: bool = False) -> timedelta:
    """Half of what usually lies between two posts, within the plan's bounds. Where new posts are pushed to us, looking is only the net."""
    newest = sorted((post.posted_at for post in posts), reverse=True)[:10]
    gaps = [(later - earlier) / timedelta(seconds=1) for later, earlier in pairwise(newest)]
    usual = timedelta(seconds=statistics.median(gaps)) if gaps else SLOWEST_LOOK
    silence = now - newest[0] if newest else SLOWEST_LOOK
    least = max(cadence.look, DAY) if is_pushed else cadence.look
    return min(max(max(usual, silence) / 2, least), max(SLOWEST_LOOK, least))


def succeeded(tracking: Tracking, wanted: Wanted, *, request_id: UUID | None, source: str, now: datetime) -> Tracking:
    """A read came back whole."""
    return replace(
        tracking, state=TrackingState.LIVE, last_run_at=now, last_ok_at=now, error_category=None, error_words=None,
        consecutive_failures=0, next_run_at=wanted.at, next_reason=wanted.reason, request_id=request_id, source=source,
    )  # fmt: skip


def failed(
    tracking: Tracking, category: FailureCategory, words: str, *, now: datetime, request_id: UUID | None, not_before: datetime | None = None
) -> Tracking:
    """A read failed, or was empty: nothing that was known is touched, and another try comes later each time."""
    failures = tracking.consecutive_failures + 1
    is_gone = category is FailureCategory.NOT_FOUND and failures >= GONE_AFTER
    wait = max(backoff(category, failures, key=str(tracking.account_id)), timedelta(seconds=tracking.floor_seconds))
    is_failing = failures >= FAILING_AFTER or category in LASTING
    state = TrackingState.GONE if is_gone else TrackingState.FAILING if is_failing else TrackingState.STALE
    return replace(
        tracking, state=state, last_run_at=now, error_category=category, error_words=words, consecutive_failures=failures,
        next_run_at=None if is_gone else max(now + wait, not_before or now), next_reason="retry", request_id=request_id,
    )  # fmt: skip


def postponed(tracking: Tracking, category: FailureCategory, words: str, *, until: datetime, request_id: UUID | None) -> Tracking:
    """Nobody could be asked (a quota is used up, a source rests): the account has not failed, what is known of it gets old."""
    state = TrackingState.STALE if tracking.state is TrackingState.LIVE else tracking.state
    at = until + _moved(5 * TICK, str(tracking.account_id), 1.0)
    return replace(
        tracking, state=state, error_category=category, error_words=words, next_run_at=at, next_reason="retry", request_id=request_id
    )


def paused(tracking: Tracking) -> Tracking:
    """Somebody wants it left alone."""
    return replace(tracking, state=TrackingState.PAUSED, next_run_at=None)


def resumed(tracking: Tracking, *, now: datetime) -> Tracking:
    """Due at once, with a fresh start; what was read before is known still, and got old."""
    was_read = tracking.last_ok_at is not None
    return replace(
        tracking, state=TrackingState.STALE if was_read else TrackingState.PENDING, next_run_at=now, request_id=None,
        next_reason="asked" if was_read else "first_read", error_category=None, error_words=None, consecutive_failures=0,
    )  # fmt: skip


# Waiting helps little: somebody has to do something, or the account's owner has.
LASTING = frozenset(
    {
        FailureCategory.NOT_CONFIGURED,
        FailureCategory.PRIVATE,
        FailureCategory.INVALID_URL,
        FailureCategory.NO_SCOPE,
        FailureCategory.INVALID_GRANT,
    }
)
_FIRST_WAIT = {
    FailureCategory.BLOCKED: HOUR,
    FailureCategory.NOT_FOUND: DAY,
    FailureCategory.PRIVATE: DAY,
    FailureCategory.INVALID_URL: DAY,
    FailureCategory.NOT_CONFIGURED: 6 * HOUR,
}


def backoff(category: FailureCategory, failures: int, *, key: str) -> timedelta:
    """Doubles with every failure, up to a day (a week where the account itself is the trouble), and is a little different for each."""
    first = _FIRST_WAIT.get(category, timedelta(minutes=15))
    most = 7 * DAY if first >= DAY else DAY
    return _moved(min(first * 2 ** min(failures - 1, 10), most), f"{key}:{failures}", 0.1)


def is_empty(*, posts: int, declared_videos: int | None, watermark: datetime | None) -> bool:
    """Whether a read without posts is a failure in disguise: the account is known, or says itself, to have some."""
    return posts == 0 and (watermark is not None or bool(declared_videos))


def complete_after(tracking: Tracking, complete_since: datetime | None) -> datetime | None:
    """Since when every post is known, after a read that is complete since then: it goes on where the last one ended, or starts anew."""
    if complete_since is None:
        return tracking.complete_since
    before = tracking.complete_since
    has_gap = before is None or tracking.watermark is None or complete_since > tracking.watermark
    return complete_since if before is None or has_gap else min(before, complete_since)


@dataclass(frozen=True, slots=True)
class DueGroup:
    """What is due of one tenant on one platform."""

    tenant_id: UUID
    platform: str
    accounts: int
    since: datetime


# So many runs read one platform at a time: the limit of its pool in dagster.yaml.
PER_PLATFORM = 2


def plan_due(groups: Iterable[DueGroup], *, open_claims: frozenset[tuple[UUID, str]], limit: int) -> list[DueGroup]:
    """Which groups become requests now: round after round, one per tenant, who waits longest first.

    At most `limit` are open at a time, and of one platform so many as its pool lets run.
    """
    queues: dict[UUID, list[DueGroup]] = {}
    for group in sorted(groups, key=lambda each: (each.since, str(each.tenant_id), each.platform)):
        if (group.tenant_id, group.platform) not in open_claims:
            queues.setdefault(group.tenant_id, []).append(group)
    # A tenant with open work has had its turn in the first rounds.
    had = {tenant: sum(1 for each, _ in open_claims if each == tenant) for tenant in queues}
    chosen: list[DueGroup] = []
    live = Counter(platform for _, platform in open_claims)
    for _, group in sorted(_turns(queues, had), key=lambda turn: turn[0]):
        if len(open_claims) + len(chosen) < limit and live[group.platform] < PER_PLATFORM:
            live[group.platform] += 1
            chosen.append(group)
    return chosen


def _turns(queues: Mapping[UUID, list[DueGroup]], had: Mapping[UUID, int]) -> Iterator[tuple[int, DueGroup]]:
    for tenant, queue in queues.items():
        yield from ((had[tenant] + turn, group) for turn, group in enumerate(queue))


def _moved(span: timedelta, key: str, share: float) -> timedelta:
    """The span, longer by up to a share of it, the same for the same key."""
    return span * (1 + share * abs(_chance(key)))


def _chance(key: str) -> float:
    """A number in [-1, 1) that belongs to the key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**47 - 1
