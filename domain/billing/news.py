"""What a payer is told when what their workspace has becomes something else. Pure; the words are in `services.mailing`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.billing.standing import FREE, Standing
from domain.billing.states import ENTITLED, SubscriptionState


class News(StrEnum):
    """One mail each. That a payment is overdue is told by reminders, not here."""

    BEGAN = "began"
    CHANGED = "changed"
    ENDS = "ends"
    GOES_ON = "goes_on"
    ENDED = "ended"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Stood:
    """What a workspace had until now, as it is kept."""

    plan: str
    status: SubscriptionState
    subscription_id: str | None
    ends_at: datetime | None


def news(before: Stood, after: Standing) -> tuple[News, ...]:
    """What is new, in the order in which to tell it."""
    if after.plan != before.plan:
        changed = News.BEGAN if before.plan == FREE else News.ENDED if after.plan == FREE else News.CHANGED
        is_ending = changed is not News.ENDED and after.status is SubscriptionState.CANCELING
        return (changed, News.ENDS) if is_ending else (changed,)
    if after.status is SubscriptionState.CANCELING:
        is_known = before.status is SubscriptionState.CANCELING and before.ends_at == after.ends_at
        return () if is_known else (News.ENDS,)
    if before.status is SubscriptionState.FAILED and after.status in ENTITLED:
        return (News.RECOVERED,)
    goes_on = before.status is SubscriptionState.CANCELING and after.status in ENTITLED
    return (News.GOES_ON,) if goes_on else ()
