"""Scoring models: weights over named features, given by somebody or fitted. A score shows what each feature brought; none is made up.

Given weights are points per step of the feature (presence: 0 to 1), and are scaled so that their sizes add up to 1. Fitted weights are log
points of views per standard deviation, against the account's usual level; how they are fitted and judged is in `fitting`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import FieldProblem, Unacceptable
from domain.features.feature import Feature, Known

MOST_WEIGHTS = 100


class ModelKind(StrEnum):
    """Where the weights come from."""

    GIVEN = "given"
    FITTED = "fitted"


@dataclass(frozen=True, slots=True)
class Weight:
    """A contribution is `weight` x (value - `centre`) / `scale`."""

    feature: str
    weight: float
    scale: float = 1.0
    centre: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """What is needed to score: the weights, and what is added to their sum."""

    kind: ModelKind
    weights: tuple[Weight, ...]
    intercept: float = 0.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature brought; None where it is not known."""

    feature: str
    value: float | None
    weight: float
    points: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The sum of the contributions; missing, with the reason, as soon as one feature is."""

    score: float | None
    contributions: tuple[Contribution, ...]
    missing: tuple[str, ...]
    reason: str | None


def given_model(weights: Mapping[str, float], features: Sequence[Feature]) -> Model:
    """Raises Unacceptable, naming every weight at fault."""
    check_features(list(weights), features, where="/weights")
    wrong = [FieldProblem(f"/weights/{name}", "give a finite number") for name, value in weights.items() if not math.isfinite(value)]
    total = math.fsum(abs(value) for value in weights.values())
    if wrong or total <= 0 or not math.isfinite(total):
        raise Unacceptable(
            "the weights cannot be used", tuple(wrong) or (FieldProblem("/weights", "give one weight other than 0 at least"),)
        )
    steps = {feature.name: feature.step for feature in features}
    return Model(ModelKind.GIVEN, tuple(Weight(name, weights[name] / total, steps[name]) for name in sorted(weights)))


def check_features(names: Sequence[str], features: Sequence[Feature], *, where: str) -> None:
    """Raises Unacceptable for a feature that does not exist, or that is known only after publication: a score would look ahead."""
    known = {feature.name: feature for feature in features}
    problems = [FieldProblem(f"{where}/{name}", "no such feature: see docs/reference/features.md") for name in names if name not in known]
    late = (name for name in names if name in known and known[name].known is Known.AFTER)
    problems += [FieldProblem(f"{where}/{name}", "known only after publication: it cannot score what is not out yet") for name in late]
    if not 0 < len(names) <= MOST_WEIGHTS:
        problems.append(FieldProblem(where, f"name 1 to {MOST_WEIGHTS} features"))
    if problems:
        raise Unacceptable("the model cannot use these features", tuple(problems))


def score(model: Model, values: Mapping[str, float | None]) -> Scored:
    """A feature that is missing leaves the score missing: no default stands in for it."""
    found = tuple(_contribution(each, values.get(each.feature)) for each in model.weights)
    missing = tuple(each.feature for each in found if each.points is None)
    if missing:
        return Scored(None, found, missing, f"not known: {', '.join(missing)}")
    return Scored(model.intercept + math.fsum(each.points or 0.0 for each in found), found, (), None)


def _contribution(each: Weight, value: float | None) -> Contribution:
    points = None if value is None or value != value else each.weight * (value - each.centre) / each.scale
    return Contribution(each.feature, value, each.weight, points)


def model_of(stored: Mapping[str, Any]) -> Model:
    """A model as it was kept."""
    return Model(ModelKind(stored["kind"]), tuple(Weight(**each) for each in stored["weights"]), stored["intercept"])
