"""Changes of what a workspace has, told: a line in the audit log, and mails to its owner, each once."""

from collections.abc import Sequence
from datetime import datetime

from domain.billing.news import News, Stood, news
from domain.billing.standing import GRACE, Mirror, Standing, reminders_due
from domain.billing.states import SubscriptionState
from domain.members import Member
from domain.roles import Role
from services import mailing
from store.work import UnitOfWork

OVERDUE = "payment-overdue"


def announce(uow: UnitOfWork, before: Stood, after: Standing, *, cause: str) -> None:
    """To be called where it has changed, in the transaction of the change."""
    was = {"plan": before.plan, "status": before.status, "ends_at": before.ends_at}
    now = {"plan": after.plan, "status": after.status, "ends_at": after.ends_at}
    subject = after.subscription_id or before.subscription_id or "free"
    uow.trust.note("subscription.changed", subject, actor=uow.user_id, details={"before": was, "after": now, "cause": cause})
    for each in news(before, after):
        _mail(uow, each, before, after)


def tell_overdue(uow: UnitOfWork, before: Stood, after: Standing, mirrors: Sequence[Mirror], *, now: datetime) -> None:
    """An alert as long as a payment is overdue, and reminders of it. `mirrors`: of the subscription that the workspace has."""
    if after.status is SubscriptionState.FAILED:
        until = after.grace_until.isoformat() if after.grace_until else None
        title = "A payment for this workspace is overdue"
        details = {"subscription_id": after.subscription_id, "borne_with_until": until}
        uow.trust.raise_once(dedupe_key=OVERDUE, kind="payment_overdue", severity="critical", title=title, details=details)
    elif before.status is SubscriptionState.FAILED:
        uow.trust.settle(OVERDUE)
    for each in mirrors:
        _remind(uow, each, now=now)


def _remind(uow: UnitOfWork, mirror: Mirror, *, now: datetime) -> None:
    """The latest reminder that is due, if it did not go out yet."""
    due, found = reminders_due(mirror, now=now), mirror.subscription
    if mirror.failing_since is None or due <= mirror.reminders:
        return
    uow.billing.reminded(found.provider, found.subscription_id, due)
    key = f"{found.subscription_id}:{mirror.failing_since:%Y%m%d%H%M%S}:{due}"
    for owner, workspace in _owner(uow):
        mailing.send_payment_overdue(uow, owner, event=key, workspace=workspace, number=due, until=mirror.failing_since + GRACE)


def _mail(uow: UnitOfWork, what: News, before: Stood, after: Standing) -> None:
    subscription = after.subscription_id or before.subscription_id
    # The count of changes tells this change from the same one a month later.
    key = f"{what}:{subscription}:{uow.billing.changes()}"
    for owner, workspace in _owner(uow):
        mailing.send_plan_news(uow, owner, what, event=key, workspace=workspace, before=before.plan, after=after)


def owner_of(uow: UnitOfWork) -> Member | None:
    """None where nobody owns it any more."""
    return next((each for each in uow.members.all() if each.role is Role.OWNER and each.is_active), None)


def _owner(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Address, and the workspace's name. Empty where nobody owns it any more."""
    found = owner_of(uow)
    return [(found.email, uow.members.workspace())] if found else []
