"""What may confound beyond straight lines: curves of amounts and of time, hours of the day, products of pairs. Fitting is in `series`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from domain.effects.designs import Comparison, design_of
from domain.effects.panel import Floats, Ints, Panel
from domain.effects.verdicts import Design, Hypothesis

MOST_TERMS = 240
# So many posts to a term at least.
POSTS_PER_TERM = 4
FARTHEST = 4.0
KNOTS = (0.2, 0.5, 0.8)
LAGS = ((1, 1), (2, 3))

# A column and the positions of the features that it is made of.
Term = tuple[Floats, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Outcome first, then the features, then controls; all within account and format. `made_of`: controls x features."""

    values: Floats
    features: int
    is_shrunk: Floats
    made_of: Floats

    def controls_of(self, position: int) -> Ints:
        """Every column but the outcome, the feature itself, and what is made of it."""
        others = [1 + other for other in range(self.features) if other != position]
        free = 1 + self.features + np.flatnonzero(self.made_of[:, position] == 0)
        return np.concatenate([np.array(others, dtype=np.int64), free]).astype(np.int64)


def columns_of(comparison: Comparison, hypotheses: Sequence[Hypothesis]) -> Columns:
    """Plain controls are those of the closed form, earlier posts included; terms beyond them are shrunk."""
    panel, count = comparison.panel, comparison.features.shape[1]
    earlier = [comparison.earlier(*span).columns for span in LAGS]
    plain = np.column_stack([comparison.controls, *earlier])
    bent = _terms(panel, hypotheses, has_place=is_clustered(comparison))
    terms = [term for term, _ in zip(bent, range(min(MOST_TERMS, panel.n // POSTS_PER_TERM)), strict=False)]
    beyond = panel.within(np.column_stack([column for column, _ in terms])) if terms else np.zeros((panel.n, 0))
    made_of = np.zeros((plain.shape[1] + len(terms), count))
    for row, (_, parts) in enumerate(terms):
        made_of[plain.shape[1] + row, list(parts)] = 1.0
    values = np.column_stack([comparison.outcome, comparison.features, plain, beyond])
    is_shrunk = np.zeros(values.shape[1])
    is_shrunk[values.shape[1] - len(terms) :] = 1.0
    return Columns(values, count, is_shrunk, made_of)


def place_in_time(panel: Panel) -> Floats:
    """Where a post stands in its account's own history: from -1, the first, to 1, the last."""
    first, last = (extreme(panel.accounts, panel.account, panel.days) for extreme in (_first, _last))
    span = np.maximum(last - first, 1e-9)
    return np.asarray(2 * (panel.days - first[panel.account]) / span[panel.account] - 1, dtype=np.float64)


def _first(accounts: int, account: Ints, days: Floats) -> Floats:
    found = np.full(accounts, np.inf)
    np.minimum.at(found, account, days)
    return found


def _last(accounts: int, account: Ints, days: Floats) -> Floats:
    found = np.full(accounts, -np.inf)
    np.maximum.at(found, account, days)
    return found


def _terms(panel: Panel, hypotheses: Sequence[Hypothesis], *, has_place: bool) -> Iterator[Term]:
    """In the order of their use: when posts are too few for all of them, the last are left out.

    Without `has_place` nothing hangs on when in its history a post stands: parts that are stretches of time cannot foresee each other then.
    """
    weekend, sine, cosine = panel.calendar.T[:3]
    turn = np.arctan2(sine, cosine)
    hours: list[Floats] = [sine, cosine, np.sin(2 * turn), np.cos(2 * turn)]
    place = place_in_time(panel)
    places = [place] if has_place else []
    # A constant amount has no curve.
    amounts = [at for at, each in enumerate(hypotheses) if not each.is_presence and np.ptp(panel.features[:, at]) > 0]
    flags = [position for position, each in enumerate(hypotheses) if each.is_presence]
    names = [each.feature for each in hypotheses]
    # A combination that is asked about is a column already.
    asked = {tuple(sorted(names.index(factor) for factor in each.factors if factor in names)) for each in hypotheses if each.factors}
    pairs = {pair for pair in combinations(range(len(names)), 2) if pair not in asked}
    curves = {position: _curve(panel.features[:, position]) for position in amounts}
    yield from ((column, ()) for column in (*hours[2:], np.sin(3 * turn), np.cos(3 * turn)))
    yield from ((np.polynomial.legendre.Legendre.basis(degree)(place), ()) for degree in (2, 3, 4) if has_place)
    yield from ((column, (position,)) for position, curve in curves.items() for column in curve[1:])
    yield from ((hour * weekend, ()) for hour in hours)
    yield from ((hour * column, (position,)) for position, curve in curves.items() for column in curve[:3] for hour in hours)
    yield from ((curves[a][0] * curves[b][0], (a, b)) for a, b in combinations(amounts, 2) if (a, b) in pairs)
    yield from ((curve[0] * other, (position,)) for position, curve in curves.items() for other in (weekend, *places))
    yield from ((hour * panel.features[:, position], (position,)) for position in flags for hour in hours[:2])
    yield from ((curves[a][0] * panel.features[:, b], (a, b)) for a in amounts for b in flags if (min(a, b), max(a, b)) in pairs)
    yield from ((panel.features[:, position] * other, (position,)) for position in flags for other in (weekend, *places))
    yield from ((panel.features[:, a] * panel.features[:, b], (a, b)) for a, b in combinations(flags, 2) if (a, b) in pairs)


def _curve(amount: Floats) -> list[Floats]:
    """The amount itself, its square, and what it exceeds each knot by; outliers are drawn in. It is not constant."""
    z = np.clip((amount - amount.mean()) / amount.std(), -FARTHEST, FARTHEST)
    return [z, z**2, *(np.maximum(z - np.quantile(z, knot), 0.0) for knot in KNOTS)]


def is_clustered(comparison: Comparison) -> bool:
    return design_of(comparison.panel) is Design.WITHIN_ACCOUNT
