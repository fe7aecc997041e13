"""Keys that sign tokens as an OpenID Connect issuer does, and change. Forgeries are made by those who test with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@dataclass
class SigningKey:
    """An RSA key with its id. It is made when it is first needed."""

    key_id: str

    @cached_property
    def private(self) -> "RSAPrivateKey":
        from cryptography.hazmat.primitives.asymmetric import rsa

        return rsa.generate_private_key(public_exponent=65_537, key_size=2048)

    @property
    def public(self) -> Mapping[str, Any]:
        """As a member of a key set (RFC 7517)."""
        from jwt.algorithms import RSAAlgorithm

        made = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**made, "kid": self.key_id, "use": "sig", "alg": "RS256"}


@dataclass
class SigningKeys:
    """The newest key signs; the one before it still verifies."""

    name: str
    keys: list[SigningKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        number = int(self.keys[0].key_id.rpartition("-")[2]) + 1 if self.keys else 1
        self.keys = [SigningKey(f"{self.name}-{number}"), *self.keys[:1]]

    def set(self) -> Mapping[str, Any]:
        return {"keys": [each.public for each in self.keys]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Whatever the claims are: who tests a verifier needs wrong ones too."""
        from jwt import PyJWS

        newest = self.keys[0]
        return PyJWS().encode(json.dumps(dict(claims)).encode(), newest.private, algorithm="RS256", headers={"kid": newest.key_id})
