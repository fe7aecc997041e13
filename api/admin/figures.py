"""How everything is, what the outside cost, what was used. Revenue comes with payment."""

import platform
import shutil
from datetime import UTC, date, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.admin.door import Administering, known_admin, told
from api.admin.shapes import CallsOut, CostsOut, CountOut, MeterUseOut, QuotaOut, SpendingOut, StatusOut, UsageOut, usd
from api.health import files_state
from api.security import BEARER
from domain.admin import SumBy
from domain.admin_rules import checked_days
from domain.ports import FilePort, Pulse

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
        """Calls to the outside and what they cost, by day, provider or workspace; the ledger; the quotas of providers."""
        first, last = checked_days(since, until, today=datetime.now(UTC).date())
        with admin.begin() as work:
            calls = work.calls(by, since=_midnight(first), until=_midnight(last))
            spent = work.spending("day" if by is SumBy.DAY else "tenant", since=first, until=last)
            quotas = work.quotas()
        return CostsOut(
            by=by, since=first, until=last, quotas=[told(QuotaOut, each) for each in quotas],
            calls=[CallsOut(name=c.name, calls=c.calls, failures=c.failures, units=int(c.units), priced=c.priced, cost_usd=usd(c.cost_usd))
                   for c in calls],
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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
