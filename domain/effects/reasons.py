"""Why a question stays open, in plain words, and what a plain comparison would say."""

import numpy as np

from domain.effects.gate import LEAST_ACCOUNTS
from domain.effects.inference import LEAST_FREE_POSTS, Figures
from domain.effects.panel import Floats, Panel
from domain.effects.verdicts import Gate

# A spread of the outcome below this is rounding.
CONSTANT = 1e-9


def naive(panel: Panel, column: Floats) -> float | None:
    """What a plain comparison of all posts would say; published beside the answer, never instead of it."""
    centred = column - column.mean() if panel.n else column
    spread = float(centred @ centred)
    return float(centred @ panel.outcome) / spread if spread > 0 else None


def why_not(panel: Panel, column: Floats) -> str:
    if panel.n == 0:
        return "no comparable posts"
    if float(np.ptp(panel.outcome)) <= CONSTANT:
        return "all comparable posts did the same"
    if float(np.ptp(column)) == 0:
        return "all comparable posts are alike in this"
    few = panel.free_posts < LEAST_FREE_POSTS
    return "too few comparable posts" if few else "the posts of an account differ too little in this, or in too few stretches of time"


def reason_of(found: Figures, gates: tuple[Gate, ...]) -> str:
    failed = {gate.name for gate in gates if not gate.passed}
    if "census" in failed:
        return "these posts were picked by how they did, and show no clear difference"
    if "accounts" in failed:
        return f"fewer than {LEAST_ACCOUNTS} accounts, and the posts at hand show no clear difference"
    if failed & {"overlap", "periods"}:
        return "too few accounts show both sides" if "overlap" in failed else "both sides were tried in too few separate stretches of time"
    if found.low > 0 or found.high < 0:
        return "the difference is not clear once all questions of this release are counted"
    return "the interval holds both a relevant difference and none"
