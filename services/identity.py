"""Registering and logging in. Hashing is handed in: it takes its time and must not hold a transaction. Keys are in `services.keys`."""

import hashlib

from store.work import UnitOfWork

# Five guesses at once per address, then one in three minutes; an address of the network gets thirty, then one in ten seconds.
PER_EMAIL = (5, 1 / 180)
PER_ADDRESS = (30, 1 / 10)


def slow_down(uow: UnitOfWork, *, email: str, address: str) -> float:
    """Seconds the caller has to wait before another guess; 0 when this one may be tried."""
    return max(
        uow.identity.seconds_to_wait(_bucket("login", email.casefold()), capacity=PER_EMAIL[0], per_second=PER_EMAIL[1]),
        uow.identity.seconds_to_wait(_bucket("address", address), capacity=PER_ADDRESS[0], per_second=PER_ADDRESS[1]),
    )


def _bucket(kind: str, word: str) -> str:
    """Buckets hold no address in clear."""
    return f"{kind}:{hashlib.sha256(word.encode()).hexdigest()[:32]}"
