"""How everything is, what the outside cost, what was used. Revenue is in `api.admin.revenue`."""

import platform
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.admin.door import Administering, known_admin, told
from api.admin.money_shapes import CapOut, CostSumOut, OutlookOut
from api.admin.shapes import CallsOut, CostsOut, CountOut, MeterUseOut, QuotaOut, SpendingOut, StatusOut, UsageOut, usd
from api.health import files_state
from api.security import BEARER
from domain.admin import SumBy
from domain.admin_rules import checked_days
from domain.costs import MEAN_DAYS, outlook
from domain.ports import FilePort, Pulse

WEEK = timedelta(days=MEAN_DAYS)

Since = Annotated[date | None, QueryParameter(description="the first UTC day; 30 days before `until` where unset")]
By = Annotated[SumBy, QueryParameter(description="what is summed")]
Until = Annotated[date | None, QueryParameter(description="the day after the last; tomorrow where unset")]


class AdminStatusController(Controller):
    """The platform at a glance."""

    path = "/admin"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/status", sync_to_thread=True)
    def status(self, admin: NamedDependency[Administering], pulse: NamedDependency[Pulse], files: NamedDependency[FilePort]) -> StatusOut:
        """The parts' health, versions, disk, and counts: users, workspaces, queues, dead requests and mails."""
        with admin.begin() as work:
            counts, (server, size) = work.counts(), work.database_facts()
        parts = {"database": "healthy", "files": files_state(files)} | pulse.parts()
        return StatusOut(
            status="healthy" if set(parts.values()) == {"healthy"} else "degraded", version=version("whyral"),
            python=platform.python_version(),
            database_version=server, database_bytes=size, disk_free_bytes=shutil.disk_usage(Path.cwd()).free, components=parts,
            counts=[told(CountOut, each) for each in counts],
        )  # fmt: skip

    @get("/api-costs", sync_to_thread=True)
    def api_costs(self, admin: NamedDependency[Administering], by: By = SumBy.DAY, since: Since = None, until: Until = None) -> CostsOut:
        """What the outside cost, by day, provider, workspace or kind of work: calls, the ledger, forecasts, caps, quotas."""
        today = datetime.now(UTC).date()
        first, last = checked_days(since, until, today=today)
        with admin.begin() as work:
            calls = work.calls(SumBy.PROVIDER if by is SumBy.KIND else by, since=_midnight(first), until=_midnight(last))
            spent = work.spending("day" if by is SumBy.DAY else "tenant", since=first, until=last)
            counted, quotas, caps = work.costs(by, since=first, until=last), work.quotas(), work.deployment(today)
            series = work.cost_series(by, since=min(today.replace(day=1), today - WEEK), until=today + timedelta(days=1))
        return CostsOut(
            by=by, since=first, until=last, quotas=[told(QuotaOut, each) for each in quotas],
            calls=[CallsOut(name=c.name, calls=c.calls, failures=c.failures, units=int(c.units), priced=c.priced, cost_usd=usd(c.cost_usd))
                   for c in calls],
            counted=[CostSumOut(name=c.name, operations=c.operations, unknown=c.unknown, reserved_usd=usd(c.reserved_usd),
                                spent_usd=usd(c.spent_usd)) for c in counted],
            forecasts=_outlooks(series, today=today),
            caps=[CapOut(period=c.period, used_usd=usd(c.used_usd), cap_usd=usd(c.cap_usd)) for c in caps],
            ledger=[SpendingOut(name=s.name, days=s.days, reserved_usd=usd(s.reserved_usd), spent_usd=usd(s.spent_usd)) for s in spent],
        )  # fmt: skip

    @get("/usage", sync_to_thread=True)
    def usage(self, admin: NamedDependency[Administering], by: By = SumBy.DAY, since: Since = None, until: Until = None) -> UsageOut:
        """Metered use by the day its period began, or by workspace; the largest first."""
        first, last = checked_days(since, until, today=datetime.now(UTC).date())
        kind = "day" if by is SumBy.DAY else "tenant"
        with admin.begin() as work:
            found = work.usage(kind, since=first, until=last)
        items = [MeterUseOut(name=u.name, meter=u.meter, period_start=u.period_start, tenants=u.tenants, used=int(u.used)) for u in found]
        return UsageOut(by=kind, since=first, until=last, items=items)


def _outlooks(series: Mapping[str, Mapping[date, Decimal]], *, today: date) -> list[OutlookOut]:
    """The dearest first."""
    found = {name: outlook(days, today=today) for name, days in series.items()}
    return [
        OutlookOut(name=name, n_days=each.n_days, daily_usd=usd(each.daily_usd), month_usd=usd(each.month_usd))
        for name, each in sorted(found.items(), key=lambda item: (-item[1].month_usd, item[0]))
    ]  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
