"""Passwords, API keys and tokens: hashing, comparing, signing. Who may do what is in `domain.identity`.

Passwords: argon2id, by default m=19 MiB t=2 p=1 (OWASP's minimum; 22 ms on the reference machine), at most four at a time, in threads of
their own: login must not be the denial of service. API keys: 256 random bits, stored as SHA-256. Tokens: JWT HS256, 30 minutes, every claim
required. What else goes with sessions is in `gateways.session_secrets`.
"""

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import TypeVar
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import SourceUnavailable, Unauthenticated
from domain.passwords import HashingCost, as_typed
from domain.sessions import SESSION_ENDS as SESSION_ENDS
from domain.sessions import SESSION_LIFE as SESSION_LIFE

TOKEN_LIFE = timedelta(minutes=30)
_ISSUER, _AUDIENCE, _ALGORITHM = "whyral", "whyral-api", "HS256"
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti", "type", "tenant", "sid"]
_PREFIX = "whyral"
_LONGEST = 4096
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key. `plain` is shown once and kept nowhere."""

    plain: str
    prefix: str
    key_hash: bytes


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a good token says."""

    user_id: UUID
    tenant_id: UUID
    session_id: UUID
    impersonator: UUID | None = None


class Passwords:
    """argon2id with bounded concurrency. `verify` takes as long for an unknown address as for a wrong password.

    Hashes are made in threads of its own, first come, first served. The allocator keeps for each thread what it once needed, so hashing in
    the callers' threads would hold 19 MiB for every one of them (64 callers on two cores, measured: 490 MiB in place of 186).
    """

    def __init__(self, cost: HashingCost | None = None, *, wait_seconds: float = 5) -> None:
        cost = cost or HashingCost()
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._threads, self._wait_seconds = ThreadPoolExecutor(cost.at_once, thread_name_prefix="hashing"), wait_seconds
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        return self._in_turn(partial(self._hasher.hash, _bytes(password)))

    def verify(self, password: str, known_hash: str | None) -> bool:
        try:
            is_right = self._in_turn(partial(self._hasher.verify, known_hash or self._nobody, _bytes(password)))
        except (VerificationError, InvalidHashError):
            return False
        return is_right and known_hash is not None

    def is_outdated(self, known_hash: str) -> bool:
        """Whether it was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(known_hash)

    def seconds(self, *, times: int = 5) -> float:
        """What one verification takes on this machine: the median of a few."""
        taken = []
        for _ in range(times):
            began = perf_counter()
            self.verify("correct horse battery", None)
            taken.append(perf_counter() - began)
        return sorted(taken)[times // 2]

    def _in_turn(self, work: Callable[[], T]) -> T:
        """Raises SourceUnavailable where it did not begin in time: the queue is too long."""
        waiting = self._threads.submit(work)
        try:
            return waiting.result(self._wait_seconds)
        except TimeoutError as error:
            if waiting.cancel():
                raise SourceUnavailable("login", "too many at once: try again in a few seconds") from error
            return waiting.result()  # it has begun


class Tokens:
    """Bearer tokens of one deployment."""

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < 32:
            raise ValueError("secret_key needs at least 32 characters")
        self._secret_key = secret_key

    def issue(self, *, user_id: UUID, tenant_id: UUID, session_id: UUID, now: datetime, impersonator: UUID | None = None) -> str:
        """`impersonator` acts as the user: the claim `act` of RFC 8693, 4.1."""
        claims = {
            "iss": _ISSUER, "aud": _AUDIENCE, "sub": str(user_id), "tenant": str(tenant_id), "type": "access",
            "sid": str(session_id), "jti": secrets.token_urlsafe(16), "iat": now, "exp": now + TOKEN_LIFE,
        }  # fmt: skip
        if impersonator is not None:
            claims["act"] = {"sub": str(impersonator)}
        return jwt.encode(claims, self._secret_key, algorithm=_ALGORITHM)

    def read(self, token: str) -> TokenClaims:
        """The claims of a good token. Raises Unauthenticated for any other: forged, expired, of another kind or audience."""
        if len(token) > _LONGEST:
            raise Unauthenticated("the token cannot be accepted")
        try:
            claims = jwt.decode(
                token, self._secret_key, algorithms=[_ALGORITHM], issuer=_ISSUER, audience=_AUDIENCE, options={"require": _REQUIRED}
            )
            if claims["type"] != "access":
                raise Unauthenticated("the token is not an access token")
            return TokenClaims(UUID(claims["sub"]), UUID(str(claims["tenant"])), UUID(str(claims["sid"])), _actor(claims.get("act")))
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("the token has expired: log in again") from error
        # A header of nothing but brackets is too deep for the JSON reader.
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated("the token cannot be accepted") from error


def _bytes(password: str) -> bytes:
    """Half of a character is in no password, and nobody's login breaks by it."""
    return as_typed(password).encode("utf-8", "surrogatepass")


def _actor(claim: object) -> UUID | None:
    """Raises ValueError for a claim that is none of ours."""
    if claim is None:
        return None
    if not isinstance(claim, dict):
        raise ValueError("act")
    return UUID(str(claim.get("sub")))


def new_key(key_id: UUID) -> NewKey:
    """`whyral_<keyid>_<secret>`: the id finds it in logs and lists, the secret alone is worth nothing without it."""
    prefix = f"{_PREFIX}_{key_id.hex}"
    plain = f"{prefix}_{secrets.token_urlsafe(32)}"
    return NewKey(plain=plain, prefix=prefix, key_hash=hash_key(plain))


def looks_like_key(credential: str) -> bool:
    return credential.startswith(f"{_PREFIX}_") and len(credential) < 200


def hash_key(plain: str) -> bytes:
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
