"""The ledger: reserve before an outside call, settle after it. The rules are in `domain.money`, prices in `domain.prices`, reads in `store.costs`.

Reserving holds one lock per tenant, so that caps hold under any concurrency; settling locks its own reservation only.
"""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain import money
from domain.economy import Level, level_of
from domain.errors import Conflict, LimitReached, NotFound, Refused
from domain.money import Account, Purpose, Reservation, ReservationState, Settled
from domain.usage import Period, resets_at, utc_day
from store import ledger_alerts as alerts
from store.costs import Costs
from store.ledger_sql import BEGIN, CAP, COMMIT, COSTS, EXPIRED, GET, PRODUCTION, RESERVE, SETTLE, Answer
from store.repository import Repository

_NO_PURPOSE = Purpose()
_CAPS = json.dumps({"day": str(money.DAY_CAP_USD), "month": str(money.MONTH_CAP_USD), "production": str(money.PRODUCTION_CAP_USD)})


class Ledger(Repository):
    """One tenant's reservations and what they came to."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID, *, user_id: UUID | None = None) -> None:
        super().__init__(connection, tenant_id)
        self._user_id = user_id

    def reserve(
        self, operation: str, subject: str, usd: Decimal, *, now: datetime, expires_at: datetime, purpose: Purpose = _NO_PURPOSE
    ) -> Reservation:  # fmt: skip
        """Hold the most an operation may cost, for instance a model's price for `max_tokens`. The same operation again changes nothing.

        Raises LimitReached at a cap (of the workspace's day or month, of the production, of the whole deployment), Refused where an
        overage has stopped the subject. Crossing 80 % and 100 % of a cap raises an alert, once.
        """
        amount = money.exact_usd(usd)
        if expires_at <= now:
            raise ValueError(f"reservation {operation}: it must expire after it is made")
        day = utc_day(now)
        words = {"links": _links(purpose, self._user_id), "caps": _CAPS, "day": day, "expires_at": expires_at}
        row = Answer(*self._read_hot(RESERVE, operation=operation, subject=subject, usd=amount, **words)[0])
        if row.outcome == "known":
            return _same(self.get(operation), subject, amount)
        if row.outcome == "stopped":
            raise Refused(f"{subject}: an operation cost more than was reserved, so nothing more is spent on it")
        if row.outcome != "reserved":
            raise _cap_reached(row, now)
        self._warn(row, amount, day, purpose.production)
        held = Reservation(operation, subject, ReservationState.RESERVED, amount, None, day, expires_at, None, None)
        return replace(held, service=purpose.service, production=purpose.production, request_id=purpose.request_id, user_id=self._user_id)

    def cap(self, period: Period, usd: Decimal) -> None:
        """What this workspace may spend in a day or a month, instead of what its plan says."""
        self._run(CAP, period=str(period), usd=money.exact_usd(usd))

    def uncap(self, period: Period) -> None:
        """What its plan says counts again. Raises NotFound where nothing was set."""
        if self._run("delete from ledger_caps where tenant_id = :tenant and period = :period", period=str(period)).rowcount == 0:
            raise NotFound("cap", period)

    def excuse(self, subject: str) -> list[str]:
        """Overages of a subject stop it no longer. Which operations these are; raises NotFound where none stops it."""
        rows = self._run(
            "update reservations set excused_at = clock_timestamp() where tenant_id = :tenant and subject = :subject"
            " and spent_usd > reserved_usd and excused_at is null returning operation",
            subject=subject,
        ).all()
        if not rows:
            raise NotFound("stop", subject)
        return sorted(row.operation for row in rows)

    def production(self, production: str) -> tuple[Decimal, Level]:
        """What a production holds and has cost, and how dear that is: from `warning` on it is made with the economy settings."""
        total: Decimal = self._run(PRODUCTION, production=production).scalar_one()
        return total, level_of(total)

    def get(self, operation: str) -> Reservation:
        return self._known(self._find(operation), operation)

    def state(self, operation: str) -> ReservationState | None:
        """None: it was never held."""
        found = self._find(operation)
        return found.state if found else None

    def began(self, operation: str) -> Reservation:
        """Commit this before the outside call starts. Raises Conflict where the reservation has ended meanwhile."""
        if not self._read(BEGIN, operation=operation):
            raise Conflict(f"reservation {operation} is {self.get(operation).state}: reserve anew before the call")
        return self.get(operation)

    def commit(self, operation: str, usd: Decimal) -> Reservation:
        """The call's price. An overage is booked too, and stops the subject."""
        exact = money.exact_usd(usd)
        rows = self._read_hot(COMMIT, operation=operation, usd=exact)
        if rows:
            return self._told(_ended(rows[0]))
        return self._settle(operation, money.commit(self._held(operation), exact))

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

    def tell_full(self, usd: Decimal, *, now: datetime) -> None:
        """Raise the alert, once, of each cap of the workspace that has no room for so much: sums that stay below it by a little never cross it."""
        found = Costs(self._connection, self._tenant_id).summary(now=now)
        for period, name, used, cap in (
            (Period.DAY, f"{found.day}", found.usd, found.day_cap_usd), (Period.MONTH, f"{found.day:%Y-%m}", found.month_usd, found.month_cap_usd),
        ):  # fmt: skip
            if used + usd > cap:
                alerts.of_cap(self._connection, self._tenant_id, money.Threshold(period, cap, used, is_reached=True), name)

    def _warn(self, row: Answer, usd: Decimal, day: date, production: str | None) -> None:
        sums = [("day", f"{day}", row.day_usd, row.day_cap), ("month", f"{day:%Y-%m}", row.month_usd, row.month_cap)]
        for period, name, before, cap in sums:
            threshold = money.crossed(period, before, before + usd, cap)
            if threshold is not None:
                alerts.of_cap(self._connection, self._tenant_id, threshold, name)
        if production is not None:
            after = level_of(row.production_usd + usd)
            if after is not level_of(row.production_usd) and after in (Level.WARNING, Level.EXCEEDED):
                alerts.of_production(self._connection, self._tenant_id, production, row.production_usd + usd, after)

    def _find(self, operation: str, *, lock: bool = False) -> Reservation | None:
        rows = self._read(GET + (" for update" if lock else ""), operation=operation)
        return _reservation(rows[0]) if rows else None

    def _held(self, operation: str) -> Reservation:
        return self._known(self._find(operation, lock=True), operation)

    def _known(self, found: Reservation | None, operation: str) -> Reservation:
        if found is None:
            raise NotFound("reservation", operation)
        return found

    def _settle(self, operation: str, settled: Settled | None) -> Reservation:
        if settled is None:
            return self.get(operation)
        return self._told(_book(self._connection, self._tenant_id, settled))

    def _told(self, ended: Reservation) -> Reservation:
        if ended.spent_usd is not None and ended.spent_usd > ended.reserved_usd:
            alerts.of_overage(self._connection, self._tenant_id, ended)
        return ended


class SystemLedger:
    """Reservations of all tenants, for whoever sweeps."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def sweep(self, now: datetime, *, limit: int = 500) -> list[tuple[UUID, Reservation]]:
        """End what has expired: released where the outside call had not begun, else unknown. Safe beside a second sweeper."""
        rows = self._connection.execute(sa.text(EXPIRED), {"now": now, "limit": limit}).all()
        return [(row.tenant_id, self._expire(row.tenant_id, _reservation(row))) for row in rows]

    def deployment(self, now: datetime) -> list[tuple[str, Decimal, Decimal]]:
        """Counts in what has settled. What the whole deployment holds and has spent, and may: for its day and its month."""
        rows = self._connection.execute(sa.text("select * from app.count_settled(:day)"), {"day": utc_day(now)})
        return [(row.period, row.used_usd, row.cap_usd) for row in rows]

    def _expire(self, tenant_id: UUID, held: Reservation) -> Reservation:
        settled = money.expire(held)
        ended = _book(self._connection, tenant_id, settled)
        if ended.state is ReservationState.UNKNOWN and self._is_there(tenant_id):
            alerts.of_unknown(self._connection, tenant_id, ended)
        return ended

    def _is_there(self, tenant_id: UUID) -> bool:
        """Nobody is told of a workspace that was erased meanwhile, and nothing new is kept of it."""
        found = sa.text("select exists(select from tenants where tenant_id = :tenant)")
        return bool(self._connection.execute(found, {"tenant": tenant_id}).scalar_one())


def _book(connection: sa.Connection, tenant_id: UUID, settled: Settled) -> Reservation:
    """Write an end with its movements and keep the sums of its day. The caller holds the reservation's row."""
    held, moved = settled.reservation, settled.movements
    words = {
        "tenant": tenant_id, "operation": held.operation, "state": held.state, "spent": held.spent_usd, "day": held.day,
        "kinds": [each.kind for each in moved], "sources": [each.source for each in moved], "targets": [each.target for each in moved],
        "amounts": [each.amount_usd for each in moved],
        "net_reserved": settled.net_usd(Account.RESERVED), "net_spent": settled.net_usd(Account.SPENT),
    }  # fmt: skip
    return replace(held, ended_at=connection.exec_driver_sql(SETTLE, words).one().ended_at)


def _reservation(row: sa.Row[Any]) -> Reservation:
    words = {name: row._mapping[name] for name in Reservation.__dataclass_fields__}
    return Reservation(**{**words, "state": ReservationState(words["state"])})


def _ended(row: tuple[Any, ...]) -> Reservation:
    """Of `ledger_sql.COMMIT`, whose columns are the fields in their order."""
    operation, subject, state, *rest, _ = row
    return Reservation(operation, subject, ReservationState(state), *rest)


def _same(known: Reservation, subject: str, usd: Decimal) -> Reservation:
    if (known.subject, known.reserved_usd) != (subject, usd):
        raise Conflict(f"reservation {known.operation} holds another amount or is for another subject: use a new operation")
    return known


def _links(purpose: Purpose, user_id: UUID | None) -> str:
    words = {"service": purpose.service, "production": purpose.production, "request_id": purpose.request_id, "user_id": user_id}
    return json.dumps(words, default=str)


def _cap_reached(row: Answer, now: datetime) -> LimitReached:
    """The error counts in whole cents, as it shows figures and decides nothing. Of the whole deployment it tells no sums."""
    day = utc_day(now)
    if row.outcome.startswith("deployment_"):
        period = Period(row.outcome.removeprefix("deployment_"))
        return LimitReached(f"spending of the whole deployment in this {period}, in percent", 100, 100, resets_at(period, day))
    if row.outcome == "production":
        return LimitReached("spending of the production in cents", int(money.PRODUCTION_CAP_USD * 100), int(row.production_usd * 100))
    period, cap, used = (Period.DAY, row.day_cap, row.day_usd) if row.outcome == "day" else (Period.MONTH, row.month_cap, row.month_usd)
    return LimitReached(f"spending of the {period} in cents", int(cap * 100), int(used * 100), resets_at(period, day))
