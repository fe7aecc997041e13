"""Sentences about randomised results, in words of what was measured: clicks are no views, and a share of watch time is neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.effects.verdicts import Effect, Outcome, Verdict
from domain.log_points import bounds, size

WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CLICKS: "clicks per impression",
        Outcome.REACH: "views",
        Outcome.RETENTION: "seconds watched per view",
        Outcome.WATCH_TIME: "the share of watch time",
        Outcome.ENGAGEMENT: "engagement",
    }
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What figures stand on ("14 blocks of days"), which tests they come from ("a randomised test"), and the level of the interval."""

    counted: str
    tests: str = "a randomised test"
    level: float = 0.95


def sentence_of(effect: Effect, basis: Basis) -> str:
    """What the verdict permits."""
    subject, measured = effect.contrast[:1].upper() + effect.contrast[1:], WORDS[effect.outcome]
    if effect.verdict is Verdict.INCONCLUSIVE or effect.estimate is None:
        why = f": {effect.reason}" if effect.reason else ""
        return f"{subject}: cannot say yet whether it changes {measured}{why}."
    figures = f"{100 * basis.level:.4g} % interval {bounds(effect.low, effect.high)}; {basis.counted}"
    if effect.verdict is Verdict.REFUTED:
        return f"{subject}: no relevant difference in {measured} in {basis.tests} ({figures})."
    verb = "raised" if effect.estimate > 0 else "lowered"
    by = ", as reported by its owner" if effect.verdict is Verdict.EXPERIMENTAL_SELF_REPORTED else ""
    return f"{subject}: {verb} {measured} by {size(effect.estimate)} in {basis.tests}{by} ({figures})."
