"""What an example is, and the made-up facts that all examples share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Example:
    """What an operation answers, and what it was sent. A text answer has a media type of its own; it is empty where there is none."""

    answer: "msgspec.Struct | dict[str, Any] | str"
    body: msgspec.Struct | None = None
    media_type: str = JSON


NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
POSTED = datetime(2026, 11, 7, 18, 30, tzinfo=UTC)
FIRST_SEEN = datetime(2026, 11, 7, 19, tzinfo=UTC)
USER = UUID("01931c00-0000-7000-8000-000000000001")
WORKSPACE = UUID("01931c00-0000-7000-8000-000000000002")
KEY = UUID("01931c00-0000-7000-8000-000000000003")
REQUEST = UUID("01931c00-0000-7000-8000-000000000004")
IMPORT = UUID("01931c00-0000-7000-8000-000000000005")
ACCOUNT = UUID("01931c00-0000-7000-8000-000000000006")
VIDEO = UUID("01931c00-0000-7000-8000-000000000007")
RELEASE = UUID("01931c00-0000-7000-8000-000000000008")
MEDIA = UUID("01931c00-0000-7000-8000-000000000009")
CLIP = UUID("01931c00-0000-7000-8000-00000000000a")
CANDIDATE = UUID("01931c00-0000-7000-8000-00000000ca4d")
COLLECTION = UUID("01931c00-0000-7000-8000-00000000000b")
SOUND = UUID("01931c00-0000-7000-8000-00000000000c")
ACTIVITY = UUID("01931c00-0000-7000-8000-00000000000d")
SCRAPE = UUID("01931c00-0000-7000-8000-00000000000f")
SEARCH = UUID("01931c00-0000-7000-8000-00000000000e")
CHANNEL = UUID("01931c00-0000-7000-8000-00000000000f")
EFFECT = UUID("01931c00-0000-5000-8000-000000000010")
CURSOR = "mC0rYx4d0n1q7JqkzQ2p1lsxMjM0NSwiMDE5MzFjMDAiXQ"
