"""Google's refusals by their names, as our errors. Source: "Errors" of the YouTube Data API documentation and Google's API error model."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.quota import resets_at

QUOTA = {"quotaExceeded", "dailyLimitExceeded"}
RATE = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
NO_SCOPE = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
NOT_OURS = {"playlistItemsNotAccessible", "channelForbidden", "playlistForbidden", "accountClosed", "accountSuspended", "channelClosed"}
NOT_OURS |= {"channelSuspended", "forbidden"}
# The project itself is at fault, and only its owner can mend it.
PROJECT = {
    "keyInvalid", "keyExpired", "API_KEY_INVALID", "accessNotConfigured", "SERVICE_DISABLED", "ipRefererBlocked", "dailyLimitExceededUnreg",
    "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED",
}  # fmt: skip
UNREGISTERED = "unregistered callers"
_LATER = {408, 429, 500, 502, 503, 504}


def told(body: bytes) -> tuple[frozenset[str], str]:
    """The reasons that an error body names, and its message; nothing where it is no error of Google's."""
    try:
        error = json.loads(body)["error"]
        first = error.get("errors") or [{}]
        names = [each.get("reason") for each in [*first, *error.get("details", [])]] + [error.get("status")]
        return frozenset(str(name) for name in names if name), str(error.get("message", ""))[:300]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset(), ""


def failure(source: str, status: int, body: bytes, headers: Mapping[str, str], *, now: datetime, has_key: bool = True) -> SourceFailed:
    """The error for an answer that is none. `has_key`: the project's key asked, not somebody's grant."""
    reasons, message = told(body)
    named = f"{message or 'no reason was given'} ({', '.join(sorted(reasons)) or status})"
    after = retry_after(headers.get("retry-after"), now)
    # The new daily buckets answer with the words of a rate limit.
    if reasons & QUOTA or (status == 429 and "per day" in message.casefold()):
        return SourceUnavailable(source, named, category="quota", retry_after_seconds=(resets_at(now) - now).total_seconds())
    if status == 429 or reasons & RATE:
        return SourceUnavailable(source, named, category="rate_limit", retry_after_seconds=after)
    if status in _LATER or status >= 500 or "invalidPageToken" in reasons:
        return SourceUnavailable(source, named, category="api_error", retry_after_seconds=after)
    if 300 <= status < 400 or (not reasons and status in (403, 407)):
        return SourceUnavailable(source, f"something else than Google answered ({status})", category="blocked", retry_after_seconds=after)
    is_project = bool(reasons & PROJECT) or (has_key and (status == 401 or UNREGISTERED in message))
    return SourceRefused(source, named, category=FailureCategory.NOT_CONFIGURED if is_project else _refusal(status, reasons))


def _refusal(status: int, reasons: frozenset[str]) -> FailureCategory:
    if status == 401:
        return FailureCategory.INVALID_GRANT
    if reasons & NO_SCOPE:
        return FailureCategory.NO_SCOPE
    if status in (404, 410):
        return FailureCategory.NOT_FOUND
    return FailureCategory.PRIVATE if status == 403 and reasons & NOT_OURS else FailureCategory.API_ERROR


def retry_after(words: str | None, now: datetime) -> float | None:
    """Seconds, or a date of HTTP; None where nothing sensible is said."""
    if not words:
        return None
    if words.isascii() and words.strip().isdigit():
        return float(min(int(words.strip()[:9]), 86_400))
    try:
        at = parsedate_to_datetime(words)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), 86_400.0)
