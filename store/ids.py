"""Where identities are made: UUIDv7, so that keys grow with time. The domain takes them as arguments."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562)."""
    return compat.uuid7()
