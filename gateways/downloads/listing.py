"""What both readers of pages share: asking one question on an errand, and reading posts that are asked one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable
from domain.observations import Observed
from domain.ports.platforms import Errand
from domain.sources import Answer, Ask, PostsRead, SourceName
from gateways.downloads import troubles

_Read = TypeVar("_Read")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how what it finds is understood."""

    source: SourceName
    platform: str
    operation: str
    key: str


def asked(
    question: Question, errand: Errand, call: Callable[[], Any], read: Callable[[Any, datetime], _Read], now: Callable[[], datetime]
) -> tuple[_Read, datetime]:
    """What the answer says, as of its moment. It is read before it is handed on as well: what cannot be read is no answer to keep."""

    def answer() -> Answer:
        payload, at = call(), now()
        _understood(question, payload, read, at)
        return Answer(payload, fetched_at=at)

    found = errand.fetch(Ask(question.source, question.operation, question.key), answer)
    at = found.fetched_at or now()
    return _understood(question, found.payload, read, at), at


def _understood(question: Question, payload: Any, read: Callable[[Any, datetime], _Read], at: datetime) -> _Read:
    try:
        return read(payload, at)
    except Unreadable as error:
        raise SourceUnavailable(question.platform, error.reason, category="parse_error") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceUnavailable(question.platform, f"the answer lacks something ({error})", category="parse_error") from error


def one_by_one(source: SourceName, keys: Sequence[str], read: Callable[[str, int], tuple[Observed, datetime]], now: datetime) -> PostsRead:
    """Posts that are there, and why the others are not."""
    found: list[Observed] = []
    gone: dict[str, str] = {}
    at = now
    for key in keys:
        try:
            post, read_at = read(key, len(found) + 1)
        except SourceFailed as error:
            if not troubles.is_gone(error):
                raise
            gone[key] = error.category.value
            continue
        at = min(at, read_at)
        found.append(post)
    return PostsRead(source, at, tuple(found), gone)


def refused(platform: str, detail: str, category: str) -> SourceRefused:
    return SourceRefused(platform, detail, category=category)
