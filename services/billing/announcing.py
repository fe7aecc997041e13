"""Changes of what a workspace has, told: a line in the audit log, and mails to its owner, each once."""

from datetime import datetime

from domain.billing.news import News, Stood, news
from domain.billing.standing import GRACE, Mirror, Standing, reminders_due
from domain.roles import Role
from services import mailing
from store.work import UnitOfWork


def announce(uow: UnitOfWork, before: Stood, after: Standing, *, cause: str) -> None:
    """To be called where it has changed, in the transaction of the change."""
    was = {"plan": before.plan, "status": before.status, "ends_at": before.ends_at}
    now = {"plan": after.plan, "status": after.status, "ends_at": after.ends_at}
    subject = after.subscription_id or before.subscription_id or "free"
    uow.trust.note("subscription.changed", subject, actor=uow.user_id, details={"before": was, "after": now, "cause": cause})
    for each in news(before, after):
        _mail(uow, each, before, after)


def remind(uow: UnitOfWork, mirror: Mirror, *, now: datetime) -> bool:
    """The latest reminder of an overdue payment that is due, if it did not go out yet. Returns whether one went out."""
    due, found = reminders_due(mirror, now=now), mirror.subscription
    if mirror.failing_since is None or due <= mirror.reminders:
        return False
    uow.billing.reminded(found.provider, found.subscription_id, due)
    key = f"{found.subscription_id}:{mirror.failing_since:%Y%m%d%H%M%S}:{due}"
    for owner, workspace in _owner(uow):
        mailing.send_payment_overdue(uow, owner, event=key, workspace=workspace, number=due, until=mirror.failing_since + GRACE)
    return True


def _mail(uow: UnitOfWork, what: News, before: Stood, after: Standing) -> None:
    subscription = after.subscription_id or before.subscription_id
    # The count of changes tells this change from the same one a month later.
    key = f"{what}:{subscription}:{uow.billing.changes()}"
    for owner, workspace in _owner(uow):
        mailing.send_plan_news(uow, owner, what, event=key, workspace=workspace, before=before.plan, after=after)


def _owner(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Address, and the workspace's name. Empty where nobody owns it any more."""
    workspace = uow.members.workspace()
    return [(each.email, workspace) for each in uow.members.all() if each.role is Role.OWNER and each.is_active]
