"""Revenue, and what units and plans cost: of days that are over, and MRR as it stands now. How they are made is in `domain.revenue`."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from litestar import Controller, get
from litestar.di import NamedDependency

from api.admin.door import Administering, known_admin, told
from api.admin.figures import Since, Until
from api.admin.money_shapes import (
    CashOut,
    ChurnOut,
    MrrOut,
    PlanMarginOut,
    PlanRevenueOut,
    RevenueDayOut,
    RevenueOut,
    UnitCostOut,
    UnitEconomicsOut,
    share,
)
from api.admin.shapes import usd
from api.security import BEARER
from domain.admin_rules import checked_days
from domain.churn import Churn, by_day, by_plan, churn, standing_now
from domain.unit_costs import PlanMargin, UnitCost, margins, unit_costs

_DAY = timedelta(days=1)


class RevenueController(Controller):
    """What comes in, and what it costs."""

    path = "/admin"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/revenue", sync_to_thread=True)
    def revenue(self, admin: NamedDependency[Administering], since: Since = None, until: Until = None) -> RevenueOut:
        """MRR now and by day, what came and went, by plan, churn, and what was paid and given back."""
        now = datetime.now(UTC)
        first, last = checked_days(since, until, today=now.date())
        with admin.begin() as work:
            found, changes, cash = work.revenue(since=first - _DAY, until=last), work.changes(), work.cash(since=first, until=last)
        rows = [each for each in found if each.day >= first]
        newest = max((each.day for each in rows), default=None)
        return RevenueOut(
            as_of=now, since=first, until=last, last_day=newest, cash=[told(CashOut, each) for each in cash],
            now=[told(MrrOut, each) for each in standing_now(changes, now=now)], churn=[_churn(each) for each in churn(found, since=first)],
            days=[told(RevenueDayOut, each) for each in by_day(rows)],
            plans=[told(PlanRevenueOut, each) for each in by_plan(rows, on=newest)] if newest else [],
        )  # fmt: skip

    @get("/unit-economics", sync_to_thread=True)
    def unit_economics(self, admin: NamedDependency[Administering], since: Since = None, until: Until = None) -> UnitEconomicsOut:
        """What a clip, a video, an analysis, a production or an import costs us, and what each plan leaves at real use."""
        first, last = checked_days(since, until, today=datetime.now(UTC).date())
        with admin.begin() as work:
            units, revenue = work.units(since=first, until=last), work.revenue(since=first, until=last)
        newest: date | None = max([each.day for each in units] + [each.day for each in revenue], default=None)
        return UnitEconomicsOut(
            since=first, until=last, last_day=newest, units=[_unit(each) for each in unit_costs(units)],
            plans=[_plan(each) for each in margins(units, revenue)],
        )  # fmt: skip


def _churn(found: Churn) -> ChurnOut:
    shares = {name: share(getattr(found, name)) for name in ("subscribers_share", "gross_share", "net_share")}
    return ChurnOut(**{**asdict(found), **shares})


def _unit(found: UnitCost) -> UnitCostOut:
    return UnitCostOut(
        unit=found.unit, units=found.units, outside_usd=usd(found.outside_usd), own_usd=usd(found.own_usd),
        each_usd=None if found.each_usd is None else usd(found.each_usd),
    )  # fmt: skip


def _plan(found: PlanMargin) -> PlanMarginOut:
    return PlanMarginOut(
        plan=found.plan, revenue_usd=usd(found.revenue_usd), cost_usd=usd(found.cost_usd), fees_usd=usd(found.fees_usd),
        margin=share(found.margin),
    )  # fmt: skip
