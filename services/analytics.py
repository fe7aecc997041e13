"""Figures that need more than one read: the overview with its two comparisons. Formulas are in `domain.analytics`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.analytics import Totals, Window, change, window
from store.analytics import Scope
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Overview:
    """A window against the one before it, like for like and as everybody does it.

    `preceding` stands as it was seen when it was as old as the window is now; `preceding_now` stands as it is seen now.
    """

    window: Window
    totals: Totals
    preceding: Totals
    preceding_now: Totals
    change: dict[str, float | None]
    naive_change: dict[str, float | None]


def overview(uow: UnitOfWork, scope: Scope, *, days: int, until: datetime) -> Overview:
    """The last `days` days until a moment, and what changed against the days before them."""
    current = window(until, days)
    earlier = replace(scope, as_of=until - timedelta(days=days))
    totals = uow.analytics.totals(scope, current)
    then, now = uow.analytics.totals(earlier, current.preceding()), uow.analytics.totals(scope, current.preceding())
    return Overview(current, totals, then, now, change(totals, then), change(totals, now))
