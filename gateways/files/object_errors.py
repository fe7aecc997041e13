"""What an S3-compatible store says, in the words of `domain.errors`. What to do about it is said where somebody can do it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from domain.errors import NotFound, SourceFailed, SourceRefused, SourceUnavailable

STORE = "file store"
_AWAY = f"{STORE}: it does not answer at the moment"
_REFUSED = f"{STORE}: it refuses us; whoever operates this deployment finds the reason in its log"
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
# Told with 400 by some, though the next try may do.
_PASSING = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling"})


@contextmanager
def told(bucket: str, key: str) -> Iterator[None]:
    """Raises NotFound for a missing object, SourceUnavailable (5xx, throttling, time-outs), SourceRefused (keys, bucket, region)."""
    try:
        yield
    except FileNotFoundError as error:
        if _code(error) == "NoSuchBucket":
            raise _refused(f"there is no bucket {bucket}: create it, or correct WHYRAL_FILES_URL") from error
        raise NotFound("file", key) from None
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _refused(
            f"bucket {bucket} refused us ({_code(error) or 'no reason given'}): check WHYRAL_FILES_ACCESS_KEY and WHYRAL_FILES_SECRET_KEY, "
            "this machine's clock, and that the keys may list, read, write and delete there",
        ) from error
    except BaseError as error:
        raise _failed(bucket, error) from error


def _failed(bucket: str, error: BaseError) -> SourceFailed:
    status, code = _STATUS.search(str(error)), _code(error)
    number = int(status[1]) if status else None
    if number is None or number >= 500 or number in (408, 429) or code in _PASSING:
        return SourceUnavailable(STORE, f"bucket {bucket} does not answer: {_short(error)}", for_callers=_AWAY)
    detail = f"bucket {bucket} refused with {number} ({code or 'no reason given'})"
    return _refused(f"{detail}: check WHYRAL_FILES_URL, WHYRAL_FILES_ENDPOINT and WHYRAL_FILES_REGION")


def _refused(detail: str) -> SourceRefused:
    """Buckets and settings are the operators' business."""
    return SourceRefused(STORE, detail, for_callers=_REFUSED)


def _code(error: Exception) -> str | None:
    found = _CODE.search(str(error))
    return found[1] if found else None


def _short(error: BaseError) -> str:
    """The library's own words without its debugging dump."""
    return str(error).partition("\n")[0][:300]
