"""What administrators of the platform read of money: calls, the ledger, use, revenue, unit costs, the inbox of payment providers.

Each is a function that asks who is asking. The other lists, and what administrators do, are in `store.admin`.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from domain.admin import CallCosts, CashDay, CostSum, DeploymentCap, InboxEvent, MeterUse, Spending
from domain.billing.states import SubscriptionState
from domain.errors import Conflict, NotFound
from domain.revenue import Change, RevenueDay
from domain.unit_costs import Unit, UnitDay

Made = TypeVar("Made")


class MoneyLists:
    """Sums over all workspaces."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def calls(self, by: str, *, since: datetime, until: datetime) -> list[CallCosts]:
        """The 1000 dearest."""
        return self._all(CallCosts, "admin_calls", by, since, until)

    def spending(self, by: str, *, since: date, until: date) -> list[Spending]:
        return self._all(Spending, "admin_spending", by, since, until)

    def usage(self, by: str, *, since: date, until: date) -> list[MeterUse]:
        return self._all(MeterUse, "admin_usage", by, since, until)

    def costs(self, by: str, *, since: date, until: date) -> list[CostSum]:
        """The 1000 dearest, of days that were counted."""
        return self._all(CostSum, "admin_costs", by, since, until)

    def cost_series(self, by: str, *, since: date, until: date) -> dict[str, dict[date, Decimal]]:
        """What was held and spent on each day: of providers, of the 100 dearest workspaces, or `all`."""
        found: dict[str, dict[date, Decimal]] = {}
        for row in self.connection.exec_driver_sql("select * from app.admin_cost_series(%s, %s, %s)", (by, since, until)):
            found.setdefault(row.name, {})[row.day] = row.usd
        return found

    def deployment(self, today: date) -> list[DeploymentCap]:
        return self._all(DeploymentCap, "admin_deployment", today)

    def revenue(self, *, since: date, until: date) -> list[RevenueDay]:
        """Oldest first; `until` is not among them."""
        return self._all(RevenueDay, "admin_revenue", since, until)

    def changes(self) -> list[Change]:
        """What each workspace that pays, or is to, has now."""
        return [replace(each, status=SubscriptionState(each.status)) for each in self._all(Change, "admin_changes")]

    def cash(self, *, since: date, until: date) -> list[CashDay]:
        """Newest first."""
        return self._all(CashDay, "admin_cash", since, until)

    def units(self, *, since: date, until: date) -> list[UnitDay]:
        """Oldest first."""
        return [replace(each, unit=Unit(each.unit)) for each in self._all(UnitDay, "admin_units", since, until)]

    def billing_events(
        self, *, state: str | None = None, provider: str | None = None, of_tenant: UUID | None = None,
        before: tuple[int, datetime, str] | None = None, limit: int,
    ) -> list[InboxEvent]:  # fmt: skip
        """The inbox of payment providers: those that failed first, then the newest."""
        return self._all(InboxEvent, "admin_billing_events", state, provider, of_tenant, *(before or (None, None, None)), limit)

    def retry_event(self, provider: str, event_id: str) -> tuple[UUID | None, str, str | None]:
        """One that failed waits again. Returns whose it is, and what its state and error were. Raises NotFound, Conflict."""
        words = (provider, event_id)
        row = self.connection.exec_driver_sql("select * from app.admin_retry_billing_event(%s, %s)", words).first()
        if row is None:
            raise NotFound("event", event_id)
        if row.state != "failed":
            raise Conflict(f"event {event_id} has not failed: it is {row.state}")
        return row.tenant_id, row.state, row.error

    def _all(self, made: type[Made], function: str, *words: object) -> list[Made]:
        marks = ", ".join(["%s"] * len(words))
        return [made(**row._mapping) for row in self.connection.exec_driver_sql(f"select * from app.{function}({marks})", words)]

    def _scalar(self, function: str, *words: object) -> Any:
        marks = ", ".join(["%s"] * len(words))
        return self.connection.exec_driver_sql(f"select app.{function}({marks})", words).scalar_one()
