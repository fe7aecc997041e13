"""The errand that every call to a platform is part of: answered from the cache, or planned, paid for, made once, logged and kept.

No transaction is open while a call is made.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain import prices, quota, sharing
from domain.errors import Conflict, FailureCategory, LimitReached, SourceFailed, SourceRefused
from domain.money import Purpose, ReservationState
from domain.sources import Answer, Ask, Call
from domain.usage import utc_day
from services.allowances import Allowances
from services.records import Records, new_answer_id, operation_of
from store.work import UnitOfWork

# These were refused before anything was delivered: no provider charges for them.
_FREE_FAILURES = frozenset({FailureCategory.RATE_LIMIT, FailureCategory.QUOTA, FailureCategory.NOT_CONFIGURED, FailureCategory.INVALID_URL})


@dataclass(frozen=True, slots=True)
class PlannedErrand:
    """Fills `domain.ports.Errand`. `resume` names an earlier request that could not use what it had paid for."""

    records: Records
    allowances: Allowances
    resume: UUID | None = None
    asked: list[Ask] = field(default_factory=list)

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """The answer from the cache, or of `call`, which is made once at most."""
        self.asked.append(ask)
        try:
            return self._fetched(ask, call)
        except LimitReached:
            self._tell_full(ask)
            raise

    def _fetched(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        if ask.is_public and ask.is_kept:
            found = self.records.find(ask, resume=self.resume)
            if found is not None:
                return found
        return self._paid(ask, call) if prices.cost_usd(ask.bucket, ask.units, on=utc_day(self.records.now())) else self._planned(ask, call)

    def _planned(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """A call that costs nothing, or units of a quota."""
        if ask.bucket is None or ask.bucket not in quota.LIMITS or ask.units == 0:
            answer = self._made(ask, call)
            self._kept(ask, answer)
            return answer
        ends = self.allowances.take(ask.bucket, ask.units)
        try:
            answer = self._made(ask, call)
        except SourceFailed as error:
            if error.category is FailureCategory.QUOTA:
                raise self.allowances.exhausted(ask.bucket) from error
            raise
        self.allowances.settle(ask.bucket, ends, planned=ask.units, spent=ask.units if answer.units is None else answer.units)
        self._kept(ask, answer)
        return answer

    def _kept(self, ask: Ask, answer: Answer) -> None:
        if not ask.is_durable:
            self.records.keep(ask, answer, new_answer_id())
            return
        with self.records.begin() as uow:
            self.records.keep(ask, answer, new_answer_id(), uow=uow)

    def _paid(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """A call that costs money: reserved before, booked after, and where it is durable kept in the same transaction."""
        answer_id = new_answer_id()
        operation = self._reserve(f"bill:{ask.bill}" if ask.bill else operation_of(answer_id), ask)
        try:
            answer = self._made(ask, call)
        except SourceFailed as error:
            self._unpaid(operation, error)
            raise
        with self.records.begin() as uow:
            self._book(uow, operation, ask, answer)
            self.records.keep(ask, answer, answer_id, uow=uow if ask.is_durable else None)
        return answer

    def _tell_full(self, ask: Ask) -> None:
        """Where it was a cap that had no room: the transaction that was refused is undone, so an alert needs one of its own."""
        moment = self.records.now()
        most = prices.cost_usd(ask.bucket, ask.units, on=utc_day(moment))
        if most:
            with self.records.begin() as uow:
                uow.ledger.tell_full(most, now=moment)

    def _reserve(self, operation: str, ask: Ask) -> str:
        """What was ordered before is held at the price of its day, or counts in whole, whatever it would cost by now.

        What was let go, as a call was refused, is held anew under another name. Returns the name.
        """
        moment = self.records.now()
        most = prices.cost_usd(ask.bucket, ask.units, on=utc_day(moment)) or Decimal(0)
        purpose = Purpose(service=ask.source.value, request_id=self.records.request_id)
        with self.records.begin() as uow:
            name, is_held = _ordered(uow, operation) if ask.bill else (operation, False)
            if not is_held:
                uow.ledger.reserve(name, ask.source.value, most, now=moment, expires_at=moment + sharing.HELD, purpose=purpose)
                uow.ledger.began(name)
        return name

    def _book(self, uow: UnitOfWork, operation: str, ask: Ask, answer: Answer) -> None:
        """An order counts in whole; what was delivered before is paid for."""
        if answer.is_order:
            uow.ledger.unknown(operation)
        elif ask.bill is None or uow.ledger.get(operation).state is not ReservationState.COMMITTED:
            units = ask.units if answer.units is None else answer.units
            price = prices.cost_usd(ask.bucket, units, on=uow.ledger.get(operation).day)
            uow.ledger.commit(operation, price or Decimal(0))

    def _unpaid(self, operation: str, error: SourceFailed) -> None:
        """Refused calls cost nothing; of one whose end was not seen nobody knows, so all of it counts."""
        is_free = isinstance(error, SourceRefused) or error.category in _FREE_FAILURES
        with self.records.begin() as uow, suppress(Conflict):  # the sweeper was quicker, or it was ordered before
            if is_free:
                uow.ledger.release(operation)
            else:
                uow.ledger.unknown(operation)

    def _made(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """The one place where the outside is called; logged whatever becomes of it."""
        moment, began = self.records.now(), time.monotonic()
        try:
            answer = call()
        except SourceFailed as error:
            self._log(ask, error.category.value, None, moment, began, units=ask.units)
            raise
        except LimitReached:
            self._log(ask, FailureCategory.QUOTA.value, None, moment, began, units=ask.units)
            raise
        units = ask.units if answer.units is None else answer.units
        self._log(ask, "ok", answer.status, moment, began, units=units)
        return replace(answer, units=units, fetched_at=answer.fetched_at or self.records.now())

    def _log(self, ask: Ask, outcome: str, status: int | None, moment: datetime, began: float, *, units: int) -> None:
        took = int((time.monotonic() - began) * 1000)
        cost = prices.cost_usd(ask.bucket, units, on=utc_day(moment)) if outcome == "ok" else None
        self.records.log(Call(ask.source, ask.operation, outcome, status, moment, took, ask.bucket, units, cost))


def _ordered(uow: UnitOfWork, operation: str) -> tuple[str, bool]:
    """The name that an order is held by, and whether it is: after each time that it was let go it goes by another one."""
    name, tries = operation, 0
    while (state := uow.ledger.state(name)) is ReservationState.RELEASED:
        tries += 1
        name = f"{operation}#{tries}"
    return name, state is not None
