"""Which features share a fit. A joint fit of very many would leave no posts to tell them apart; one at a time would leave out rivals.

The rule is fixed before any effect is looked at: batches in the order asked, each with the features that its members or the outcome clearly
go along with (double selection: Belloni, Chernozhukov & Hansen 2014), and with the factors of its combinations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from domain.effects.designs import compare
from domain.effects.panel import Floats, Panel
from domain.effects.verdicts import Hypothesis

# Posts that may share their luck and their choices: what runs of posts leave of the evidence.
RUN = 5
# A joint fit may take one part in so many of what is left.
SHARE_PER_FIT = 20
MOST_PER_FIT = 60
CLEAR = 2.8


def batches(
    panel: Panel, hypotheses: Sequence[Hypothesis], asked: Sequence[int], *, is_timing_asked: bool
) -> Iterator[tuple[list[int], list[int]]]:
    """Pairs of positions: those answered in a fit, and all that are in it, ascending."""
    room = (panel.n - RUN * panel.absorbed()) // (RUN * SHARE_PER_FIT)
    size = min(max(room, 1), MOST_PER_FIT)
    if panel.features.shape[1] <= size:
        yield list(asked), list(range(panel.features.shape[1]))
        return
    by_name = {hypothesis.feature: position for position, hypothesis in enumerate(hypotheses)}
    outcome, basis = _net(panel, is_timing_asked=is_timing_asked)
    for start in range(0, len(asked), size):
        members = list(asked[start : start + size])
        factors = {by_name[factor] for member in members for factor in hypotheses[member].factors}
        strength = _company(panel, basis, outcome, members)
        strength[[*members, *factors]] = 0.0
        order = np.argsort(-strength, kind="stable")[:size]
        partners = {int(position) for position in order if strength[position] > CLEAR}
        yield members, sorted({*members, *factors, *partners})


def _net(panel: Panel, *, is_timing_asked: bool) -> tuple[Floats, Floats]:
    bare = compare(replace(panel, features=np.zeros((panel.n, 0))), 0, is_timing_asked=is_timing_asked)
    return bare.outcome - bare.controls @ (bare.controls.T @ bare.outcome), bare.controls


def _company(panel: Panel, basis: Floats, outcome: Floats, members: Sequence[int]) -> Floats:
    """Per feature: how clearly (in clustered errors) it goes along with the outcome or with any member."""
    beside = np.column_stack([outcome, _left(panel, basis, list(members))])
    strength = np.zeros(panel.features.shape[1])
    for start in range(0, len(strength), MOST_PER_FIT):
        positions = list(range(start, min(start + MOST_PER_FIT, len(strength))))
        columns = _left(panel, basis, positions)
        total, squares = np.zeros((len(positions), beside.shape[1])), np.zeros((len(positions), beside.shape[1]))
        for first, end in panel.bounds:
            products = columns[first:end].T @ beside[first:end]
            total += products
            squares += products**2
        strength[positions] = np.max(np.abs(total) / np.sqrt(np.maximum(squares, 1e-300)), axis=1)
    return strength


def _left(panel: Panel, basis: Floats, positions: list[int]) -> Floats:
    columns = panel.within(panel.features[:, positions])
    return np.asarray(columns - basis @ (basis.T @ columns), dtype=np.float64)
