"""What an open session is. Lives, cookies and tokens are in `gateways.credentials`, keeping them in `store.sessions`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The session that a call came in. `impersonator`: the platform's administrator who acts as the user; nobody where it is None.

    `second_factor_at`: when a second factor was proven in it.
    """

    session_id: UUID
    impersonator: UUID | None = None
    second_factor_at: datetime | None = None
    is_platform_admin: bool = False
