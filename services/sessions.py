"""Sessions of people who proved who they are. Who that is, is decided before: by a password, a second factor, an issuer's word."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from store.work import UnitOfWork

SESSION_LIFE, SESSION_ENDS = timedelta(days=7), timedelta(days=30)
Kind: TypeAlias = Literal["tokens", "cookie"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A session with its secrets, which are told once."""

    session_id: UUID
    refresh_token: str | None = field(default=None, repr=False)
    cookie_secret: str | None = field(default=None, repr=False)


def open_session(  # noqa: PLR0913 - what a session is made of
    uow: UnitOfWork, *, user_id: UUID, tenant_id: UUID, kind: Kind, has_second_factor: bool, address: str | None, user_agent: str | None
) -> Opened:
    """A live session of this user in this workspace."""
    secret = secrets.token_urlsafe(32) if kind == "cookie" else None
    session_id = uow.sessions.open(
        user_id=user_id, tenant_id=tenant_id, kind=kind, good_for=SESSION_LIFE, at_most=SESSION_ENDS,
        secret_hash=hashlib.sha256(secret.encode()).digest() if secret else None, has_second_factor=has_second_factor,
        address=address, user_agent=user_agent,
    )  # fmt: skip
    return Opened(session_id, cookie_secret=secret)
