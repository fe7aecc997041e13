"""Inputs and outputs as bytes: canonical JSON, the same on every machine, and its hash. Tables are packed by column, which is smaller."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def canonical(value: Any) -> bytes:
    """Raises ValueError for a number that JSON has no word for."""
    return json.dumps(value, default=_written, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def digest(*values: Any) -> str:
    """SHA-256 over the canonical JSON of each value, in order."""
    found = hashlib.sha256()
    for value in values:
        found.update(value if isinstance(value, bytes) else canonical(value))
        found.update(b"\n")
    return found.hexdigest()


def pack(value: Any) -> bytes:
    return zlib.compress(canonical(value), level=6)


def unpack(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """A table by column. Every row has the names of the first."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def rows(table: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The table by row again."""
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def moment(word: str | None) -> datetime | None:
    """A moment as it was before it was packed, where there was one."""
    return None if word is None else datetime.fromisoformat(word)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
