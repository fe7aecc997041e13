"""What paid calls of one workspace may cost in a day and in a month, and what one that cost too much has stopped. Each act is noted."""

from decimal import Decimal
from uuid import UUID

from domain.admin_rules import checked_reason
from domain.usage import Period
from services.administering import Act
from store.admin import AdminWork
from store.work import UnitOfWork

_SHOWN = 20
Caps = tuple[Decimal, Decimal]


def set_cap(work: AdminWork, tenant_id: UUID, period: Period, usd: Decimal, act: Act) -> Caps:
    """Instead of the plan's cap, until it is dropped. The caps that hold then, of a day and of a month. Raises NotFound, Unacceptable."""
    reason, uow = checked_reason(act.reason or ""), work.within(tenant_id)
    before = uow.costs.caps()
    uow.ledger.cap(period, usd)
    return _noted(work, uow, "cap.set", period, before, Act(reason, act.request_id))


def drop_cap(work: AdminWork, tenant_id: UUID, period: Period, act: Act) -> Caps:
    """The plan's own counts again, at once. Raises NotFound."""
    uow = work.within(tenant_id)
    before = uow.costs.caps()
    uow.ledger.uncap(period)
    return _noted(work, uow, "cap.dropped", period, before, act)


def lift_stop(work: AdminWork, tenant_id: UUID, subject: str, act: Act) -> list[str]:
    """A subject that an overage has stopped is spent on again. Which operations were excused. Raises NotFound, Unacceptable."""
    reason, uow = checked_reason(act.reason or ""), work.within(tenant_id)
    excused = uow.ledger.excuse(subject)
    before, after = {"is_stopped": True}, {"is_stopped": False, "operations": excused[:_SHOWN], "n": len(excused)}
    work.note("stop.lifted", subject, tenant_id=tenant_id, before=before, after=after, reason=reason, request_id=act.request_id)
    return excused


def _noted(work: AdminWork, uow: UnitOfWork, action: str, period: Period, before: Caps, act: Act) -> Caps:
    after, place = uow.costs.caps(), 0 if period is Period.DAY else 1
    work.note(
        action, str(period), tenant_id=uow.tenant_id, before={"cap_usd": str(before[place])}, after={"cap_usd": str(after[place])},
        reason=act.reason, request_id=act.request_id,
    )  # fmt: skip
    return after
