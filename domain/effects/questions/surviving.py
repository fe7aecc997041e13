"""A second look at what survived screening: double machine learning on the same posts, and for whom it holds. Nothing else is looked at.

A claim of cause that the second method does not share is published as an association.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from domain.effects.batches import CLEAR, RUN, batches
from domain.effects.candidates import PanelCandidate
from domain.effects.designs import design_of
from domain.effects.divisions import Labels
from domain.effects.families import Family
from domain.effects.flexible import MOST_APART, agrees, flexible_checks
from domain.effects.heterogeneity import divided, parts_of
from domain.effects.over_time import POSTS_PER_PARTNER
from domain.effects.panel import Floats, Panel
from domain.effects.verdicts import Candidate, Check, Design, Effect, Gate, Hypothesis, Part, Verdict

CLAIMS = frozenset({Verdict.CAUSAL_SUPPORTED, Verdict.ASSOCIATIONAL})
UNCHECKED = "too little varies for a second estimate"
MOST_BESIDE = 40


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """What a second look found of one effect."""

    check: Check | None
    parts: tuple[Part, ...]


def looked_at_again(
    waiting: Sequence[Candidate], effects: Sequence[Effect], frame: pd.DataFrame, labels: Labels, seed: int
) -> tuple[Effect, ...]:
    """The effects in their order; those that say something carry a check, its gate and parts. Rows of `labels` are those of the frame."""
    by_panel: dict[int, list[int]] = {}
    for position, (candidate, effect) in enumerate(zip(waiting, effects, strict=True)):
        if isinstance(candidate, PanelCandidate) and candidate.family is not None and effect.verdict in CLAIMS:
            by_panel.setdefault(id(candidate.panel), []).append(position)
    found: dict[int, Second] = {}
    for positions in by_panel.values():
        mine = [(position, each) for position in positions if isinstance(each := waiting[position], PanelCandidate)]
        found |= _seconds(mine, frame, labels, seed)
    return tuple(seen_again(effect, found[position]) if position in found else effect for position, effect in enumerate(effects))


def seen_again(effect: Effect, second: Second) -> Effect:
    """The effect with its check, the gate that follows, and its parts."""
    own = effect if effect.shrinkage is None else replace(effect, estimate=effect.shrinkage.own, se=effect.shrinkage.own_se)
    gate = Gate("double_ml", False, None, MOST_APART, UNCHECKED) if second.check is None else agrees(own, second.check)
    is_lost = effect.verdict is Verdict.CAUSAL_SUPPORTED and not gate.passed
    verdict = Verdict.ASSOCIATIONAL if is_lost else effect.verdict
    return replace(effect, verdict=verdict, check=second.check, gates=(*effect.gates, gate), parts=second.parts)


def _seconds(mine: Sequence[tuple[int, PanelCandidate]], frame: pd.DataFrame, labels: Labels, seed: int) -> Mapping[int, Second]:
    """Of the claims of one panel."""
    first = mine[0][1]
    family, panel = first.family or Family((), (), is_timing=False, is_format=False), first.panel
    if family.is_timing:
        # Hours are what is asked about: they are no control.
        panel = replace(panel, calendar=np.zeros_like(panel.calendar))
    place = {each.feature: number for number, each in enumerate(family.columns)}
    positions = {place[each.hypothesis.feature]: number for number, each in mine}
    posts = frame if first.scope is None else frame[frame["account_id"].astype(str) == first.scope]
    found: dict[int, Second] = {}
    for members, columns in _beside(panel, family, sorted(positions)):
        part, asked = replace(panel, features=panel.features[:, columns]), [family.columns[column] for column in columns]
        checks = flexible_checks(part, asked, [columns.index(member) for member in members], seed)
        among = {by: each.loc[posts.index] for by, each in labels.items()}
        shared = divided(posts, asked, among, seed, outcome=first.outcome, is_timing_asked=family.is_timing)
        for member in members:
            at = columns.index(member)
            found[positions[member]] = Second(checks.get(at), parts_of(shared, at) if shared else ())
    return found


def _beside(panel: Panel, family: Family, members: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Pairs of positions: those looked at, and all that are held equal with them, ascending."""
    if design_of(panel) is Design.WITHIN_ACCOUNT:
        yield from batches(panel, family.columns, members, is_timing_asked=family.is_timing)
        return
    for member in members:
        yield [member], _company(panel, family.columns, member)


def _company(panel: Panel, hypotheses: Sequence[Hypothesis], member: int) -> list[int]:
    """Over time: the factors, and the few others that clearly go along with the choice or the outcome."""
    net = panel.within(np.column_stack([panel.features, panel.outcome]))
    size = np.sqrt(np.maximum(np.sum(net**2, axis=0), 1e-300))
    shares: Floats = np.abs(net[:, [member, -1]].T @ net[:, :-1]) / np.outer(size[[member, -1]], size[:-1])
    strength = shares.max(axis=0) * np.sqrt(panel.n / RUN)
    names = {each.feature: position for position, each in enumerate(hypotheses)}
    forced = {member, *(names[factor] for factor in hypotheses[member].factors)}
    strength[list(forced)] = 0.0
    order = np.argsort(-strength, kind="stable")[: min(panel.n // POSTS_PER_PARTNER, MOST_BESIDE)]
    return sorted(forced | {int(other) for other in order if strength[other] > CLEAR})
