"""Taking feedback in: so much a day and workspace that the inbox can be read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.admin_rules import FEEDBACK_PER_DAY, check_feedback
from domain.errors import LimitReached
from store.ids import new_id
from store.work import UnitOfWork


def tell(uow: UnitOfWork, *, category: str, message: str, rating: int | None, now: datetime) -> tuple[UUID, datetime]:
    """Its id, and when it was told. Raises Unacceptable, LimitReached."""
    check_feedback(category, message)
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    told = uow.feedback.told_since(today)
    if told >= FEEDBACK_PER_DAY:
        raise LimitReached("feedback of this workspace", FEEDBACK_PER_DAY, told, today + timedelta(days=1))
    feedback_id = new_id()
    at = uow.feedback.put(feedback_id, user_id=uow.user_id, category=category.strip(), message=message.strip(), rating=rating)
    return feedback_id, at
