"""Registering and logging in. Hashing is handed in: it takes its time and must not hold a transaction. Keys are in `services.keys`."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from store.work import UnitOfWork

# Five guesses at once per address, then one in three minutes; an address of the network gets thirty, then one in ten seconds.
PER_EMAIL = (5, 1 / 180)
# So no account gets more than ten guesses in a quarter of an hour from devices that we do not know, whatever their number; a known device
# has the same for itself, so that others' guesses do not lock it out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
PER_ADDRESS = (30, 1 / 10)


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who tries to log in. `account`: what names it in one way only, for guesses at it are counted under that.

    `device`: user and hash, where it is one that the user logged in from before.
    """

    account: str
    address: str
    device: tuple[UUID, bytes] | None = None

    @property
    def buckets(self) -> tuple[tuple[str, int, float], ...]:
        """Name, capacity and tokens per second of each bucket that a guess takes from."""
        if self.device is not None:
            user_id, device_hash = self.device
            return ((bucket_of("device", f"{user_id}:{device_hash.hex()}"), *PER_EMAIL),)
        return (bucket_of("login", self.account.casefold()), *PER_EMAIL), (bucket_of("address", self.address), *PER_ADDRESS)


def slow_down(uow: UnitOfWork, guesser: Guesser) -> float:
    """Seconds the caller has to wait before another guess; 0 when this one may be tried."""
    return max(
        uow.identity.seconds_to_wait(bucket, capacity=capacity, per_second=per_second) for bucket, capacity, per_second in guesser.buckets
    )


def address_waits(uow: UnitOfWork, address: str) -> float:
    """The same for a call that may be one of many from one place and is no guess at any account."""
    return uow.identity.seconds_to_wait(bucket_of("address", address), capacity=PER_ADDRESS[0], per_second=PER_ADDRESS[1])


def give_back(uow: UnitOfWork, guesser: Guesser) -> None:
    """It was right: only wrong ones count."""
    for bucket, capacity, _ in guesser.buckets:
        uow.identity.give_back(bucket, capacity=capacity)


def bucket_of(kind: str, word: str) -> str:
    """Buckets hold no address in clear."""
    return f"{kind}:{hashlib.sha256(word.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
