"""Making the deployment's figures about money: which days, read, computed, written in one transaction. The rules are in `domain`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.revenue import RevenueDay, Steps, broken, revenue, steps
from domain.unit_costs import unit_days
from domain.usage import utc_day
from store.database import Database
from store.figures_system import SystemFigures
from store.work import SystemWork

# So many days are made again each time: what was read late of a provider, or settled late, is in them.
WINDOW = timedelta(days=40)
# What was written so shortly before is not missed yet.
PATIENCE = timedelta(hours=26)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Made:
    """Days from `since` to `until`, both counted; `changed` rows were not so before, of `rows` that there are."""

    since: date
    until: date
    changed: int
    rows: int


def make_revenue(database: Database, *, now: datetime, is_full: bool = False) -> Made:
    """The days that are over; of an older one nothing changes, as changes are never rewritten."""
    yesterday = utc_day(now) - _DAY
    with database.begin_system() as system:
        days = revenue(_workspaces(system), until=yesterday)
        since = _since(system.figures.last_day("revenue_days"), yesterday, days[0].day if days else None, is_full=is_full)
        wanted = [each for each in days if each.day >= since]
        changed = system.figures.put_revenue(wanted, since=since, until=yesterday)
    return Made(since, yesterday, changed, len(wanted))


def make_cash(database: Database, *, now: datetime) -> Made:
    """All days, today among them: a payment may be told of at any time."""
    today = utc_day(now)
    with database.begin_system() as system:
        changed = system.figures.put_cash(since=date.min, until=today + _DAY, now=now)
    return Made(date.min, today, changed, changed)


def make_units(database: Database, *, now: datetime, is_full: bool = False) -> Made:
    """The days that are over, and older ones whose costs became known late. Raises NoPrice."""
    yesterday = utc_day(now) - _DAY
    with database.begin_system() as system:
        figures = system.figures
        since = _since(figures.last_day("unit_days"), yesterday, figures.first_day(), is_full=is_full)
        late = figures.units_off(today=since, before=now)
        made = [_units(figures, *span) for span in (*((day, day) for day in late), (since, yesterday))]
    return Made(since, yesterday, sum(changed for changed, _ in made), sum(rows for _, rows in made))


def broken_revenue(database: Database) -> list[RevenueDay]:
    """Rows that do not follow from the day before, or are not what the changes come to."""
    with database.begin_system() as system:
        stored = system.figures.revenue(since=date.min, until=date.max)
        last = max((each.day for each in stored), default=date.min)
        made = set(revenue(_workspaces(system), until=last))
    first = min((each.day for each in stored), default=date.max)
    return broken(stored) + sorted(
        made.symmetric_difference(stored) - {each for each in made if each.day < first},
        key=lambda each: (each.day, each.plan, each.currency),
    )


def _units(figures: SystemFigures, since: date, until: date) -> tuple[int, int]:
    """How many rows were not so before, and how many there are."""
    span = {"since": since, "until": until}
    days = unit_days(figures.used(**span), figures.charged(**span), figures.analysed(**span))
    return figures.put_units(days, **span), len(days)


def _workspaces(system: SystemWork) -> Iterator[Steps]:
    return (steps(changes, gone_at=gone_at) for changes, gone_at in system.figures.changes())


def _since(last: date | None, yesterday: date, first: date | None, *, is_full: bool) -> date:
    """From where on: the first day there is where nothing was made yet, else the window, without a gap."""
    begun = min(first or yesterday, yesterday)
    if is_full or last is None:
        return begun
    return max(begun, min(yesterday - WINDOW, last + _DAY))
