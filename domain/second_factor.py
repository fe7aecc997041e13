"""A second factor: a time-based code (RFC 6238) or a recovery code, and what is kept of them. Codes are made by `gateways.totp`."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

STEP_SECONDS = 30
# A clock may be one step off in either direction (RFC 6238, 5.2).
DRIFT_STEPS = 1
RECOVERY_CODES = 10
CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_GUESSES = 5
# Guesses per user, over all challenges: five at once, then one in ten minutes. A right one is given back.
GUESSES = (5, 1 / 600)
CODE = re.compile(r"[0-9]{6}")
# Without letters that are taken for digits. 16 of them are 80 bits.
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_LETTERS = 16


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is kept of somebody's second factor. `sealed` is None where there is none; it counts from `confirmed_at` on."""

    user_id: UUID
    email: str
    password_hash: str | None = field(repr=False)
    sealed: bytes | None = field(repr=False)
    confirmed_at: datetime | None
    last_step: int | None
    codes_left: int

    @property
    def is_on(self) -> bool:
        return self.sealed is not None and self.confirmed_at is not None


def context(user_id: UUID) -> bytes:
    """What a sealed secret is bound to: moved to another user's row, it cannot be opened."""
    return f"second-factor:{user_id}:totp".encode()


def recovery_word(given: str) -> str | None:
    """A recovery code as it is hashed, whatever its capitals, spaces and dashes; None where it is none."""
    word = re.sub(r"[\s-]", "", given.lower())
    return word if len(word) == RECOVERY_LETTERS and not set(word) - set(RECOVERY_ALPHABET) else None


def shown_recovery_code(word: str) -> str:
    """In groups of four."""
    return "-".join(word[start : start + 4] for start in range(0, len(word), 4))


def steps_around(now: datetime) -> tuple[int, ...]:
    """The steps whose codes are taken now, the current one first."""
    step = int(now.timestamp()) // STEP_SECONDS
    return (step, *(step + way * off for off in range(1, DRIFT_STEPS + 1) for way in (-1, 1)))
