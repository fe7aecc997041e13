"""Figures of experiments as JSON values, and back. Floats to ten digits, which is what survives another machine's last bit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from domain.effects.gate import benjamini_hochberg
from domain.effects.verdicts import Effect
from domain.experiments.effects import ExperimentCandidate, OwnTest, PooledTests, experiment_effects
from domain.experiments.plan import Metric
from domain.experiments.pooling import Pool, PooledFeature
from domain.figures import plain


def pool_figures(pool: Pool) -> dict[str, Any]:
    found: dict[str, Any] = plain(asdict(pool))
    return found


def pool_of(stored: Mapping[str, Any]) -> Pool:
    """A pool as kept in the database, back as what it means."""
    known = {field.name for field in fields(PooledFeature)}
    features = tuple(PooledFeature(**{name: value for name, value in each.items() if name in known}) for each in stored["features"])
    return Pool(**{**stored, "features": features, "metric": Metric(stored["metric"])})


def stated(tested: OwnTest) -> tuple[Effect, ...]:
    """An own experiment by itself: its comparisons alone share its level, no other question counts."""
    return tuple(
        each.judged(1.0 if each.p is None else each.p, 1) for each in experiment_effects([tested]) if isinstance(each, ExperimentCandidate)
    )


def stated_pool(tests: PooledTests) -> tuple[Effect, ...]:
    """A table by itself: q (Benjamini-Hochberg) over its features."""
    found = [each for each in experiment_effects(pooled=[tests]) if isinstance(each, ExperimentCandidate)]
    return judged_together(found)


def judged_together(found: Sequence[ExperimentCandidate]) -> tuple[Effect, ...]:
    """As a release would judge them, were they all of it."""
    asked = [each.p for each in found if each.p is not None]
    q = iter(benjamini_hochberg(asked))
    return tuple(each.judged(next(q) if each.p is not None else 1.0, max(len(asked), 1)) for each in found)
