"""Reading single values out of a provider's JSON: what is missing is None, what is of another kind raises Unreadable."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from domain.imports.values import Unreadable, shown

Record = Mapping[str, object]
State = TypeVar("State")


def text(record: Record, name: str) -> str | None:
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{name}: {shown(value)} where text was due")
    return value or None


def demanded(record: Record, name: str) -> str:
    """Text that must be there."""
    found = text(record, name)
    if found is None:
        raise Unreadable(f"{name} is missing")
    return found


def identifier(value: object) -> str | None:
    """An id, also where the whole object stands in its place (`expand`)."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{shown(value)} where an id was due")
    return value or None


def whole(record: Record, name: str) -> int | None:
    value = record.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Unreadable(f"{name}: {shown(value)} where a whole number was due")
    return value


def cents(record: Record, name: str, *, otherwise: int | None = None) -> int:
    """An amount; one that is missing is `otherwise`, which None forbids."""
    value = whole(record, name)
    if value is None:
        value = otherwise
    if value is None:
        raise Unreadable(f"{name} is missing")
    return value


def currency(record: Record) -> str:
    return demanded(record, "currency").lower()


def flag(record: Record, name: str) -> bool:
    value = record.get(name)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"{name}: {shown(value)} where true or false was due")
    return bool(value)


def moment(record: Record, name: str) -> datetime | None:
    """Seconds since 1970."""
    value = whole(record, name)
    try:
        return None if value is None else datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Unreadable(f"{name}: {shown(value)} where a moment was due") from error


def written_moment(record: Record, name: str) -> datetime | None:
    """RFC 3339; one without a zone is UTC."""
    value = text(record, name)
    try:
        found = None if value is None else datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError as error:
        raise Unreadable(f"{name}: {shown(value)} where a moment was due") from error
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def part(record: Record, *names: str) -> Record:
    """What lies under these names, one in the other; nothing is an empty one."""
    for name in names:
        inner = record.get(name)
        if inner is not None and not isinstance(inner, Mapping):
            raise Unreadable(f"{name}: {shown(inner)} where an object was due")
        record = inner or {}
    return record


def parts(record: Record, name: str) -> list[Record]:
    """A list of objects, bare or as Stripe's `{"data": [...]}`."""
    value = record.get(name)
    if isinstance(value, Mapping):
        value = value.get("data")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise Unreadable(f"{name}: {shown(value)} where a list of objects was due")
    return value


def state(table: Mapping[str, State], word: str | None, subject: str) -> State:
    """What the provider's word means."""
    found = table.get(word or "")
    if found is None:
        raise Unreadable(f"{subject}: the status {shown(word)} is unknown")
    return found
