"""Observational estimates held against randomised ones of the same features, and what a claim of cause has to stand besides.

Where five features or more were estimated both ways, a claim about reach must still stand with its interval widened as much as the
comparison says that such intervals are too narrow. Under five, nothing follows.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from domain.effects.verdicts import Design, Effect, Gate, Kind, Outcome, Verdict
from domain.experiments.calibration import Calibration, Estimate, calibrate

# What randomised tests measure that reach follows, with impressions as they are.
MEASURED = (Outcome.CLICKS, Outcome.REACH)


def calibration_of(effects: Sequence[Effect]) -> Calibration:
    """Features of all accounts about reach, against randomised tests of these features."""
    asked = {each.feature for each in effects if each.kind is Kind.FEATURE}
    observed = [each for each in effects if each.kind is Kind.FEATURE and each.outcome is Outcome.REACH and each.scope is None]
    tested = [each for each in effects if each.kind is Kind.EXPERIMENT and each.outcome in MEASURED]
    # An experiment's name is its feature, then where it was run.
    randomised = [(each.feature.partition("/")[0], each) for each in tested]
    return calibrate(
        [Estimate(each.feature, each.estimate, each.se) for each in observed if each.estimate is not None and each.se is not None],
        [Estimate(name, each.estimate, each.se) for name, each in randomised
         if name in asked and each.estimate is not None and each.se is not None],
    )  # fmt: skip


def calibrated(effects: Sequence[Effect], found: Calibration) -> tuple[Effect, ...]:
    """The effects in their order; claims of cause about reach carry the gate `calibration`."""
    if found.widening is None:
        return tuple(effects)
    return tuple(_held_against(each, found.widening) if _is_claim(each) else each for each in effects)


def _is_claim(effect: Effect) -> bool:
    return effect.verdict is Verdict.CAUSAL_SUPPORTED and effect.outcome is Outcome.REACH and effect.design is not Design.RANDOMISED


def _held_against(effect: Effect, widening: float) -> Effect:
    reach = abs(effect.estimate or 0.0) - widening * _side(effect)
    detail = f"the interval, {widening:.2f} times as wide as randomised tests ask for, leaves out no effect by so much"
    gate = Gate("calibration", reach > 0, reach, 0.0, detail)
    return replace(effect, gates=(*effect.gates, gate), verdict=effect.verdict if gate.passed else Verdict.ASSOCIATIONAL)


def _side(effect: Effect) -> float:
    """Width of the interval toward no effect."""
    bound = effect.low if (effect.estimate or 0.0) > 0 else effect.high
    return math.inf if bound is None else abs((effect.estimate or 0.0) - bound)


def calibration_section(found: Calibration, effects: Sequence[Effect]) -> dict[str, Any]:
    """The comparison, and each estimate about reach with its interval as published and as widened."""
    rows = [
        {"key": each.key, "feature": each.feature, "estimate": each.estimate, "low": each.low, "high": each.high,
         "widened_low": each.estimate - found.widening * (each.estimate - each.low),
         "widened_high": each.estimate + found.widening * (each.high - each.estimate)}
        for each in effects
        if found.widening is not None and each.outcome is Outcome.REACH and each.design is not Design.RANDOMISED
        and each.estimate is not None and each.low is not None and each.high is not None
    ]  # fmt: skip
    return {**asdict(found), "sentence": _sentence(found), "effects": rows}


def _sentence(found: Calibration) -> str:
    if found.bias is None or found.widening is None or found.bias_low is None or found.bias_high is None:
        return f"Nothing can be said of how near estimates from posts are to randomised ones: {found.reason}."
    return (
        f"Over {len(found.pairs)} features, estimates from posts are {found.bias:+.3f} log points from randomised ones "
        f"({found.bias_low:+.3f} to {found.bias_high:+.3f}); intervals would have to be {found.widening:.2f} times as wide to hold those."
    )
