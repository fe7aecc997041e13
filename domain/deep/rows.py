"""How figures of a deep analysis are written: their names, and words that claim no more than was seen."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.deep.contrasts import Contrast
from domain.log_points import bounds, is_nothing, multiple, size

NATURE = "descriptive"


def row(contrast: Contrast) -> dict[str, Any]:
    """Log points and multiples: `multiple` is how many times the account's other posts at the time (or per unit).

    `wide_low`, `wide_high`: the interval widened for the whole family.
    """
    return {
        "name": contrast.name,
        "n": contrast.n,
        "accounts": contrast.accounts,
        "median_multiple": multiple(contrast.median),
        "difference": contrast.estimate,
        "low": contrast.low,
        "high": contrast.high,
        "multiple": multiple(contrast.estimate),
        "multiple_low": multiple(contrast.low),
        "multiple_high": multiple(contrast.high),
        "wide_low": contrast.wide_low,
        "wide_high": contrast.wide_high,
        "stands_out": contrast.stands_out,
        "reason": contrast.reason,
    }


def rows(contrasts: Iterable[Contrast]) -> list[dict[str, Any]]:
    return [row(each) for each in contrasts]


def section(sentence: str, *, n: int, **figures: Any) -> dict[str, Any]:
    """A section: what it is, its plain sentence, how many posts it stands on."""
    return {"nature": NATURE, "sentence": sentence, "n": n, **figures}


def standing_out(contrasts: Iterable[Contrast], *, of: str, what: str, words: Mapping[str, str] | None = None) -> str:
    """What may be said of a family: which of them stand out, or that none does. `words`: for names that only machines read."""
    judged = [each for each in contrasts if each.estimate is not None]
    if not judged:
        return f"Too few posts to compare {of}."
    clear = sorted((each for each in judged if each.stands_out), key=lambda each: -(each.estimate or 0.0))
    if not clear:
        return f"Of {len(judged)} {of} with enough posts, none differs clearly in {what} from the other posts of the same account."
    named = "; ".join(f"{(words or {}).get(each.name, each.name)}: {_against(each)}" for each in clear[:3])
    more = f"; and {len(clear) - 3} more" if len(clear) > 3 else ""
    differ = "differs" if len(clear) == 1 else "differ"
    return (
        f"Of {len(judged)} {of} with enough posts, {len(clear)} {differ} clearly in {what} from the account's other posts: {named}{more}."
    )


def _against(found: Contrast) -> str:
    log_points = found.estimate or 0.0
    side = "above" if log_points > 0 else "below"
    differs = "the same as the others to a tenth of a per cent" if is_nothing(log_points) else f"{size(log_points)} {side} the others"
    return f"{differs} (95 % interval {bounds(found.low, found.high)}, n = {found.n:,})"
