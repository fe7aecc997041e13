"""One outcome and scope at a time, judged by itself, and an effect as JSON values. Whole releases are in `release`."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from domain.effects.candidates import candidates, judge
from domain.effects.sentences import sentence
from domain.effects.verdicts import Effect, Hypothesis, Outcome
from domain.figures import plain


def estimate_effects(
    frame: pd.DataFrame, *, hypotheses: Sequence[Hypothesis], outcome: Outcome = Outcome.REACH, scope: str | None = None, seed: int
) -> tuple[Effect, ...]:
    """One effect per hypothesis, in the order given, as if nothing else were in the release (`candidates` and `judge` in one)."""
    return judge(candidates(frame, hypotheses, outcome=outcome, scope=scope, seed=seed))


def as_figures(effect: Effect) -> dict[str, object]:
    """The effect as JSON values; floats to ten digits, which is what survives another machine's last bit."""
    multiples = {"multiple": effect.multiple, "multiple_low": effect.multiple_low, "multiple_high": effect.multiple_high}
    return {name: plain(value) for name, value in (asdict(effect) | multiples | {"sentence": sentence(effect)}).items()}
