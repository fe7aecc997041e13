"""Channels: a tenant's own accounts, the states they move between, and what may be set on one. Grants are in `domain.connections`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.errors import Conflict, FieldProblem, Refused, Unacceptable
from domain.identity import NAME_RULE, is_name


class ChannelStatus(StrEnum):
    """Where a channel stands. Only `active` ones are worked on by themselves."""

    PENDING_OAUTH = "pending_oauth"
    ACTIVE = "active"
    PAUSED = "paused"
    NEEDS_REAUTH = "needs_reauth"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"


_S = ChannelStatus
# Every move there is, whoever makes it.
MOVES: Mapping[ChannelStatus, frozenset[ChannelStatus]] = MappingProxyType(
    {
        _S.PENDING_OAUTH: frozenset({_S.ACTIVE, _S.ARCHIVED}),
        _S.ACTIVE: frozenset({_S.PENDING_OAUTH, _S.PAUSED, _S.NEEDS_REAUTH, _S.SUSPENDED}),
        _S.PAUSED: frozenset({_S.PENDING_OAUTH, _S.ACTIVE, _S.NEEDS_REAUTH, _S.SUSPENDED}),
        _S.NEEDS_REAUTH: frozenset({_S.PENDING_OAUTH, _S.ACTIVE, _S.SUSPENDED}),
        _S.SUSPENDED: frozenset({_S.PENDING_OAUTH, _S.ACTIVE}),
        _S.ARCHIVED: frozenset({_S.PENDING_OAUTH}),
    }
)
# Those that a person may ask for; the others follow from a grant that came or went, or are the operator's.
ASKABLE = frozenset({(_S.ACTIVE, _S.PAUSED), (_S.PAUSED, _S.ACTIVE), (_S.PENDING_OAUTH, _S.ARCHIVED), (_S.ARCHIVED, _S.PENDING_OAUTH)})
HAS_PLACE = frozenset(ChannelStatus) - {_S.ARCHIVED}

NAMES = 255
TEXT = 5_000
JSON_BYTES = 16_384
DAILY_VIDEOS = range(101)
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_HANDLE = re.compile(r"@?[^\s@/\x00-\x1f]{1,100}")


@dataclass(frozen=True, slots=True)
class Channel:
    """A tenant's own account. `external_id`, `handle` and `account_id` are known once it was connected, and stay."""

    channel_id: UUID
    user_id: UUID
    account_id: UUID | None
    platform: str
    external_id: str | None
    handle: str | None
    name: str
    description: str | None
    niche: str
    status: ChannelStatus
    automation_enabled: bool
    daily_video_limit: int
    upload_time_utc: str | None
    settings: Mapping[str, object]
    metadata: Mapping[str, object]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def check_asked_move(channel: Channel, wanted: ChannelStatus) -> None:
    """Raises Conflict for a move that a person cannot make by asking, and says what makes it."""
    if (channel.status, wanted) in ASKABLE:
        return
    ways = {
        _S.ACTIVE: "connect it",
        _S.PENDING_OAUTH: "disconnect it",
        _S.ARCHIVED: "disconnect it first",
        _S.PAUSED: "only an active one is paused",
    }
    raise Conflict(f"channel {channel.channel_id} is {channel.status}: {ways.get(wanted, f'{wanted} cannot be asked for')}")


def status_after_connecting(now: ChannelStatus) -> ChannelStatus:
    """A paused channel stays paused. Raises Conflict for one that is not to be connected."""
    if now is _S.PAUSED:
        return now
    if now in (_S.ARCHIVED, _S.SUSPENDED):
        raise Conflict(f"the channel is {now}: it cannot be connected")
    return _S.ACTIVE


def check_room(owned: int, limit: int | None, *, whose: str = "you own") -> None:
    """Raises Refused where the owner has no room for one more channel. None: the plan sets no limit."""
    if limit is not None and owned >= limit:
        raise Refused(
            f"channels: limit reached, {whose} {owned} and the plan of this workspace allows {limit} for each member: "
            "archive one, or upgrade to a larger plan"
        )


def check_words(words: Mapping[str, object]) -> None:
    """Raises Unacceptable for fields, by name, that no channel may have. What is not given is not checked."""
    problems = [
        FieldProblem(f"/{name}", advice) for name, (is_good, advice) in _RULES.items() if name in words and not is_good(words[name])
    ]
    if problems:
        raise Unacceptable("the channel cannot be accepted", tuple(problems))


def _is_long_name(word: object) -> bool:
    return isinstance(word, str) and 1 <= len(word.strip()) <= NAMES and word.isprintable()


def _is_text(word: object) -> bool:
    return word is None or (isinstance(word, str) and len(word) <= TEXT and "\x00" not in word)


def _is_small_object(word: object) -> bool:
    return (
        isinstance(word, Mapping) and len(json.dumps(dict(word), default=str).encode()) <= JSON_BYTES and "\\u0000" not in json.dumps(word)
    )


_RULES = {
    "name": (_is_long_name, f"use 1 to {NAMES} printable characters"),
    "niche": (lambda word: isinstance(word, str) and is_name(word), NAME_RULE),
    "description": (_is_text, f"use at most {TEXT} characters"),
    "handle": (lambda word: word is None or bool(_HANDLE.fullmatch(str(word))), "write a handle such as @ana"),
    "daily_video_limit": (lambda word: word in DAILY_VIDEOS, f"use {DAILY_VIDEOS.start} to {DAILY_VIDEOS.stop - 1}"),
    "upload_time_utc": (lambda word: word is None or bool(_TIME.fullmatch(str(word))), "write a time of day as HH:MM, in UTC"),
    "settings": (_is_small_object, f"use an object of at most {JSON_BYTES} bytes"),
    "metadata": (_is_small_object, f"use an object of at most {JSON_BYTES} bytes"),
}
