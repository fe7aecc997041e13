"""Ways into a tenant. What opens with them is `store.database`."""

from dataclasses import dataclass
from uuid import UUID


class Entry:
    """A way into a tenant that still has to be proven to the database."""


@dataclass(frozen=True, slots=True)
class KeyEntry(Entry):
    """Enter by an API key. The tenant is known only afterwards."""

    key_hash: bytes


@dataclass(frozen=True, slots=True)
class MemberEntry(Entry):
    """Enter as a member, by a token whose signature was checked."""

    tenant_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class SessionEntry(Entry):
    """Enter by a live session: by its id, which a signed token names, or by the hash of a cookie's secret.

    `tenant_id`: the workspace that the token names; None for the one that the session is in.
    `impersonator`: who acts as the user, by the token; the session has to say the same.
    """

    session_id: UUID | None = None
    secret_hash: bytes | None = None
    tenant_id: UUID | None = None
    impersonator: UUID | None = None
