"""The ledger: reserve before an outside call, settle after it. The rules are in `domain.money`; prices and alerts come with the money issue.

Reserving holds one lock per tenant, so that caps hold under any concurrency; settling locks its own reservation only.
"""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain import money
from domain.errors import Conflict, LimitReached, NotFound, Refused
from domain.money import Account, Reservation, ReservationState, Settled
from domain.usage import Period, resets_at, utc_day
from store.ledger_sql import BEGIN, COSTS, EXPIRED, GET, IS_STOPPED, RESERVE, SETTLE
from store.repository import Repository


class Ledger(Repository):
    """One tenant's reservations and what they came to."""

    def reserve(self, operation: str, subject: str, usd: Decimal, *, now: datetime, expires_at: datetime) -> Reservation:
        """Hold the most an operation may cost. Raises LimitReached at a cap, Refused where an overage has stopped the subject."""
        amount = money.exact_usd(usd)
        if expires_at <= now:
            raise ValueError(f"reservation {operation}: it must expire after it is made")
        self._lock()
        known = self._find(operation)
        if known is not None:
            return _same(known, subject, amount)
        if self._run(IS_STOPPED, subject=subject).scalar_one():
            raise Refused(f"{subject}: an operation cost more than was reserved, so nothing more is spent on it")
        caps = {"day_cap": money.DAY_CAP_USD, "month_cap": money.MONTH_CAP_USD}
        day = utc_day(now)
        row = self._run(RESERVE, operation=operation, subject=subject, usd=amount, day=day, expires_at=expires_at, **caps).one()
        if not row.is_reserved:
            raise _cap_reached(row, amount, now)
        return self.get(operation)

    def get(self, operation: str) -> Reservation:
        return self._known(self._find(operation), operation)

    def began(self, operation: str) -> Reservation:
        """Commit this before the outside call starts. Raises Conflict where the reservation has ended meanwhile."""
        if self._run(BEGIN, operation=operation).rowcount == 0:
            raise Conflict(f"reservation {operation} is {self.get(operation).state}: reserve anew before the call")
        return self.get(operation)

    def commit(self, operation: str, usd: Decimal) -> Reservation:
        """The call's price. An overage is booked too, and stops the subject."""
        return self._settle(operation, money.commit(self._held(operation), money.exact_usd(usd)))

    def release(self, operation: str) -> Reservation:
        """The call was not made, or surely cost nothing."""
        return self._settle(operation, money.release(self._held(operation)))

    def unknown(self, operation: str) -> Reservation:
        """The call was made and its end was not seen: all of it counts as spent."""
        return self._settle(operation, money.give_up(self._held(operation)))

    def reconcile(self, operation: str, usd: Decimal) -> Reservation:
        """What an unknown call had cost after all."""
        return self._settle(operation, money.reconcile(self._held(operation), money.exact_usd(usd)))

    def costs(self, *, now: datetime) -> tuple[Decimal, Decimal, Decimal]:
        """Spent on this UTC day, spent in its month, and held by what has not ended."""
        row = self._run(COSTS, day=utc_day(now)).one()
        return row.today, row.month, row.reserved

    def _lock(self) -> None:
        number = int.from_bytes(hashlib.sha256(f"ledger:{self._tenant_id}".encode()).digest()[:8], signed=True)
        self._run("select pg_advisory_xact_lock(:number)", number=number)

    def _find(self, operation: str, *, lock: bool = False) -> Reservation | None:
        row = self._run(GET + (" for update" if lock else ""), operation=operation).first()
        return _reservation(row) if row else None

    def _held(self, operation: str) -> Reservation:
        return self._known(self._find(operation, lock=True), operation)

    def _known(self, found: Reservation | None, operation: str) -> Reservation:
        if found is None:
            raise NotFound("reservation", operation)
        return found

    def _settle(self, operation: str, settled: Settled | None) -> Reservation:
        if settled is not None:
            _book(self._connection, self._tenant_id, settled)
        return self.get(operation)


class SystemLedger:
    """Reservations of all tenants, for whoever sweeps."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def sweep(self, now: datetime, *, limit: int = 500) -> list[tuple[UUID, Reservation]]:
        """End what has expired: released where the outside call had not begun, else unknown. Safe beside a second sweeper."""
        rows = self._connection.execute(sa.text(EXPIRED), {"now": now, "limit": limit}).all()
        return [(row.tenant_id, self._expire(row.tenant_id, _reservation(row))) for row in rows]

    def _expire(self, tenant_id: UUID, held: Reservation) -> Reservation:
        settled = money.expire(held)
        _book(self._connection, tenant_id, settled)
        return settled.reservation


def _book(connection: sa.Connection, tenant_id: UUID, settled: Settled) -> None:
    """Write an end with its movements and keep the sums of its day. The caller holds the reservation's row."""
    held, moved = settled.reservation, settled.movements
    words = {
        "tenant": tenant_id, "operation": held.operation, "state": held.state, "spent": held.spent_usd, "day": held.day,
        "kinds": [each.kind for each in moved], "sources": [each.source for each in moved], "targets": [each.target for each in moved],
        "amounts": [each.amount_usd for each in moved],
        "net_reserved": settled.net_usd(Account.RESERVED), "net_spent": settled.net_usd(Account.SPENT),
    }  # fmt: skip
    connection.execute(sa.text(SETTLE), words)


def _reservation(row: sa.Row[Any]) -> Reservation:
    words = {name: row._mapping[name] for name in Reservation.__dataclass_fields__}
    return Reservation(**{**words, "state": ReservationState(words["state"])})


def _same(known: Reservation, subject: str, usd: Decimal) -> Reservation:
    if (known.subject, known.reserved_usd) != (subject, usd):
        raise Conflict(f"reservation {known.operation} holds another amount or is for another subject: use a new operation")
    return known


def _cap_reached(row: sa.Row[Any], usd: Decimal, now: datetime) -> LimitReached:
    """The error counts in whole cents, as it shows figures and decides nothing."""
    is_day = row.day_usd + usd > row.day_cap
    period, cap, used = (Period.DAY, row.day_cap, row.day_usd) if is_day else (Period.MONTH, row.month_cap, row.month_usd)
    return LimitReached(f"spending of the {period} in cents", int(cap * 100), int(used * 100), resets_at(period, utc_day(now)))
