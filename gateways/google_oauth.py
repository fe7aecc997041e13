"""Google's OAuth 2.0 for web servers, with PKCE: where to send somebody, and the token endpoint.

Plain form posts over our own bounded HTTP, not google-auth-oauthlib: its Flow takes a consent with fewer scopes than asked for as an error
unless an environment variable says otherwise, needs another one for a token endpoint on this machine, and brings a second HTTP client that
takes in any answer whole. Where tokens are kept is `services.connections`' business.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.sources import Tokens
from gateways.youtube.transport import Raw, Wire
from gateways.youtube.troubles import retry_after

SOURCE = "google"
AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  an address
REVOKE_URL = "https://oauth2.googleapis.com/revoke"
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
# What the token endpoint's errors mean to us; the others are mistakes of ours.
_CATEGORIES = {"invalid_grant": "invalid_grant", "invalid_client": "not_configured", "unauthorized_client": "not_configured"}
_CATEGORIES |= {"redirect_uri_mismatch": "not_configured", "access_denied": "no_scope", "invalid_scope": "no_scope"}


@dataclass(frozen=True, slots=True)
class GoogleOAuth:
    """One client of one Google project. `url`: another address for all of Google, such as the sandbox's."""

    wire: Wire
    client_id: str
    client_secret: str = field(repr=False)
    url: str | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def close(self) -> None:
        self.wire.close()

    def consent_url(self, *, state: str, verifier: str, scopes: Sequence[str], redirect_uri: str, login_hint: str | None = None) -> str:
        """Offline access with the consent page shown: a refresh token comes only then. Scopes that were granted before stay granted."""
        words = {
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "include_granted_scopes": "true",
            "prompt": "consent",
        }
        return f"{self.at(AUTH_URL, '/o/oauth2/v2/auth')}?{urlencode(words | ({'login_hint': login_hint} if login_hint else {}))}"

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """Raises SourceRefused (invalid_grant) where the code was used, is old, or belongs to another verifier or address."""
        words = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        return self._tokens(words)

    def refresh(self, refresh_token: str) -> Tokens:
        """Raises SourceRefused (invalid_grant) where the grant is dead: asking again never helps."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revoke(self, token: str) -> None:
        """Ends all that this token's owner granted. A token that is dead already is done."""
        raw = self._post(self.at(REVOKE_URL, "/revoke"), {"token": token})
        said = _json(raw)
        if raw.status == 200 or (raw.status == 400 and said.get("error") in ("invalid_token", "invalid_grant")):
            return
        raise self._failure(raw, said)

    def _tokens(self, words: Mapping[str, str]) -> Tokens:
        asked_at = self.now()
        raw = self._post(self.at(TOKEN_URL, "/token"), {**words, "client_id": self.client_id, "client_secret": self.client_secret})
        said = _json(raw)
        if raw.status != 200:
            raise self._failure(raw, said)
        try:
            return _read(said, asked_at)
        except (KeyError, TypeError, ValueError, OverflowError):
            # Never the error itself: its text could quote a token.
            raise SourceUnavailable(SOURCE, "the token endpoint's answer lacks a token or its time", category="parse_error") from None

    def _failure(self, raw: Raw, said: Mapping[str, Any]) -> SourceFailed:
        after = retry_after(raw.headers.get("retry-after"), self.now())
        error = str(said.get("error", ""))[:60]
        if raw.status in (408, 429) or raw.status >= 500:
            category = "rate_limit" if raw.status == 429 else "api_error"
            return SourceUnavailable(SOURCE, f"the token endpoint answered {raw.status}", category=category, retry_after_seconds=after)
        if not error:
            return SourceUnavailable(SOURCE, f"something else than Google answered ({raw.status})", category="blocked")
        description = str(said.get("error_description", ""))[:200]
        return SourceRefused(SOURCE, f"{error} {description}".strip(), category=_CATEGORIES.get(error, "api_error"))

    def _post(self, url: str, words: Mapping[str, str]) -> Raw:
        return self.wire.send("POST", url, body=urlencode(words), headers=_FORM)

    def at(self, theirs: str, path: str) -> str:
        return self.url.rstrip("/") + path if self.url else theirs


def challenge_of(verifier: str) -> str:
    """What is told of a verifier beforehand (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


def _read(said: Mapping[str, Any], asked_at: datetime) -> Tokens:
    token, refresh, seconds = said["access_token"], said.get("refresh_token"), int(said["expires_in"])
    if not isinstance(token, str) or not token or not (refresh is None or isinstance(refresh, str)) or not 0 < seconds <= 86_400:
        raise ValueError("tokens")
    return Tokens(
        access_token=token,
        # Counted from before it was asked for: never later than it really ends.
        expires_at=asked_at + timedelta(seconds=seconds),
        scopes=frozenset(str(said.get("scope", "")).split()),
        refresh_token=refresh or None,
        id_token=identity if isinstance(identity := said.get("id_token"), str) else None,
    )


def _json(raw: Raw) -> Mapping[str, Any]:
    """Nothing where it is no JSON object."""
    try:
        said = json.loads(raw.body or b"{}")
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    if raw.status == 200:
        raise SourceUnavailable(SOURCE, "the answer is no JSON", category="parse_error")
    return {}
