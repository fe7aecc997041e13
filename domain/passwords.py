"""What a password has to be, and what hashing one costs. No rules of composition (ASVS 5, 6.2.5). Hashing is in `gateways.credentials`."""

import itertools
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from domain.errors import FieldProblem

PASSWORD_LENGTH = range(12, 129)
# OWASP's minimum for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
LEAST_MEMORY_KIB, LEAST_PASSES = 19 * 1024, 2
MOST_MEMORY_KIB = 512 * 1024
_DECORATION = 8
# No letter of NFC is made of more than four.
_MOST_COMPOSED = 4 * PASSWORD_LENGTH.stop
# Signs that stand for letters; some stand for two.
_LEET = tuple(str.maketrans("@4301!$57+8", letters) for letters in ("aaeoiissttb", "aaeolisstlb"))
_ROWS = tuple(
    word * 2 for row in ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
    for word in (row, row[::-1])
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HashingCost:
    """argon2id's parameters, and how many hash at once in one process. Raises ValueError below OWASP's minimum or above 512 MiB in sum."""

    memory_kib: int = LEAST_MEMORY_KIB
    passes: int = LEAST_PASSES
    lanes: int = 1
    at_once: int = 4

    def __post_init__(self) -> None:
        if self.memory_kib < LEAST_MEMORY_KIB or self.passes < LEAST_PASSES or self.lanes < 1 or self.at_once < 1:
            raise ValueError(f"password hashing needs at least {LEAST_MEMORY_KIB} KiB and {LEAST_PASSES} passes")
        if self.memory_kib * self.at_once > MOST_MEMORY_KIB:
            raise ValueError(f"password hashing may take {MOST_MEMORY_KIB} KiB at once: lower its memory or how many hash at once")


def as_typed(password: str) -> str:
    """NFC: the same password from keyboards that compose letters differently (NIST SP 800-63B, 3.1.1.2).

    What is too long to become 128 characters by it stays as it is: a long run of accents takes time with the square of its length.
    """
    return unicodedata.normalize("NFC", password) if len(password) <= _MOST_COMPOSED else password


def password_problems(password: str, *, own_words: Collection[str], common: Collection[str], pointer: str) -> tuple[FieldProblem, ...]:
    """What is wrong with a new password; empty when all is well.

    `own_words`: address, name, workspace, of which it must not be made. `common`: passwords that everybody tries, in small letters.
    """
    typed = as_typed(password)
    if len(typed) not in PASSWORD_LENGTH:
        return (FieldProblem(pointer, f"use {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters"),)
    folded = typed.casefold()
    own = {part for word in own_words for part in _parts(word.casefold())}
    if any(word in own for word in _cores(folded)):
        return (FieldProblem(pointer, "choose one that cannot be guessed from the address or the name"),)
    if _is_pattern(folded) or any(word in common for word in _cores(folded)):
        return (FieldProblem(pointer, "choose one that is not among the first that everybody tries"),)
    return ()


def _parts(word: str) -> set[str]:
    """The word itself and the names in it."""
    spaced = "".join(each if each.isalnum() else " " for each in word)
    return {part for part in {word, word.partition("@")[0], spaced.replace(" ", ""), *spaced.split()} if len(part) >= 4}


def _cores(folded: str) -> set[str]:
    """The password, and what is left of it without the few signs before and after, and with letters for the signs that stand for them."""
    found = {folded}
    for word in (folded, *(folded.translate(signs) for signs in _LEET)):
        core = word.strip("".join({each for each in word if not each.isalpha()}))
        if len(core) >= 3 and len(folded) - len(core) <= _DECORATION:
            spelled = {core, *(core.translate(signs) for signs in _LEET)}
            found |= spelled | {_unit(each) for each in spelled}
    return found | {_unit(folded)}


def _unit(word: str) -> str:
    """What a word repeats; itself where it repeats nothing."""
    return word[: (word + word).find(word, 1)]


def _is_pattern(folded: str) -> bool:
    """A few signs over and over, or a walk along the alphabet or a keyboard."""
    runs = [(sign, len(list(same))) for sign, same in itertools.groupby(folded)]
    return len(_unit(folded)) <= 4 or len(set(folded)) <= 4 or len(runs) <= 4 or any(folded in row for row in _ROWS)
