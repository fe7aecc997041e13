"""The keys of an issuer (RFC 7517): few, of kinds that we take, kept for an hour, asked for again where a token names one that is new.

Where the issuer is away, what is known serves for a day. A token never brings its key along: `jku`, `x5u` and `jwk` are not read here.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from domain.errors import SourceFailed, SourceUnavailable, Unauthenticated

# Which kind of key an algorithm needs. What is not here is not taken: `none` and the HS family above all.
KINDS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384"), "EC"),
    "EdDSA": "OKP",
}
MOST_KEYS = 20
LEAST_RSA_BITS = 2048
FRESH_SECONDS, STALE_SECONDS = 3600.0, 86_400.0
# Tokens with made-up key ids must not make us ask; an issuer that is away is not asked by every call.
UNKNOWN_PAUSE, FAILED_PAUSE = 60.0, 5.0
Fetch = Callable[[], Sequence[Mapping[str, Any]]]


class IssuerKeys:
    """One issuer's keys; threads share it. `fetch` answers the set's members."""

    def __init__(self, source: str, fetch: Fetch, *, now: Callable[[], float] = time.monotonic) -> None:
        self._source, self._fetch, self._now = source, fetch, now
        self._keys: list[Mapping[str, Any]] = []
        self._fetched_at, self._asked_at, self._has_failed = float("-inf"), float("-inf"), False
        self._lock = threading.Lock()

    def find(self, key_id: str | None, algorithm: str) -> Any:
        """The public key. Raises Unauthenticated where the issuer has no such key, SourceUnavailable where it cannot be asked."""
        with self._lock:
            if self._now() - self._fetched_at > FRESH_SECONDS:
                self._refresh(FAILED_PAUSE if self._has_failed else 0.0)
            found = self._named(key_id, algorithm)
            if found is None and self._refresh(UNKNOWN_PAUSE):
                found = self._named(key_id, algorithm)
            if found is None and self._has_failed:
                raise SourceUnavailable(self._source, "its keys cannot be had", category="network")
            self._demand_known()
        if found is None:
            raise Unauthenticated("the token is signed with a key that its issuer does not have")
        return _read(found, algorithm)

    def _demand_known(self) -> None:
        if self._now() - self._fetched_at > STALE_SECONDS:
            raise SourceUnavailable(self._source, "its keys cannot be had", category="network")

    def _refresh(self, pause: float) -> bool:
        """Whether keys came, asked for at most once in this pause. A failure leaves what is known."""
        if self._now() - self._asked_at < pause:
            return False
        self._asked_at = self._now()
        try:
            self._keys = [each for each in self._fetch() if _is_taken(each)][:MOST_KEYS]
        except SourceFailed:
            self._has_failed = True
            return False
        self._fetched_at, self._has_failed = self._now(), False
        return True

    def _named(self, key_id: str | None, algorithm: str) -> Mapping[str, Any] | None:
        """By its id; a token without one is taken where only one key fits."""
        fits = [each for each in self._keys if each["kty"] == KINDS[algorithm] and each.get("alg", algorithm) == algorithm]
        if key_id is None:
            return fits[0] if len(fits) == 1 else None
        return next((each for each in fits if each.get("kid") == key_id), None)


@dataclass(frozen=True, slots=True)
class Discovered:
    """Keys by way of OpenID Connect Discovery 1.0, section 4. `get` answers what stands behind an address."""

    issuer: str
    get: Callable[[str], bytes]

    def __call__(self) -> Sequence[Mapping[str, Any]]:
        document = object_of(self.issuer, self.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if document.get("issuer") != self.issuer:
            raise SourceUnavailable(self.issuer, "its configuration names another issuer", category="parse_error")
        address = document.get("jwks_uri")
        if not isinstance(address, str) or not address.isascii() or not address.isprintable() or urlsplit(address).scheme != "https":
            raise SourceUnavailable(self.issuer, "its configuration names no https address of keys", category="parse_error")
        return members(self.issuer, self.get(address))


def members(source: str, body: bytes) -> Sequence[Mapping[str, Any]]:
    """The keys of a set. Raises SourceUnavailable where it is none."""
    found = object_of(source, body).get("keys")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SourceUnavailable(source, "its set of keys has another shape", category="parse_error")
    return found


def object_of(source: str, body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceUnavailable(source, "it answered something else than JSON", category="parse_error") from error
    if not isinstance(said, dict):
        raise SourceUnavailable(source, "it answered something else than an object", category="parse_error")
    return said


def _is_taken(key: Mapping[str, Any]) -> bool:
    return key.get("kty") in KINDS.values() and key.get("use", "sig") == "sig" and isinstance(key.get("kid", ""), str)


def _read(key: Mapping[str, Any], algorithm: str) -> Any:
    import jwt

    try:
        made = jwt.PyJWK(dict(key), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise Unauthenticated("the token is signed with a key that cannot be read") from error
    if key["kty"] == "RSA" and made.key_size < LEAST_RSA_BITS:
        raise Unauthenticated("the token is signed with a key that is too short")
    return made
