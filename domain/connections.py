"""Connections: what a Google grant lets us read, when it is refreshed and retried, and where a consent may lead back to.

The endpoints are in `gateways.google_oauth`, the moves of a channel in `domain.channels`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.errors import FieldProblem, Unacceptable
from domain.owner_reports import ANALYTICS, MONETARY, READONLY
from domain.requests import State

# A consent has so long to come back; a refreshed token has so long to be used; a disconnected one is deleted by then.
STATE_LIFE = timedelta(seconds=600)
REFRESH_AHEAD = timedelta(minutes=5)
# Where the provider does not answer, a token that lives for so long is still handed out.
LAST_USE = timedelta(seconds=60)
KEPT_AFTER_DISCONNECT = timedelta(days=7)
# Longer than a call to the provider may take (60 s): a holder that took so long is dead. Nobody else waits that long.
REFRESH_LEASE = timedelta(seconds=75)
LOOK_SECONDS, LOOKS = 0.1, 300

ASKED = (READONLY, ANALYTICS)
FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "channel": READONLY,
        "analytics": ANALYTICS,
        "revenue": MONETARY,
    }
)
WHAT = MappingProxyType(
    {
        "channel": "the channel and its videos, private and unlisted ones too",
        "analytics": "audience, traffic, devices, countries and retention",
        "revenue": "revenue and what advertisers paid",
    }
)


class ConnectionStatus(StrEnum):
    """`live -> needs_reauth | revoking | revoked`; `revoking` until the provider has confirmed, or the last day came."""

    LIVE = "live"
    NEEDS_REAUTH = "needs_reauth"
    REVOKING = "revoking"
    REVOKED = "revoked"


HELD = frozenset({ConnectionStatus.LIVE, ConnectionStatus.NEEDS_REAUTH})


@dataclass(frozen=True, slots=True)
class Connection:
    """A grant, without its tokens. `generation` counts the tokens that it had; `refresh_asked_at` is set while an answer is outstanding."""

    tenant_id: UUID
    connection_id: UUID
    channel_id: UUID
    user_id: UUID
    provider: str
    external_id: str
    status: ConnectionStatus
    asked_scopes: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: datetime | None
    generation: int
    refresh_asked_at: datetime | None
    refreshing_until: datetime | None
    error: Mapping[str, object] | None
    created_at: datetime
    refreshed_at: datetime | None
    revoked_at: datetime | None
    delete_after: datetime | None
    tokens_deleted_at: datetime | None

    @property
    def is_held(self) -> bool:
        return self.status in HELD

    @property
    def name(self) -> "GrantName":
        return GrantName(self.tenant_id, self.connection_id)


@dataclass(frozen=True, slots=True)
class GrantName:
    """A grant of a tenant."""

    tenant_id: UUID
    connection_id: UUID

    def context(self, column: str) -> bytes:
        """What a sealed token is bound to: one that was moved to another row or tenant cannot be opened."""
        return f"connection:{self.tenant_id}:{self.connection_id}:{column}".encode()


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """The tokens of a connection as they are kept."""

    access_token: bytes | None = field(repr=False)
    refresh_token: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a grant may allow. `reason` says why it is off."""

    name: str
    what: str
    is_on: bool
    reason: str | None = None


def scopes_asked(*, with_revenue: bool) -> tuple[str, ...]:
    return (*ASKED, MONETARY) if with_revenue else ASKED


def features_of(connection: Connection | None) -> list[Feature]:
    """What is on and off with this grant, and why."""
    off = {name: _why_off(connection, scope) for name, scope in FEATURES.items()}
    return [Feature(name, WHAT[name], reason is None, reason) for name, reason in off.items()]


def _why_off(connection: Connection | None, scope: str) -> str | None:
    if connection is None or connection.status in (ConnectionStatus.REVOKING, ConnectionStatus.REVOKED):
        return "the channel is not connected"
    if connection.status is ConnectionStatus.NEEDS_REAUTH:
        return "the grant is no longer good: connect again"
    if scope in connection.scopes:
        return None
    if scope not in connection.asked_scopes:
        return "it was not asked for: connect again with it"
    return "it was not granted: connect again and leave its box ticked"


def is_fresh(expires_at: datetime | None, *, now: datetime, ahead: timedelta = REFRESH_AHEAD) -> bool:
    return expires_at is not None and expires_at - now > ahead


def next_refresh(connection: Connection) -> datetime | None:
    """From when on the next call refreshes; None where nothing will."""
    return connection.expires_at - REFRESH_AHEAD if connection.status is ConnectionStatus.LIVE and connection.expires_at else None


def checked_return(path: str | None) -> str | None:
    """Where the browser goes afterwards: a path of our own origin. Raises Unacceptable for anything else."""
    if path is None:
        return None
    # No empty segment anywhere: a proxy that tidies "/.//host" up makes another host of it.
    is_own = path.startswith("/") and "\\" not in path and "//" not in path.partition("?")[0]
    if not is_own or len(path) > 500 or not path.isascii() or any(ord(each) <= 32 or ord(each) == 127 for each in path):
        problem = FieldProblem("/return_to", "write a path of this server, such as /channels?connected=1")
        raise Unacceptable("the address to return to cannot be accepted", (problem,))
    return path


def revocation_pause(tries: int) -> timedelta:
    """How long after the n-th failed try the next one waits: 30 s, 1 min, 2 min ... at most 6 hours."""
    return timedelta(seconds=min(6 * 3600, 30 * 2 ** min(tries - 1, 12)))


class Onboard(StrEnum):
    """What to do about the first reading of a connection."""

    ASK = "ask"
    AGAIN = "again"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of the request for a connection's first reading."""

    state: State
    attempt: int
    finished_at: datetime | None


def onboarding(asked: Reading | None, *, now: datetime) -> Onboard:
    """Asked for where it never was; again, with growing pauses, where it failed for good. What was canceled stays canceled."""
    if asked is None:
        return Onboard.ASK
    if asked.state in (State.SUCCEEDED, State.CANCELED):
        return Onboard.NOTHING
    if asked.state not in (State.FAILED, State.SKIPPED) or asked.finished_at is None:
        return Onboard.WAIT
    return Onboard.AGAIN if now - asked.finished_at >= onboarding_pause(asked.attempt) else Onboard.WAIT


def onboarding_pause(attempt: int) -> timedelta:
    """5 minutes after the usual three attempts, then three times as long after each further one, at most a day."""
    return timedelta(minutes=min(24 * 60, 5 * 3 ** min(max(0, attempt - 3), 8)))
