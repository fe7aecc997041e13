"""Signing in with Google: its consent page for that, and the ID token that comes of it. Connecting channels is `gateways.google_oauth`.

The consent asks for nothing but who somebody is, is not offline, and takes up no scope that was granted to channels before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from domain.errors import SourceRefused, SourceUnavailable
from domain.sign_in import SCOPES, ExternalIdentity
from gateways.google_oauth import AUTH_URL, SOURCE, GoogleOAuth, challenge_of
from gateways.issuer_keys import IssuerKeys, members
from gateways.oidc import Expected, IdentityTokens

# Google writes its own name in two ways; the first is the one of its discovery document.
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"


@dataclass(frozen=True, slots=True)
class GoogleSignIn:
    """Fills the port SignsIn."""

    oauth: GoogleOAuth
    tokens: IdentityTokens

    @classmethod
    def of(cls, oauth: GoogleOAuth) -> "GoogleSignIn":
        expected = Expected(ISSUERS, audience=oauth.client_id)
        return cls(oauth, IdentityTokens(expected, IssuerKeys(SOURCE, lambda: _keys(oauth)), now=oauth.now))

    def sign_in_url(self, *, state: str, verifier: str, nonce: str, redirect_uri: str) -> str:
        words = {
            "client_id": self.oauth.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "access_type": "online",
            "prompt": "select_account",
        }
        return f"{self.oauth.at(AUTH_URL, '/o/oauth2/v2/auth')}?{urlencode(words)}"

    def identity(self, code: str, *, verifier: str, nonce: str, redirect_uri: str) -> ExternalIdentity:
        token = self.oauth.exchange(code, verifier=verifier, redirect_uri=redirect_uri).id_token
        if token is None:
            raise SourceRefused(SOURCE, "the token endpoint did not say who signs in", category="parse_error")
        return self.tokens.identity(token, nonce=nonce)

    def is_issuer(self, word: str) -> bool:
        return word in ISSUERS


def _keys(oauth: GoogleOAuth) -> Sequence[Mapping[str, Any]]:
    raw = oauth.wire.send("GET", oauth.at(KEYS_URL, "/oauth2/v3/certs"), headers={"accept": "application/json"})
    if raw.status != 200:
        raise SourceUnavailable(SOURCE, f"its keys answered {raw.status}", category="api_error")
    return members(SOURCE, raw.body)
