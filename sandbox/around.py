"""What stands around the demo world's titles: people and brands who are named, descriptions, and one account that changes its ways.

All of them are made up. What naming somebody does to views is planted (`PEOPLE`); descriptions do nothing. Chance is of its own stream, so
that titles and luck are what they were without all this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person or a brand of the demo world. `phrase` takes the place of a title's tail: as long as those are, and without capitals."""

    name: str
    kind: str
    phrase: str
    # Log points of views; and of how many posts: the odds, and their slope on account quality.
    effect: float
    odds: tuple[float, float]


NAMED = (
    Somebody("Mira Ostrander", "person", "with @miraostrander", 0.40, (-1.6, -0.5)),
    Somebody("Jonas Quellman", "person", "with @jonasquellman", 0.0, (-2.2, 0.4)),
    Somebody("Kettlewick", "brand", "with a kettlewick", 0.0, (-2.2, 0.2)),
)
PEOPLE: Mapping[str, float] = MappingProxyType({each.name: each.effect for each in NAMED})
# This account posts long videos only until its post of that number, and short ones only from it on; its views jump by so many log points.
CHANGING, CHANGED_POST, JUMP = 7, 24, 0.8
CHANGE_WORDS = "short videos only, after long ones only"

_LINES = ("Everything you see was made for this demo.", "No such kitchen, workshop or garden exists.", "Filmed on an ordinary day.")
_CALL = "Let me know in the comments what to try next."
_LINK = "Notes: https://example.org/notes/{number}"
_PARTS = ("Start", "What you need", "First try", "Second try", "What went wrong", "Result")


def somebody(quality: float, rng: np.random.Generator) -> Somebody | None:
    """Who is named in a post of an account of this quality; one at most."""
    drawn = rng.random()
    for each in NAMED:
        chance = 1 / (1 + float(np.exp(-(each.odds[0] + each.odds[1] * quality))))
        if drawn < chance:
            return each
        drawn -= chance
    return None


def description(number: int, seconds: int, *, is_long: bool, rng: np.random.Generator) -> str:
    """Some lines; in some a link, a request to comment, and in long videos chapters."""
    has_link, has_call, has_chapters = (rng.random(3) < (0.5, 0.4, 0.5)).tolist()
    lines = list(_LINES[: int(rng.integers(1, len(_LINES) + 1))])
    if has_call:
        lines.append(_CALL)
    if has_link:
        lines.append(_LINK.format(number=number))
    if is_long and has_chapters:
        lines += _chapters(seconds)
    return "\n".join(lines)


def _chapters(seconds: int) -> Sequence[str]:
    moments = [seconds * place // len(_PARTS) for place in range(len(_PARTS))]
    return [f"{moment // 60}:{moment % 60:02d} {words}" for moment, words in zip(moments, _PARTS, strict=True)]
