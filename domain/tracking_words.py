"""What people are told of a tracking: its error, and what happens next."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from domain.errors import FailureCategory
from domain.tracking import Tracking, TrackingState

ERRORS: Mapping[FailureCategory, str] = MappingProxyType(
    {
        FailureCategory.INVALID_URL: "the platform does not know such an address: check the handle",
        FailureCategory.NOT_FOUND: "the platform says that there is no such account",
        FailureCategory.PRIVATE: "the account is private: its owner shows it to followers only",
        FailureCategory.RATE_LIMIT: "the platform asked us to wait",
        FailureCategory.QUOTA: "the day's quota is used up",
        FailureCategory.NETWORK: "the platform could not be reached",
        FailureCategory.BLOCKED: "the platform took us for a robot and showed nothing",
        FailureCategory.API_ERROR: "the platform answered with an error",
        FailureCategory.PARSE_ERROR: "the platform's answer could not be read",
        FailureCategory.INVALID_GRANT: "the connection was taken back: connect the channel again",
        FailureCategory.NO_SCOPE: "the connection does not allow it: connect the channel again and tick every box",
        FailureCategory.NOT_CONFIGURED: "nothing is configured that reads this platform: tell your operator",
        FailureCategory.UNKNOWN: "the account could not be read",
    }
)
EMPTY = "the platform showed no posts of an account that has some; what was known before stays"
_REASONS = {
    "first_read": "it is read for the first time",
    "look": "it is looked at for new posts",
    "observe": "a post reaches an age at which it is observed",
    "retry": "it is tried again",
    "pushed": "the platform told us of a new post",
    "asked": "somebody asked for it",
}


def in_words(category: FailureCategory, detail: str = "") -> str:
    """One sentence for people; details of the outside world are for operators and stand in the log."""
    return f"{ERRORS[category]} ({detail})" if detail else ERRORS[category]


def what_next(tracking: Tracking, *, now: datetime) -> str:
    """What happens next with it, in one sentence."""
    if tracking.state is TrackingState.GONE:
        return "it is not read any more; what is known stays. Track it again once it is back"
    if tracking.state is TrackingState.PAUSED or tracking.next_run_at is None:
        return "it is paused: nothing is read by itself until it goes on"
    reason = _REASONS.get(tracking.next_reason, _REASONS["look"])
    if tracking.next_run_at <= now:
        return f"{reason}, with the next run"
    return f"{reason} at {tracking.next_run_at:%Y-%m-%d %H:%M} UTC"
