"""Metered use: check and take in one statement. The plan's limits are rows of `plans`; what a meter means is its caller's business."""

from datetime import datetime
from uuid import UUID

from domain.errors import Conflict, LimitReached, NotFound, PaymentNeeded, Refused
from domain.usage import Period, Taken, resets_at, utc_day
from store.repository import Repository


class Usage(Repository):
    """One tenant's meters."""

    def take(self, meter: str, amount: int, *, operation: str, now: datetime, request_id: UUID | None = None) -> Taken:
        """Take from a meter, once per operation; a request that it is for gives it back where it ends without a delivery. Raises LimitReached, Refused where the plan lacks the meter, PaymentNeeded where it is not live."""
        if amount < 1:
            raise ValueError(f"{meter}: {amount} cannot be taken")
        row = self._run(
            "select * from app.take_usage(:tenant, :meter, :amount, :operation, :day)",
            meter=meter, amount=amount, operation=operation, day=utc_day(now),
        ).one()  # fmt: skip
        if row.outcome == "refused":
            raise Refused(f"{meter}: the plan of this workspace does not include it")
        if row.outcome == "unpaid":
            raise PaymentNeeded(f"{meter}: the subscription of this workspace is not active")
        if row.outcome == "conflict":
            raise Conflict(f"operation {operation} was given back, or took something else: use a new one")
        resets = resets_at(Period(row.period), row.period_start)
        if row.outcome == "full":
            raise LimitReached(meter, row.most, row.used, resets)
        if request_id is not None:
            named = "update usage_takes set request_id = :request where tenant_id = :tenant and operation = :operation"
            self._run(named, operation=operation, request=request_id)
        return Taken(operation, meter, amount, row.used, row.most, resets)

    def give_back(self, operation: str) -> bool:
        """Nothing was delivered: the meter gets back what the operation took, once. Returns whether this was that once.

        What was delivered is not given back.
        """
        done = self._run(
            "with back as (update usage_takes set given_back_at = clock_timestamp()"
            "   where tenant_id = :tenant and operation = :operation and given_back_at is null and delivered_at is null returning meter, period_start, amount)"
            " update usage_counters c set used = c.used - back.amount from back"
            " where c.tenant_id = :tenant and c.meter = back.meter and c.period_start = back.period_start",
            operation=operation,
        )
        if done.rowcount == 0 and not self._is_known(operation):
            raise NotFound("operation", operation)
        return done.rowcount == 1

    def deliver(self, operation: str) -> bool:
        """It counts for good, in its own period, also where it had been given back. Returns whether it had been."""
        done = self._run(
            "with was as (select operation, given_back_at from usage_takes where tenant_id = :tenant and operation = :operation for update),"
            " now as (update usage_takes t set given_back_at = null, delivered_at = coalesce(t.delivered_at, clock_timestamp()) from was"
            "   where t.tenant_id = :tenant and t.operation = was.operation"
            "   returning t.meter, t.period_start, t.amount, was.given_back_at is not null as is_again)"
            " update usage_counters c set used = c.used + now.amount from now"
            " where now.is_again and c.tenant_id = :tenant and c.meter = now.meter and c.period_start = now.period_start",
            operation=operation,
        )
        if done.rowcount == 0 and not self._is_known(operation):
            raise NotFound("operation", operation)
        return done.rowcount == 1

    def clip_watermark(self) -> str | None:
        """What the plan of the workspace writes on its clips; None: nothing."""
        found = "select p.clip_watermark from subscriptions s join plans p using (plan) where s.tenant_id = :tenant"
        watermark: str | None = self._run(found).scalar_one_or_none()
        return watermark

    def _is_known(self, operation: str) -> bool:
        known = "select exists(select from usage_takes where tenant_id = :tenant and operation = :operation)"
        return bool(self._run(known, operation=operation).scalar_one())
