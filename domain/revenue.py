"""Monthly recurring revenue (MRR), day by day, from the changes of what workspaces have. Pure; amounts are whole cents of a currency.

MRR of a day is what holds when that UTC day ends. A year's price counts as a twelfth, a trial as nothing, what is to end until it ends, an
overdue payment until its grace is over. Changes are append-only, so a day that is made again later comes out the same.
Of a workspace with several subscriptions the one that it stands at counts (`domain.billing.standing`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from domain.billing.states import SubscriptionState
from domain.usage import utc_day

_S = SubscriptionState
_PAYS = frozenset({_S.ACTIVE, _S.CANCELING, _S.FAILED})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """What a workspace has from a moment on."""

    tenant_id: UUID
    changed_at: datetime
    plan: str
    status: SubscriptionState
    month_cents: int
    currency: str | None
    grace_until: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a workspace brings in a month."""

    plan: str
    currency: str
    cents: int

    @property
    def key(self) -> tuple[str, str]:
        return self.plan, self.currency


# From which day's end on a workspace is worth how much, until the next step; None: nothing.
Steps: TypeAlias = Mapping[date, Worth | None]


@dataclass(frozen=True, slots=True)
class RevenueDay:
    """A plan in a currency at the end of a UTC day, and what came and went on that day.

    `mrr = mrr of the day before + new + expansion + reactivated + moved_in - contraction - churned - moved_out`, exactly; the same holds
    for `subscribers`. `moved`: what a workspace brought along to another plan (or currency); more or less than that is expansion or
    contraction.
    """

    day: date
    plan: str
    currency: str
    mrr_cents: int = 0
    new_cents: int = 0
    expansion_cents: int = 0
    reactivated_cents: int = 0
    moved_in_cents: int = 0
    contraction_cents: int = 0
    churned_cents: int = 0
    moved_out_cents: int = 0
    subscribers: int = 0
    new_subscribers: int = 0
    reactivated_subscribers: int = 0
    moved_in_subscribers: int = 0
    churned_subscribers: int = 0
    moved_out_subscribers: int = 0

    @property
    def gained_cents(self) -> int:
        came = self.new_cents + self.expansion_cents + self.reactivated_cents + self.moved_in_cents
        return came - self.contraction_cents - self.churned_cents - self.moved_out_cents

    @property
    def gained_subscribers(self) -> int:
        came = self.new_subscribers + self.reactivated_subscribers + self.moved_in_subscribers
        return came - self.churned_subscribers - self.moved_out_subscribers


FIGURES = tuple(each.name for each in fields(RevenueDay))[3:]
_Flows: TypeAlias = dict[tuple[str, str], dict[str, int]]


def worth(change: Change) -> tuple[Worth | None, datetime | None]:
    """What it brings in a month, and until when where that is known beforehand."""
    if change.status not in _PAYS or change.month_cents == 0 or change.currency is None:
        return None, None
    found = Worth(change.plan, change.currency, change.month_cents)
    if change.status is _S.FAILED:
        return (found, change.grace_until) if change.grace_until else (None, None)
    return found, change.ends_at


def steps(changes: Sequence[Change], *, gone_at: datetime | None = None) -> Steps:
    """One workspace's, from its changes in the order in which they were made. `gone_at`: when it was erased."""
    last = {utc_day(each.changed_at): each for each in changes}
    days, found = sorted(last), dict[date, Worth | None]()
    for day, following in zip(days, [*days, date.max][1:], strict=True):
        found[day], until = worth(last[day])
        over = max(day, utc_day(until)) if until else date.max
        if over < following:
            found[over] = None
    if gone_at is not None:
        found = {day: each for day, each in found.items() if day < utc_day(gone_at)} | {utc_day(gone_at): None}
    return found


def revenue(workspaces: Iterable[Steps], *, until: date) -> list[RevenueDay]:
    """Every day from the first change to `until`, itself counted: a row per plan and currency that had something. Oldest first."""
    flows = _flows(workspaces)
    standing: dict[tuple[str, str], tuple[int, int]] = {}
    made, day = [], min(flows, default=until + _DAY)
    while day <= until:
        came = flows.get(day, {})
        for key in sorted(standing.keys() | came.keys()):
            cents, subscribers = standing.get(key, (0, 0))
            moved = RevenueDay(day=day, plan=key[0], currency=key[1], **came.get(key, {}))
            now = cents + moved.gained_cents, subscribers + moved.gained_subscribers
            made.append(replace(moved, mrr_cents=now[0], subscribers=now[1]))
            standing[key] = now
        standing = {key: each for key, each in standing.items() if each != (0, 0)}
        day += _DAY
    return made


def broken(days: Sequence[RevenueDay]) -> list[RevenueDay]:
    """The rows that do not follow from the day before: of all plans and currencies, without gaps from the first row's day on."""
    known = {(each.day, each.plan, each.currency): each for each in days}
    first, last = min((each.day for each in days), default=date.max), max((each.day for each in days), default=date.max)
    found = [each for each in days if each.day > first and not _follows(known.get((each.day - _DAY, each.plan, each.currency)), each)]
    # What stood on a day and has no row on the next went without a word.
    return found + [
        each for each in days
        if each.day < last and each.mrr_cents and (each.day + _DAY, each.plan, each.currency) not in known
    ]  # fmt: skip


def _follows(before: RevenueDay | None, now: RevenueDay) -> bool:
    cents, subscribers = (before.mrr_cents, before.subscribers) if before else (0, 0)
    return now.mrr_cents == cents + now.gained_cents and now.subscribers == subscribers + now.gained_subscribers


def _flows(workspaces: Iterable[Steps]) -> dict[date, _Flows]:
    found: dict[date, _Flows] = {}
    for each in workspaces:
        before, is_known = None, False
        for day in sorted(each):
            after = each[day]
            for key, figure, n in _moved(before, after, is_known=is_known):
                row = found.setdefault(day, {}).setdefault(key, defaultdict(int))
                row[figure] += n
            before, is_known = after, is_known or after is not None
    return found


def _moved(before: Worth | None, after: Worth | None, *, is_known: bool) -> Iterable[tuple[tuple[str, str], str, int]]:
    """What one workspace's step adds to which figure of which plan."""
    if before is None and after is not None:
        word = "reactivated" if is_known else "new"
        yield from ((after.key, f"{word}_cents", after.cents), (after.key, f"{word}_subscribers", 1))
    elif before is not None and after is None:
        yield from ((before.key, "churned_cents", before.cents), (before.key, "churned_subscribers", 1))
    elif before is not None and after is not None:
        yield from _changed(before, after)


def _changed(before: Worth, after: Worth) -> Iterable[tuple[tuple[str, str], str, int]]:
    if before.key != after.key:
        yield from ((before.key, "moved_out_subscribers", 1), (after.key, "moved_in_subscribers", 1))
    if before.currency != after.currency:
        yield from ((before.key, "moved_out_cents", before.cents), (after.key, "moved_in_cents", after.cents))
        return
    if before.plan != after.plan:
        along = min(before.cents, after.cents)
        yield from ((before.key, "moved_out_cents", along), (after.key, "moved_in_cents", along))
    if after.cents > before.cents:
        yield after.key, "expansion_cents", after.cents - before.cents
    if after.cents < before.cents:
        yield before.key, "contraction_cents", before.cents - after.cents
