"""yt-dlp's failures under their names. It has one exception for nearly everything; what happened stands in its text.

The texts are its own and the platforms', in English, which is what it asks for.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from domain.errors import FailureCategory, OutOfResources, SourceFailed, SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable
from gateways.tiktok.failures import CODES, LASTING

# The first that is found in the text, whatever the case.
TEXTS: tuple[tuple[str, FailureCategory], ...] = (
    (r"not a bot|captcha|ip is likely being blocked|unusual traffic|js challenge|challenge data", FailureCategory.BLOCKED),
    (r"rate.?limited|too many requests|try again later", FailureCategory.RATE_LIMIT),
    # What TikTok answers for a post that is gone, yt-dlp takes for a block of the address.
    (r"ip address is blocked from accessing this post", FailureCategory.NOT_FOUND),
    (r"not made this video available in your country|geo.?restrict|not available in your (country|location)", FailureCategory.PRIVATE),
    (r"private video|video is private|account is private|either private|do not have permission|requiring login|log ?in for access",
     FailureCategory.PRIVATE),
    (r"members.only|join this channel|sign in to confirm your age|age.restricted|premium", FailureCategory.PRIVATE),
    (r"not exist|has been removed|been terminated|no longer available|video (is )?unavailable|is not available|isn't available anymore|"
     r"removed by the uploader", FailureCategory.NOT_FOUND),
    (r"no suitable extractor|unsupported url|is not a valid url", FailureCategory.INVALID_URL),
    (r"timed out|unable to connect|connection (reset|refused|aborted)|proxy|certificate|ssl|name resolution", FailureCategory.NETWORK),
    (r"secondary user id|universal data|unexpected response|incomplete (yt initial )?data|failed to extract any player response",
     FailureCategory.BLOCKED),
    (r"keeps sending the same page", FailureCategory.API_ERROR),
    (r"failed to parse json|unable to extract", FailureCategory.PARSE_ERROR),
)  # fmt: skip
REFUSED = {FailureCategory.NOT_FOUND, FailureCategory.PRIVATE, FailureCategory.INVALID_URL}
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), category) for pattern, category in TEXTS)
_TOO_LARGE = re.compile(r"larger than max-filesize|file is too large", re.IGNORECASE)
_STATUS = re.compile(r"status code (\d{3,6})")


def stop(category: str, detail: str) -> NoReturn:
    """Ends a yt-dlp from inside: the one kind of error that it hands on as it is."""
    from yt_dlp.utils import DownloadCancelled

    class Stopped(DownloadCancelled):  # type: ignore[misc]
        pass

    error = Stopped(detail)
    error.category = category
    raise error


@contextmanager
def named(platform: str) -> Iterator[None]:
    """Everything that may come out of yt-dlp. A bug of its own over an answer that it did not expect is an answer nobody could read."""
    from yt_dlp.utils import YoutubeDLError

    try:
        yield
    except YoutubeDLError as error:
        raise _of(platform, error) from error
    except Unreadable as error:
        raise SourceUnavailable(platform, error.reason, category="parse_error") from error
    except (TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
        raise SourceUnavailable(platform, f"the answer could not be read ({type(error).__name__})", category="parse_error") from error


def _of(platform: str, error: BaseException) -> SourceFailed:
    from yt_dlp.networking.exceptions import HTTPError, RequestError
    from yt_dlp.utils import DownloadCancelled

    if isinstance(error, DownloadCancelled):
        if _TOO_LARGE.search(str(error)):
            return OutOfResources(platform, _short(str(error)))
        return SourceUnavailable(platform, str(error), category=getattr(error, "category", "unknown"))
    behind = list(_behind(error))
    refused = next((each for each in behind if isinstance(each, HTTPError)), None)
    if refused is not None:
        return of_status(platform, int(refused.status), retry_after=refused.response.get_header("Retry-After"))
    if any(isinstance(each, RequestError) for each in behind):
        return SourceUnavailable(platform, _short(str(error)), category="network")
    return told(platform, str(error))


def told(platform: str, words: str) -> SourceFailed:
    """The failure that a text speaks of."""
    if _TOO_LARGE.search(words):
        return OutOfResources(platform, _short(words))
    category = _category(words)
    kind = SourceRefused if category in REFUSED else SourceUnavailable
    return kind(platform, _short(words), category=category)


def _category(words: str) -> FailureCategory:
    if found := _STATUS.search(words):
        known = CODES.get(int(found[1]))
        if known:
            return known[0]
    return next((category for pattern, category in _PATTERNS if pattern.search(words)), FailureCategory.UNKNOWN)


def is_gone(error: SourceFailed) -> bool:
    """Whether it is about the thing that was asked for."""
    return isinstance(error, SourceRefused) and error.category in LASTING


def of_status(platform: str, status: int, *, retry_after: str | None = None) -> SourceFailed:
    """408, 429 and 5xx may pass, the rest does not; 401 and 403 are how a block looks."""
    seconds = float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
    if status == 429:
        return SourceUnavailable(platform, "it answered 429", category="rate_limit", retry_after_seconds=seconds)
    if status in (401, 403):
        return SourceUnavailable(platform, f"it answered {status}", category="blocked")
    if status == 408 or status >= 500:
        return SourceUnavailable(platform, f"it answered {status}", category="api_error", retry_after_seconds=seconds)
    return SourceRefused(platform, f"it answered {status}", category="not_found" if status in (404, 410) else "api_error")


def _behind(error: BaseException) -> Iterator[Any]:
    """The error, and what is behind it, and behind that: yt-dlp's errors keep each other beside themselves."""
    inner = getattr(error, "exc_info", None)
    found = inner[1] if inner else error
    yield from (each for each in (error, found, getattr(found, "cause", None)) if each is not None)


def _short(words: str) -> str:
    """Its first sentence, without its own advice to users of its command."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", words).removeprefix("ERROR: ")
    return re.split(r"(?:; please report|\. Use --|; see  |\n)", plain)[0][:300]
