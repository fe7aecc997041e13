"""How figures of a deep analysis are written: their names, and words that claim no more than was seen."""

import math
from collections.abc import Iterable
from typing import Any

from domain.deep.contrasts import Contrast

NATURE = "descriptive"
# Beyond e^50 a number says nothing; the bound keeps it finite, and so writable as JSON.
LARGEST_LOG = 50.0


def row(contrast: Contrast) -> dict[str, Any]:
    """Log points and multiples: `multiple` is how many times the account's other posts at the time (or per unit).

    `wide_low`, `wide_high`: the interval widened for the whole family.
    """
    return {
        "name": contrast.name,
        "n": contrast.n,
        "accounts": contrast.accounts,
        "median_multiple": times(contrast.median),
        "difference": contrast.estimate,
        "low": contrast.low,
        "high": contrast.high,
        "multiple": times(contrast.estimate),
        "multiple_low": times(contrast.low),
        "multiple_high": times(contrast.high),
        "wide_low": contrast.wide_low,
        "wide_high": contrast.wide_high,
        "stands_out": contrast.stands_out,
        "reason": contrast.reason,
    }


def rows(contrasts: Iterable[Contrast]) -> list[dict[str, Any]]:
    return [row(each) for each in contrasts]


def times(log_points: float | None) -> float | None:
    return None if log_points is None else math.exp(min(max(log_points, -LARGEST_LOG), LARGEST_LOG))


def section(sentence: str, *, n: int, **figures: Any) -> dict[str, Any]:
    """A section: what it is, its plain sentence, how many posts it stands on."""
    return {"nature": NATURE, "sentence": sentence, "n": n, **figures}


def standing_out(contrasts: Iterable[Contrast], *, of: str, what: str) -> str:
    """What may be said of a family: which of them stand out, or that none does."""
    judged = [each for each in contrasts if each.estimate is not None]
    if not judged:
        return f"Too few posts to compare {of}."
    clear = sorted((each for each in judged if each.stands_out), key=lambda each: -(each.estimate or 0.0))
    if not clear:
        return f"Of {len(judged)} {of} with enough posts, none differs clearly in {what} from the other posts of the same account."
    named = "; ".join(
        f"{each.name}: {times(each.estimate):.2f} times the others ({times(each.low):.2f} to {times(each.high):.2f}, n = {each.n:,})"
        for each in clear[:3]
    )
    more = f"; and {len(clear) - 3} more" if len(clear) > 3 else ""
    return f"Of {len(judged)} {of} with enough posts, {len(clear)} differ clearly in {what} from the account's other posts: {named}{more}."
