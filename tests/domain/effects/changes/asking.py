"""Asking for changes as a release does, with Bonferroni's q, which needs no other part of the release."""

import pandas as pd

from domain.effects.changes.changes import ChangesFound, change_candidates
from domain.effects.verdicts import Effect
from tests.domain.effects.changes.worlds import FEATURES, World, make_posts


def found(posts: pd.DataFrame, features: int = 1, seed: int = 0) -> ChangesFound:
    return change_candidates(posts, FEATURES[:features], seed=seed)


def judged(found: ChangesFound, q: float | None = None) -> list[Effect]:
    asked = sum(each.p is not None for each in found.candidates)
    return [each.judged(min(asked * (each.p or 1.0), 1.0) if q is None else q, asked) for each in found.candidates]


def of(world: World, seed: int) -> Effect:
    return next(each for each in judged(found(make_posts(world, seed))) if each.feature == FEATURES[0].name)


def gate(effect: Effect, name: str) -> bool:
    return next(each.passed for each in effect.gates if each.name == name)
