"""Which hypotheses share a panel: those that are known for the same posts and need the same things held equal.

A feature that is rarely known (a measured thumbnail) is asked about among the posts where it is known, and empties nobody else's panel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.effects.verdicts import Hypothesis, Kind

# A few posts may be lost to everybody, so that one panel does for most.
MOST_LOST = 0.02


@dataclass(frozen=True, slots=True)
class Family:
    """`columns` are in the panel, in this order; those at `asked` are answered, the others may be held equal."""

    columns: tuple[Hypothesis, ...]
    asked: tuple[int, ...]
    is_timing: bool
    is_format: bool


def families(posts: pd.DataFrame, hypotheses: Sequence[Hypothesis]) -> list[Family]:
    """In the order of their first hypothesis. `posts` has a number or nothing in each hypothesis' column."""
    missing = {each.feature: posts[each.feature].isna().to_numpy() for each in hypotheses}
    known_to_all = _nearly_complete(missing, len(posts))
    members: dict[tuple[bytes, bool, bool, bool, tuple[str, ...]], list[Hypothesis]] = {}
    for each in hypotheses:
        pattern = b"" if each.feature in known_to_all else np.packbits(missing[each.feature]).tobytes()
        # Lengths are compared within a format; only which format it is cannot be. Beside a product its factors would mean something else.
        key = (pattern, each.group == "timing", each.group == "format" and each.is_presence, each.kind is Kind.COMBINATION, each.moves)
        members.setdefault(key, []).append(each)
    common = [each for (pattern, *special, _), mine in members.items() if not pattern and not any(special) for each in mine]
    return [
        _family(
            asked, [each for each in common if each not in asked and each.feature not in moves], is_timing=is_timing, is_format=is_format
        )
        for (_, is_timing, is_format, _, moves), asked in members.items()
    ]


def _nearly_complete(missing: dict[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"], posts: int) -> set[str]:
    """Features that together lose only a few posts, the best known first."""
    lost, kept = np.zeros(posts, dtype=bool), set()
    for name in sorted(missing, key=lambda each: (int(missing[each].sum()), each)):
        both = lost | missing[name]
        if both.sum() > MOST_LOST * posts:
            break
        lost = both
        kept.add(name)
    return kept


def _family(asked: Sequence[Hypothesis], beside: Sequence[Hypothesis], *, is_timing: bool, is_format: bool) -> Family:
    names = {each.feature for each in (*asked, *beside)}
    factors = dict.fromkeys(factor for each in asked for factor in each.factors if factor not in names)
    # First come, first kept: of two copies the one that is held equal stays, and the question goes unanswered.
    before = (*(Hypothesis(factor, factor) for factor in factors), *beside)
    return Family((*before, *asked), tuple(range(len(before), len(before) + len(asked))), is_timing, is_format)
