"""An OpenID Connect issuer with keys that rotate: its configuration, its keys, and tokens for whoever asks for one.

Tokens look like Clerk's session tokens: an authorized party, no audience, the address as the claims `email` and `email_verified`.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.serving import Answered, Asked
from sandbox.signing import SigningKeys
from sandbox.world import Clock

HOST = "issuer.sandbox.test"
ISSUER = f"https://{HOST}"
PARTY = "http://127.0.0.1:8000"
TOKEN_SECONDS = 60


class Issuer:
    """`/_issuer/token` and `/_issuer/rotate` are told from outside; no real issuer has them."""

    hosts = (HOST,)
    paths = ("/_issuer/",)

    def __init__(self, clock: Clock) -> None:
        self._clock, self.keys = clock, SigningKeys("issuer")

    def answer(self, asked: Asked) -> Answered | None:
        if asked.path == "/.well-known/openid-configuration":
            return Answered.of_json({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})
        if asked.path == "/jwks":
            return Answered.of_json(self.keys.set())
        if asked.path == "/_issuer/rotate" and asked.method == "POST":
            self.keys.rotate()
            return Answered.of_json({"kid": self.keys.keys[0].key_id})
        if asked.path == "/_issuer/token" and asked.method == "POST":
            return Answered.of_json({"token": self.token(asked.json() or {})})
        return None

    def token(self, words: Mapping[str, Any]) -> str:
        """A token of now; `words` are claims that differ from the usual ones."""
        now = int(self._clock.now().timestamp())
        usual = {
            "iss": ISSUER, "sub": "user_sandbox", "azp": PARTY, "sid": "sess_sandbox", "iat": now, "nbf": now - 10,
            "exp": now + TOKEN_SECONDS, "email": "ana@example.com", "email_verified": True,
        }  # fmt: skip
        return self.keys.sign({name: word for name, word in {**usual, **words}.items() if word is not None})
