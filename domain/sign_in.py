"""Signing in by somebody else's word: who they say somebody is, and who that is here. Checking the word is `gateways.oidc`'s business."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.identity import EMAIL

MOST_SUBJECT = 255
SCOPES = ("openid", "email", "profile")


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Somebody by an issuer's word. The pair of issuer and subject is who it is; the address is only told, and may be another tomorrow."""

    issuer: str
    subject: str
    email: str | None
    is_email_verified: bool
    name: str | None
    expires_at: datetime

    @property
    def verified_email(self) -> str | None:
        """The address, where the issuer vouches for it."""
        return self.email if self.is_email_verified else None


@dataclass(frozen=True, slots=True)
class Person:
    """A user who proved a first factor. `tenants` are the workspaces of the user, oldest first."""

    user_id: UUID
    is_active: bool
    tenants: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """A way in that a user has at an issuer."""

    identity_id: UUID
    issuer: str
    email: str | None
    linked_at: datetime
    used_at: datetime | None


def is_address(words: object) -> bool:
    return isinstance(words, str) and len(words) <= 254 and EMAIL.fullmatch(words) is not None


def workspace_name(name: str | None, email: str) -> str:
    """What a new workspace is called until somebody renames it."""
    return f"{(name or email.partition('@')[0])[:80]}'s workspace"


def nonce_of(verifier: str) -> str:
    """The nonce that belongs to a verifier: told to the provider, and worth nothing for finding the verifier."""
    made = hmac.digest(verifier.encode(), b"nonce", "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
