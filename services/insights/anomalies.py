"""Days unlike an account's own past: views, reactions, followers gained, revenue. What odd is, is decided in `domain.anomalies`.

Nothing is alerted here; each event has the key under which an alert about it is raised once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.insights.kind import Given, Inputs, Made, Reading, ReleaseKind, Section
from store.days import AccountDay
from store.work import UnitOfWork

if TYPE_CHECKING:
    from domain.anomalies import Anomaly, Series

# The sections: events, newest first; and how much was watched.
EVENTS, WATCHED = "events", "watched"
# So far back series are read, and events are told.
READ_DAYS, TOLD_DAYS = timedelta(days=160), timedelta(days=90)
# A series takes 0.02 s to 0.05 s: so many accounts are watched. Those with revenue (own ones) come first, then those known on most days.
MOST_ACCOUNTS = 200
# An account without so many days that are known cannot be judged: the first weeks of a series never are.
LEAST_DAYS = 42
# YouTube's days end at midnight in California, and revenue is whole two days later.
REVENUE_ZONE, REVENUE_DAYS = "America/Los_Angeles", 2
DIGITS = 10


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    first = (reading.as_of - READ_DAYS).date()
    kept = days_kept(uow.days.all(as_of=reading.as_of, first=first))
    return Inputs({"days": kept}, len(kept["account_id"]))


def days_kept(days: Sequence[AccountDay]) -> dict[str, list[Any]]:
    """Days by column, as they are packed."""
    return {name: [_word(getattr(each, name)) for each in days] for name in AccountDay.__dataclass_fields__}


def days_of(kept: Mapping[str, Sequence[Any]]) -> list[AccountDay]:
    """The same, out of the package."""
    rows = zip(*(kept[name] for name in AccountDay.__dataclass_fields__), strict=True)
    return [AccountDay(account, date.fromisoformat(day), *figures) for account, day, *figures in rows]


def _make(given: Given) -> Made:
    from domain.anomalies import anomalies
    from domain.anomalies.series import METHOD_VERSION

    by_account = _by_account(days_of(given.kept["days"]))
    since, chosen = (given.terms.as_of - TOLD_DAYS).date(), _chosen(by_account)
    watched, events, short = dict[str, int](), list[dict[str, Any]](), 0
    for series in (each for account_id in chosen for each in _series(account_id, by_account[account_id])):
        if sum(value is not None for value in series.values) < LEAST_DAYS:
            short += 1
            continue
        watched[series.metric.value] = watched.get(series.metric.value, 0) + 1
        events += [_told(each) for each in anomalies(series, now=given.terms.as_of) if each.last_day >= since]
    events.sort(key=lambda each: (each["last_day"], each["day"], each["dedupe_key"]), reverse=True)
    about = {
        "accounts": len(chosen), "beyond_the_bound": len(by_account) - len(chosen), "series": dict(sorted(watched.items())),
        "too_short": short, "least_days": LEAST_DAYS, "since": since.isoformat(),
    }  # fmt: skip
    return Made(METHOD_VERSION, events, (Section(EVENTS, events), Section(WATCHED, about)))


def _by_account(days: Sequence[AccountDay]) -> dict[str, list[AccountDay]]:
    found: dict[str, list[AccountDay]] = {}
    for each in days:
        found.setdefault(each.account_id, []).append(each)
    return found


def _chosen(by_account: Mapping[str, Sequence[AccountDay]]) -> list[str]:
    """The accounts that are watched, by id."""
    has_revenue = {each: any(day.revenue is not None for day in days) for each, days in by_account.items()}
    return sorted(sorted(by_account, key=lambda each: (not has_revenue[each], -len(by_account[each]), each))[:MOST_ACCOUNTS])


def _series(account_id: str, days: Sequence[AccountDay]) -> "Iterator[Series]":
    """Four series of an account, without those of which nothing is known."""
    from domain.anomalies import Metric, Series, gained

    dates = [each.day for each in days]
    found = {
        Metric.VIEWS: (dates, [each.views for each in days]), Metric.ENGAGEMENT: (dates, [each.reactions for each in days]),
        Metric.FOLLOWERS: gained(dates, [each.followers for each in days]), Metric.REVENUE: (dates, [each.revenue for each in days]),
    }  # fmt: skip
    for metric, (at, values) in found.items():
        if any(value is not None for value in values):
            zone, lag = (REVENUE_ZONE, REVENUE_DAYS) if metric is Metric.REVENUE else ("UTC", None)
            yield Series(metric, account_id, at, values, zone, lag)


def _told(event: "Anomaly") -> dict[str, Any]:
    figures = {name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else _word(value) for name, value in asdict(event).items()}
    return {**figures, "dedupe_key": event.dedupe_key}


def _word(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


ANOMALIES = ReleaseKind("anomalies", _read, _make)
