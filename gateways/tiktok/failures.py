"""TikTok's failures under their names. Most of them are silent: an empty answer, a captcha as JSON, a number in a field.

TikTokApi notices few of them itself, so every answer passes here before anybody reads it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable, shown

SOURCE = "TikTok"
# TikTok's own numbers (`status_code`, `statusCode`), as its web client names them.
CODES: Mapping[int, tuple[FailureCategory, str]] = {
    10000: (FailureCategory.BLOCKED, "it asks for a captcha"),
    10101: (FailureCategory.API_ERROR, "it failed inside"),
    10102: (FailureCategory.PRIVATE, "it wants a login for this"),
    10111: (FailureCategory.BLOCKED, "it did not accept the signature"),
    10113: (FailureCategory.BLOCKED, "it asks for a captcha"),
    10114: (FailureCategory.BLOCKED, "it blocks this client"),
    10201: (FailureCategory.NOT_FOUND, "there is no such thing"),
    10202: (FailureCategory.NOT_FOUND, "there is no such account"),
    10203: (FailureCategory.NOT_FOUND, "there is no such sound"),
    10204: (FailureCategory.NOT_FOUND, "the post is not there, or not for this address"),
    10205: (FailureCategory.NOT_FOUND, "there is no such hashtag"),
    10209: (FailureCategory.NOT_FOUND, "the hashtag is not shown"),
    10211: (FailureCategory.NOT_FOUND, "the hashtag is not shown"),
    10212: (FailureCategory.NOT_FOUND, "the hashtag is not shown"),
    10215: (FailureCategory.NOT_FOUND, "the post was taken down"),
    10216: (FailureCategory.PRIVATE, "the post is private"),
    10217: (FailureCategory.PRIVATE, "the post is under review"),
    10218: (FailureCategory.NOT_FOUND, "the sound was taken down"),
    10219: (FailureCategory.NOT_FOUND, "the sound was taken down"),
    10220: (FailureCategory.NOT_FOUND, "the post was taken down with its sound"),
    10221: (FailureCategory.NOT_FOUND, "the account was banned"),
    10222: (FailureCategory.PRIVATE, "the account is private"),
    10231: (FailureCategory.PRIVATE, "the post is not shown in this country"),
}
LASTING = {FailureCategory.NOT_FOUND, FailureCategory.PRIVATE}


def checked(answer: object) -> dict[str, object]:
    """The answer, where it is one. Raises what it says otherwise."""
    if not isinstance(answer, dict):
        raise unavailable("parse_error", "the answer is JSON, but no object")
    if answer.get("type") == "verify" or "captcha" in str(answer.get("subtype") or answer.get("detail") or "").lower()[:200]:
        raise unavailable("blocked", "it asks for a captcha")
    for name in ("status_code", "statusCode"):
        code = answer.get(name)
        if code not in (None, 0, "0", ""):
            _refuse(code)
    return answer


def read(status: int, words: str, *, retry_after: str | None = None) -> dict[str, object]:
    """An HTTP answer that should be JSON."""
    if status == 429:
        raise unavailable("rate_limit", "it answered 429", retry_after_seconds=_seconds(retry_after))
    if status in (401, 403):
        raise unavailable("blocked", f"it answered {status}")
    if status >= 500 or status == 408:
        raise unavailable("api_error", f"it answered {status}", retry_after_seconds=_seconds(retry_after))
    if status >= 400:
        raise SourceRefused(SOURCE, f"it answered {status}", category="not_found" if status in (404, 410) else "api_error")
    if not words.strip():
        raise unavailable("blocked", "the answer is empty: it takes us for a robot")
    if words.lstrip()[:1] == "<":
        raise unavailable("blocked", "it answered with a page instead of JSON")
    try:
        answer = json.loads(words)
    except ValueError:
        raise unavailable("parse_error", "the answer is cut or no JSON") from None
    return checked(answer)


@contextmanager
def readable() -> Iterator[None]:
    """Turns what cannot be read into a failure of TikTok's."""
    try:
        yield
    except Unreadable as error:
        raise unavailable("parse_error", error.reason) from error
    except KeyError as error:
        raise unavailable("parse_error", f"the answer has no {error}") from error


def unavailable(category: str, detail: str, *, retry_after_seconds: float | None = None) -> SourceUnavailable:
    return SourceUnavailable(SOURCE, detail, category=category, retry_after_seconds=retry_after_seconds)


def is_gone(error: SourceFailed) -> bool:
    """Whether this is about the thing that was asked for, and not about the asking."""
    return isinstance(error, SourceRefused) and error.category in LASTING


def _refuse(code: object) -> NoReturn:
    if isinstance(code, bool) or not (isinstance(code, int | str) and str(code).isdigit()):
        raise unavailable("parse_error", f"its number is {shown(code)}, which is none")
    known = CODES.get(int(code))
    if known is None:
        raise unavailable("api_error", f"it answered with the number {str(code)[:20]}, which nobody explained")
    category, words = known
    if category in LASTING:
        raise SourceRefused(SOURCE, f"{words} ({code})", category=category)
    raise unavailable(category, f"{words} ({code})")


def _seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds; a date is left to the usual back-off."""
    return float(header) if header and header.isascii() and header.isdigit() else None
