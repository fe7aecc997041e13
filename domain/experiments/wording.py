"""Sentences about randomised results, in words of what was measured: clicks are no views, and a share of watch time is neither."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.effects.verdicts import Effect, Outcome, Verdict

WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CLICKS: "clicks per impression",
        Outcome.REACH: "views",
        Outcome.RETENTION: "seconds watched per view",
        Outcome.WATCH_TIME: "the share of watch time",
        Outcome.ENGAGEMENT: "engagement",
    }
)


def percent(log_points: float) -> float:
    return 100 * math.expm1(min(log_points, 50.0))


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
    figures = f"{100 * basis.level:.4g} % interval {_bound(effect.low)} to {_bound(effect.high)}; {basis.counted}"
    if effect.verdict is Verdict.REFUTED:
        return f"{subject}: no relevant difference in {measured} in {basis.tests} ({figures})."
    verb = "raised" if effect.estimate > 0 else "lowered"
    by = ", as reported by its owner" if effect.verdict is Verdict.EXPERIMENTAL_SELF_REPORTED else ""
    return f"{subject}: {verb} {measured} by {abs(percent(effect.estimate)):.1f} % in {basis.tests}{by} ({figures})."


def _bound(value: float | None) -> str:
    return "no bound" if value is None else f"{percent(value):+.1f} %"
