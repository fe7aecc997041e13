"""Ports to those whose word about people we take, and to codes of second factors."""

from datetime import datetime
from typing import Protocol

from domain.sign_in import ExternalIdentity


class SignsIn(Protocol):
    """A provider's consent page for signing in, with PKCE and a nonce."""

    def sign_in_url(self, *, state: str, verifier: str, nonce: str, redirect_uri: str) -> str: ...

    def identity(self, code: str, *, verifier: str, nonce: str, redirect_uri: str) -> ExternalIdentity:
        """Who consented. Raises Unauthenticated where its word cannot be taken, SourceRefused (`invalid_grant`) for a bad code."""

    def is_issuer(self, word: str) -> bool:
        """Whether this names the provider: answers of another one are not meant for it (RFC 9207)."""


class ReadsIdentityTokens(Protocol):
    """Takes the word of one issuer, as a signed token."""

    def identity(self, token: str) -> ExternalIdentity:
        """Raises Unauthenticated where the token cannot be accepted, SourceUnavailable where its issuer's keys cannot be had."""


class TotpCodes(Protocol):
    """Time-based codes."""

    def new_secret(self) -> bytes: ...

    def uri(self, secret: bytes, *, account: str) -> str:
        """What an authenticator reads off a QR code."""

    def step_of(self, secret: bytes, code: str, *, now: datetime) -> int | None:
        """The step whose code this is, of those that are taken now; None where it is no such code."""
