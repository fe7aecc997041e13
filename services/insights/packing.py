"""Inputs and outputs as bytes: canonical JSON, the same on every machine, and its hash."""

import hashlib
import json
import zlib
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


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
