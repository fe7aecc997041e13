"""Examples of plans, usage and costs."""

from datetime import UTC, date, datetime
from uuid import UUID

from api.costs import BreakdownOut, CostOut, CostRowOut, CostSummaryOut, ForecastOut
from api.examples.shape import CURSOR, USER, Example
from api.pages import Page
from api.plans import LimitOut, PlanOut, PlanPriceOut, PlansOut
from api.usage import DayUseOut, HistoryOut, LimitsOut, MeterLimitOut, MeterOut, PartOut, UsageOut

_DAY, _SINCE = date(2026, 11, 10), date(2026, 11, 4)
_NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)

EXAMPLES = {
    "GET /billing/plans": Example(PlansOut(items=[
        PlanOut(
            plan="starter", title="Starter", features=["clips without a watermark"],
            limits={"clips_per_day": LimitOut(limit=100, period="day", per_user=None, per_platform=None)},
            prices=[PlanPriceOut(lookup_key="starter_monthly", cents=3900, currency="usd", interval="month")],
            day_usd="2.00", month_usd="6.00",
        ),
    ])),
    "GET /me/usage": Example(UsageOut(as_of=_NOON, plan="free", status="active", items=[
        MeterOut(
            meter="clips_per_day", period="day", limit=50, used=12, remaining=38, resets_at=datetime(2026, 11, 11, tzinfo=UTC),
            upgrade="starter", parts=[PartOut(part=f"user:{USER}", used=12)],
        ),
    ])),
    "GET /me/usage/limits": Example(LimitsOut(plan="free", status="active", day_usd="1.00", month_usd="5.00", items=[
        MeterLimitOut(meter="clips_per_day", period="day", limit=50, per_user=None, per_platform=None, upgrade="starter"),
    ])),
    "GET /me/usage/history": Example(HistoryOut(since=_SINCE, until=_DAY, items=[
        DayUseOut(day=_DAY, meter="clips_per_day", platform=None, used=12, operations=12),
    ])),
    "GET /costs/summary": Example(CostSummaryOut(
        day=_DAY, total_usd="0.27", day_cap_usd="2.00", month_usd="1.415", month_cap_usd="6.00", remaining_usd="1.73",
        by_service={"brightdata": "0.27"}, production_usd="2.00", videos_remaining=0,
        forecast=ForecastOut(n_days=6, daily_usd="0.14", month_usd="4.215", month_cap_usd="6.00", cap_on=None),
    )),
    "GET /costs": Example(Page(
        items=[CostOut(
            operation="fetch:01931c00-0000-7000-8000-0000000000f1", service="brightdata", state="committed", cost_usd="0.0285",
            reserved_usd="0.03", day=_DAY, created_at=_NOON, ended_at=datetime(2026, 11, 10, 12, 0, 9, tzinfo=UTC),
            subject="brightdata", production=None, request_id=UUID("01931c00-0000-7000-8000-0000000000f2"), user_id=USER,
        )],
        next_cursor=CURSOR, has_more=True,
    )),
    "GET /costs/breakdown": Example(BreakdownOut(by="service", since=_SINCE, until=_DAY, items=[
        CostRowOut(name="brightdata", operations=18, total_usd="0.27", mean_usd="0.015", max_usd="0.03", unknown=0),
    ])),
}  # fmt: skip
