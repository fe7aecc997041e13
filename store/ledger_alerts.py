"""What people are told of money: caps that come near, productions that became dear, prices beyond what was held. Each once."""

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from domain.economy import Level
from domain.money import Reservation, Threshold
from store.trust import raise_alert


def of_cap(connection: sa.Connection, tenant_id: UUID, found: Threshold, name: str) -> None:
    """`name` is the day or the month that it is about: "2026-11-26", "2026-11"."""
    words = "has reached its cap: paid calls wait for the next" if found.is_reached else "comes near its cap in this"
    raise_alert(
        connection, tenant_id, dedupe_key=f"spending:{name}:{'cap' if found.is_reached else 'warned'}", kind="spending",
        severity="critical" if found.is_reached else "warning", title=f"Spending {words} {found.period}",
        details={"period": found.period, "of": name, "usd": found.usd, "cap_usd": found.cap_usd},
    )  # fmt: skip


def of_production(connection: sa.Connection, tenant_id: UUID, production: str, usd: Decimal, level: Level) -> None:
    is_stopped = level is Level.EXCEEDED
    title = "A production has reached its cap and stops" if is_stopped else "A production is dear: it goes on with the economy settings"
    raise_alert(
        connection, tenant_id, dedupe_key=f"production:{production}:{level}", kind="production_cost",
        severity="critical" if is_stopped else "warning", title=title, details={"production": production, "usd": usd, "level": level},
    )  # fmt: skip


def of_overage(connection: sa.Connection, tenant_id: UUID, ended: Reservation) -> None:
    raise_alert(
        connection, tenant_id, dedupe_key=f"overage:{ended.subject}", kind="overage", severity="critical",
        title="A call cost more than was held for it: nothing more is spent on its subject",
        details={"subject": ended.subject, "operation": ended.operation, "reserved_usd": ended.reserved_usd, "spent_usd": ended.spent_usd},
    )  # fmt: skip


def of_unknown(connection: sa.Connection, tenant_id: UUID, ended: Reservation) -> None:
    """One alert for all of a day, as one outage leaves many."""
    raise_alert(
        connection, tenant_id, dedupe_key=f"unknown:{ended.day}", kind="unknown_cost", severity="warning",
        title="Calls began and their end was not seen: they count as spent until their price is known",
        details={"operation": ended.operation, "reserved_usd": ended.reserved_usd, "day": ended.day},
    )  # fmt: skip
