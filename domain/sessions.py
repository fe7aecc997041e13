"""What an open session is, and how long one lives. Cookies and tokens are in `gateways.credentials`, keeping them in `store.sessions`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SESSION_LIFE, SESSION_ENDS = timedelta(days=7), timedelta(days=30)
"""A session ends when it was not used for the first, and after the second whatever happens."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The session that a call came in. `impersonator`: the platform's administrator who acts as the user; nobody where it is None.

    `second_factor_at`: when a second factor was proven in it.
    """

    session_id: UUID
    impersonator: UUID | None = None
    second_factor_at: datetime | None = None
    is_platform_admin: bool = False


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session as its user sees it in a list. `expires_at` moves on when it is used."""

    session_id: UUID
    tenant_id: UUID | None
    kind: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


class Verdict(StrEnum):
    """What became of a refresh token. `REPEATED`: an honest retry, which gets the same successor once more."""

    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Refreshing:
    """The verdict on a refresh token of a session, and the session as it is now. `counter` is that of the token to be used next."""

    verdict: Verdict
    user_id: UUID | None = None
    tenant_id: UUID | None = None
    counter: int = 0
    expires_at: datetime | None = None

    @property
    def is_good(self) -> bool:
        return self.verdict in (Verdict.ROTATED, Verdict.REPEATED)
