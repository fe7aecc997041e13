"""Unit economics: what a clip, a video, an analysis, a production costs us, and what a plan leaves. Pure; USD, days of UTC.

A cost is what outside calls were charged (the ledger) and what our machines took, which is an estimate (`domain.prices`).
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType

from domain import prices
from domain.plans import own_usd
from domain.prices import Own
from domain.revenue import RevenueDay

_NOTHING = Decimal(0)
_EXACT, _SHARE, _CENTS = Decimal("1e-10"), Decimal("0.0001"), Decimal("0.01")


class Unit(StrEnum):
    """`read`: a paid call for tracking, adding and syncing, that is for no unit of another kind. `account`: tracked at the end of the day.

    `video`: one that came in and was heard. `request`: an asked piece of work, a link or a search that is none of the others.
    """

    CLIP = "clip"
    VIDEO = "video"
    IMPORT = "import"
    ANALYSIS = "analysis"
    PRODUCTION = "production"
    READ = "read"
    REQUEST = "request"
    ACCOUNT = "account"


OF_METER: Mapping[str, Unit] = MappingProxyType({
    "clips_per_day": Unit.CLIP, "media_per_day": Unit.VIDEO, "imports_per_day": Unit.IMPORT, "requests_per_day": Unit.REQUEST,
    "urls_per_day": Unit.REQUEST, "searches_per_day": Unit.REQUEST,
})  # fmt: skip
# By what outside calls were for: a kind of request, or `production`. All else is read.
OF_KIND: Mapping[str, Unit] = MappingProxyType({
    "clip": Unit.CLIP, "clips": Unit.CLIP, "suggest": Unit.VIDEO, "media": Unit.VIDEO, "import": Unit.IMPORT, "insights": Unit.ANALYSIS,
    "deep": Unit.ANALYSIS, "causal": Unit.ANALYSIS, "production": Unit.PRODUCTION,
})  # fmt: skip
ANALYSES = ("insights", "deep", "causal")
ANALYSIS_JOBS = ("publish_insights", "deep_analysis", "causal_analysis")
ACCOUNTS = "trackings"


@dataclass(frozen=True, slots=True)
class Used:
    """Of a meter, on a plan and day, given back ones left out."""

    day: date
    plan: str
    meter: str
    units: int


@dataclass(frozen=True, slots=True)
class Charged:
    """Outside calls that were for one kind of work. `units`: how many productions or calls."""

    day: date
    plan: str
    kind: str
    units: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Analysed:
    """Analyses that were asked for and not given back (each of them also counts as a request), and others that succeeded."""

    day: date
    plan: str
    asked: int
    scheduled: int


@dataclass(frozen=True, slots=True)
class UnitDay:
    """So many units on a plan and UTC day, and what they cost."""

    day: date
    plan: str
    unit: Unit
    units: int
    outside_usd: Decimal
    own_usd: Decimal


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Of all days and plans of a report. `each_usd` None: there was no unit to share the cost."""

    unit: Unit
    units: int
    outside_usd: Decimal
    own_usd: Decimal
    each_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class PlanMargin:
    """What a plan brought in these days by its MRR, in USD, and what is left of it. `margin` None: it brought nothing."""

    plan: str
    revenue_usd: Decimal
    cost_usd: Decimal
    fees_usd: Decimal
    margin: Decimal | None


def unit_days(used: Iterable[Used], charged: Iterable[Charged], analysed: Iterable[Analysed]) -> list[UnitDay]:
    """A row per plan, day and unit that had something. Raises NoPrice."""
    found: dict[tuple[date, str, Unit], list[Decimal]] = {}

    def add(day: date, plan: str, unit: Unit, *figures: Decimal | int) -> None:
        row = found.setdefault((day, plan, unit), [_NOTHING] * 3)
        row[:] = [old + new for old, new in zip(row, figures, strict=True)]

    for each in used:
        unit = Unit.ACCOUNT if each.meter == ACCOUNTS else OF_METER.get(each.meter)
        if unit is not None:
            add(each.day, each.plan, unit, each.units, _NOTHING, machines_usd(each.meter, each.units, on=each.day))
    for call in charged:
        unit = OF_KIND.get(call.kind, Unit.READ)
        add(call.day, call.plan, unit, call.units if unit in (Unit.READ, Unit.PRODUCTION) else 0, call.usd, _NOTHING)
    for made in analysed:
        of_one = prices.unit_usd(Own.REQUEST, on=made.day)
        done = made.asked + made.scheduled
        add(made.day, made.plan, Unit.ANALYSIS, done, _NOTHING, of_one * done)
        add(made.day, made.plan, Unit.REQUEST, -made.asked, _NOTHING, -of_one * made.asked)
    rows = (UnitDay(*key, int(units), outside, own) for key, (units, outside, own) in sorted(found.items()))
    return [each for each in rows if each.units or each.outside_usd or each.own_usd]


def machines_usd(meter: str, units: int, *, on: date) -> Decimal:
    """What units of a meter took of our machines on a day; of what is paid for by the month (accounts), that day's part. Raises NoPrice."""
    whole = own_usd(meter, on=on) * units
    return (whole / _days_of(on)).quantize(_EXACT, ROUND_HALF_EVEN) if meter == ACCOUNTS else whole


def unit_costs(days: Iterable[UnitDay]) -> list[UnitCost]:
    """In the order of `Unit`; units that did not occur are left out."""
    found: dict[Unit, list[Decimal]] = {}
    for each in days:
        row = found.setdefault(each.unit, [_NOTHING] * 3)
        row[:] = [row[0] + each.units, row[1] + each.outside_usd, row[2] + each.own_usd]
    return [_cost(unit, *found[unit]) for unit in Unit if unit in found]


def margins(days: Sequence[UnitDay], revenue: Sequence[RevenueDay]) -> list[PlanMargin]:
    """Each day brings its part of the month's price; payments cost their list price. Revenue in another currency than USD is left out."""
    plans = sorted({each.plan for each in days} | {each.plan for each in revenue})
    return [_margin(plan, [d for d in days if d.plan == plan], [r for r in revenue if r.plan == plan]) for plan in plans]


def _margin(plan: str, days: Sequence[UnitDay], revenue: Sequence[RevenueDay]) -> PlanMargin:
    brought = fees = _NOTHING
    for each in revenue:
        if each.currency == "usd":
            part = Decimal(each.mrr_cents) / 100 / _days_of(each.day)
            brought += part
            fees += part * prices.unit_usd(Own.PAYMENT_SHARE, on=each.day)
            fees += prices.unit_usd(Own.PAYMENT, on=each.day) * each.subscribers / _days_of(each.day)
    cost = sum((each.outside_usd + each.own_usd for each in days), _NOTHING)
    left = (1 - (cost + fees) / brought).quantize(_SHARE, ROUND_HALF_EVEN) if brought else None
    return PlanMargin(plan, brought.quantize(_CENTS), cost, fees.quantize(_CENTS), left)


def _cost(unit: Unit, units: Decimal, outside: Decimal, own: Decimal) -> UnitCost:
    each = ((outside + own) / units).quantize(_EXACT, ROUND_HALF_EVEN) if units > 0 else None
    return UnitCost(unit, int(units), outside, own, each)


def _days_of(day: date) -> int:
    """How many days its month has."""
    return calendar.monthrange(day.year, day.month)[1]
