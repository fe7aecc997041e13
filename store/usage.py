"""Metered use: check and take in one statement. The plan's limits are rows of `plans`; what a meter means is its caller's business."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from domain.errors import Conflict, LimitReached, NotFound, NotInPlan, PaymentNeeded, WhyralError
from domain.usage import DayUse, MeterUse, PartUse, Period, Taken, resets_at, utc_day
from store import trying
from store.repository import Repository, Row
from store.usage_sql import DELIVER, GIVE_BACK, HISTORY, METERS, ONE, PARTS


class Usage(Repository):
    """One tenant's meters. `user_id` is whoever takes, where somebody is logged in."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID, *, user_id: UUID | None = None) -> None:
        super().__init__(connection, tenant_id)
        self._user_id = user_id

    def take(
        self, meter: str, amount: int, *, operation: str, now: datetime, request_id: UUID | None = None, platform: str | None = None
    ) -> Taken:  # fmt: skip
        """Take from a meter, once per operation; a request that it is for gives it back where it ends without a delivery.

        Raises LimitReached, NotInPlan where the plan lacks the meter, PaymentNeeded where it is not live.
        """
        if amount < 1:
            raise ValueError(f"{meter}: {amount} cannot be taken")
        row = self._run(
            "select * from app.take_usage(:tenant, :meter, :amount, :operation, :day, :user, :platform, :request)",
            meter=meter, amount=amount, operation=operation, day=utc_day(now), user=self._user_id, platform=platform, request=request_id,
        ).one()  # fmt: skip
        if row.outcome != "taken":
            raise _not_taken(row, meter, operation)
        taken = Taken(operation, meter, amount, row.used, row.most, resets_at(Period(row.period), row.period_start))
        trying.took(taken)
        return taken

    def meters(self, *, now: datetime) -> list[MeterUse]:
        """Every meter of the plan, overrides counted, with what is used of it now and which plan has more."""
        rows = self._run(METERS, today=utc_day(now))
        return [_meter(row) for row in rows]

    def parts(self, *, now: datetime) -> list[PartUse]:
        """What members and platforms used of each meter in the period that is running."""
        return [PartUse(**row._mapping) for row in self._run(PARTS, today=utc_day(now))]

    def history(self, *, since: date, until: date) -> list[DayUse]:
        """What was taken on each UTC day from `since` to `until`, both counted, and not given back; newest first."""
        return [DayUse(**row._mapping) for row in self._run(HISTORY, since=since, until=until)]

    def is_known(self, operation: str) -> bool:
        """Whether it ever took anything, given back or not."""
        known = "select exists(select from usage_takes where tenant_id = :tenant and operation = :operation)"
        return bool(self._run(known, operation=operation).scalar_one())

    def anew(self, operation: str) -> str:
        """The operation, or, where what it took was given back, another one named after it, so that it can be taken once more.

        Nobody gives it back before the transaction ends.
        """
        name, tries = operation, 0
        while self._run(
            "select given_back_at is not null from usage_takes where tenant_id = :tenant and operation = :operation for update",
            operation=name,
        ).scalar():  # fmt: skip
            tries += 1
            name = f"{operation}#{tries}"
        return name

    def take_again(self, request_id: UUID, *, attempt: int, now: datetime) -> None:
        """What a request took and gave back is taken once more, of the day that it is tried again on. Raises as `take`."""
        back = self._run(
            "select operation, meter, amount, platform from usage_takes"
            " where tenant_id = :tenant and request_id = :request and given_back_at is not null order by operation for update",
            request=request_id,
        ).all()  # fmt: skip
        for each in back:
            self._run(
                "update usage_takes set operation = :name, request_id = null where tenant_id = :tenant and operation = :operation",
                name=f"{each.operation}#before {attempt}", operation=each.operation,
            )  # fmt: skip
            self.take(each.meter, each.amount, operation=each.operation, now=now, request_id=request_id, platform=each.platform)

    def leave_to(self, operation: str, request_id: UUID) -> None:
        """From now on it is for a request, which gives back what is not delivered where it ends without success."""
        self._run(
            "update usage_takes set request_id = :request where tenant_id = :tenant and operation = :operation", operation=operation, request=request_id
        )  # fmt: skip

    def deliver_part(self, operation: str, amount: int, *, part: str) -> None:
        """So many of what an operation took count for good, also where they had been given back; `part` names them. Raises NotFound."""
        split = self._run(
            "with taken as (update usage_takes set amount = amount - :amount where tenant_id = :tenant and operation = :operation"
            "  and amount > :amount and delivered_at is null returning *)"
            " insert into usage_takes (tenant_id, operation, meter, period_start, amount, given_back_at, day, user_id, platform, request_id)"
            " select tenant_id, :part, meter, period_start, :amount, given_back_at, day, user_id, platform, request_id from taken",
            operation=operation, amount=amount, part=f"{operation}#{part}",
        )  # fmt: skip
        self.deliver(f"{operation}#{part}" if split.rowcount else operation)

    def give_back(self, operation: str) -> bool:
        """Nothing was delivered: the meter gets back what the operation took, once. Returns whether this was that once.

        What was delivered is not given back.
        """
        done = self._run(GIVE_BACK.format(which=ONE), operation=operation)
        if done.rowcount == 0 and not self.is_known(operation):
            raise NotFound("operation", operation)
        return done.rowcount == 1

    def deliver(self, operation: str) -> bool:
        """It counts for good, in its own period, also where it had been given back. Returns whether it had been."""
        done = self._run(DELIVER.format(which=ONE), operation=operation)
        if done.rowcount == 0 and not self.is_known(operation):
            raise NotFound("operation", operation)
        return done.rowcount == 1

    def clip_watermark(self) -> str | None:
        """What the plan that counts now writes on clips; None: nothing."""
        found = "select p.clip_watermark from app.limits_of(:tenant) l join plans p using (plan)"
        watermark: str | None = self._run(found).scalar_one_or_none()
        return watermark


def _not_taken(row: Row, meter: str, operation: str) -> WhyralError:
    if row.outcome == "refused":
        return NotInPlan(meter, upgrade=row.upgrade)
    if row.outcome == "conflict":
        return Conflict(f"operation {operation} was given back, or took something else: use a new one")
    resets = resets_at(Period(row.period), row.period_start)
    if row.outcome == "unpaid":
        words = f"{meter}: the subscription of this workspace is not active"
        return PaymentNeeded(words, limit=row.most, used=row.used, resets_at=resets)
    subject = f"{meter} {row.share}" if row.share else meter
    return LimitReached(subject, row.most, row.used, resets, upgrade=row.upgrade)


def _meter(row: Row) -> MeterUse:
    period = Period(row.period)
    return MeterUse(row.meter, period, row.most, row.used, resets_at(period, row.period_start), row.per_user, row.per_platform, row.upgrade)
