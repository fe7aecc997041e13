"""Registering, logging in, making keys. Hashing is handed in: it takes its time and must not hold a transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import LimitReached
from domain.identity import ApiKey, check_scopes
from domain.ports import KeyMaker
from store.ids import new_id
from store.work import UnitOfWork

# Five guesses at once per address, then one in three minutes; an address of the network gets thirty, then one in ten seconds.
PER_EMAIL = (5, 1 / 180)
PER_ADDRESS = (30, 1 / 10)
MAX_KEYS = 50


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key with its secret, to be shown once."""

    key: ApiKey
    plain: str


def slow_down(uow: UnitOfWork, *, email: str, address: str) -> float:
    """Seconds the caller has to wait before another guess; 0 when this one may be tried."""
    return max(
        uow.identity.seconds_to_wait(_bucket("login", email.casefold()), capacity=PER_EMAIL[0], per_second=PER_EMAIL[1]),
        slow_address(uow, address),
    )


def slow_address(uow: UnitOfWork, address: str) -> float:
    """Of somebody who knocks without naming an account."""
    return uow.identity.seconds_to_wait(_bucket("address", address), capacity=PER_ADDRESS[0], per_second=PER_ADDRESS[1])


def _bucket(kind: str, word: str) -> str:
    """Buckets hold no address in clear."""
    return f"{kind}:{hashlib.sha256(word.encode()).hexdigest()[:32]}"


def make_key(
    uow: UnitOfWork, maker: KeyMaker, *, user_id: UUID, name: str, scopes: tuple[str, ...], expires_at: datetime | None = None
) -> MadeKey:
    check_scopes(scopes)
    usable = [key for key in uow.identity.api_keys() if key.revoked_at is None]
    if len(usable) >= MAX_KEYS:
        raise LimitReached("API keys of this workspace", MAX_KEYS, len(usable))
    key_id = new_id()
    made = maker(key_id)
    uow.identity.add_key(
        key_id=key_id, user_id=user_id, name=name, prefix=made.prefix, key_hash=made.key_hash, scopes=scopes, expires_at=expires_at
    )
    return MadeKey(next(key for key in uow.identity.api_keys() if key.key_id == key_id), made.plain)
