"""Which features share a fit. A joint fit of very many would leave no posts to tell them apart; one at a time would leave out rivals.

The rule is fixed before any effect is looked at: batches in the order asked, each with the features that its members or the outcome clearly
go along with (double selection: Belloni, Chernozhukov & Hansen 2014), and with the factors of its combinations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
# Columns looked at together, and numbers kept for all of them.
MOST_AT_ONCE = 500
MOST_KEPT = 20_000_000


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
    net = _Net.of(panel, is_timing_asked=is_timing_asked)
    for start in range(0, len(asked), size):
        members = list(asked[start : start + size])
        factors = {by_name[factor] for member in members for factor in hypotheses[member].factors}
        strength = _company(panel, net, members)
        strength[[*members, *factors]] = 0.0
        order = np.argsort(-strength, kind="stable")[:size]
        partners = {int(position) for position in order if strength[position] > CLEAR}
        yield members, sorted({*members, *factors, *partners})


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """Outcome and features less what the controls explain; features are made anew where all at once would take too much memory."""

    panel: Panel
    basis: Floats
    outcome: Floats
    kept: Floats | None

    @classmethod
    def of(cls, panel: Panel, *, is_timing_asked: bool) -> "_Net":
        bare = compare(replace(panel, features=np.zeros((panel.n, 0))), 0, is_timing_asked=is_timing_asked)
        outcome = bare.outcome - bare.controls @ (bare.controls.T @ bare.outcome)
        net = cls(panel, bare.controls, outcome, None)
        return net if panel.features.size > MOST_KEPT else replace(net, kept=net.columns(slice(None)))

    def columns(self, which: slice | list[int]) -> Floats:
        if self.kept is not None:
            return self.kept[:, which]
        columns = self.panel.within(self.panel.features[:, which])
        return np.asarray(columns - self.basis @ (self.basis.T @ columns), dtype=np.float64)


def _company(panel: Panel, net: _Net, members: Sequence[int]) -> Floats:
    """Per feature: how clearly (in clustered errors) it goes along with the outcome or with any member."""
    beside = np.column_stack([net.outcome, net.columns(list(members))])
    strength = np.zeros(panel.features.shape[1])
    for start in range(0, len(strength), MOST_AT_ONCE):
        columns = net.columns(slice(start, start + MOST_AT_ONCE))
        total, squares = np.zeros((columns.shape[1], beside.shape[1])), np.zeros((columns.shape[1], beside.shape[1]))
        for first, end in panel.bounds:
            products = columns[first:end].T @ beside[first:end]
            total += products
            squares += products**2
        strength[start : start + MOST_AT_ONCE] = np.max(np.abs(total) / np.sqrt(np.maximum(squares, 1e-300)), axis=1)
    return strength
