"""Least squares with account-clustered errors: CR2 (Bell-McCaffrey) and its Satterthwaite degrees of freedom.

Everything that comes in has been taken `within` its group already. Levels and growth lines are nested in accounts, so leaving them out
of the hat matrix changes neither CR2 nor its degrees of freedom (Pustejovsky & Tipton 2018); a test compares with the full dummy design.
"""

from dataclasses import dataclass

import numpy as np

from domain.effects.panel import Floats

Bounds = tuple[tuple[int, int], ...]

# Shares of a column's variation below these are rounding, not variation.
NOTHING_LEFT = 1e-9
COLLINEAR = 1e-6
# Leverage of 1: the account alone decides a direction and says nothing about its own error.
FULL_LEVERAGE = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """One joint fit. Columns of `treatment` are the features net of all else; `kept` are their positions among those asked for."""

    kept: tuple[int, ...]
    estimates: Floats
    residuals: Floats
    treatment: Floats
    weight: Floats
    remaining: Floats
    basis: Floats
    bounds: Bounds
    se: Floats
    df: Floats
    without: Floats

    def restricted(self, column: int) -> Floats:
        """Residuals of the fit that leaves this feature out: what the outcome looks like if it did nothing."""
        return np.asarray(self.residuals + self.treatment[:, column] * self.estimates[column], dtype=np.float64)


def orthonormal(columns: Floats) -> Floats:
    """A basis of the columns' span; columns that add nothing are left out."""
    if columns.shape[1] == 0 or len(columns) == 0:
        return columns[:, :0]
    scale = np.sqrt(np.sum(columns**2, axis=0))
    scaled = columns[:, scale > 0] / scale[scale > 0]
    # The Gram matrix is small where the columns are long; scaled columns keep it well conditioned.
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    good = values > NOTHING_LEFT * max(values.max(initial=0.0), 1.0)
    rotation: Floats = vectors[:, good] / np.sqrt(values[good])
    return np.asarray(scaled.dot(rotation), dtype=np.float64)


def beside(basis: Floats, more: Floats) -> Floats:
    """An orthonormal basis with further columns taken in."""
    return np.column_stack([basis, orthonormal(more - basis @ (basis.T @ more))])


def regress(
    outcome: Floats, features: Floats, controls: Floats, bounds: Bounds, raw_spread: Floats, *, is_rough: bool = False
) -> Regression:
    """Outcome on all features jointly. `raw_spread` is each feature's sum of squares about its mean before anything was taken out.

    `controls`: an orthonormal basis of them (see `beside`).
    `is_rough`: errors without the small-sample correction, and nothing about leaving accounts out.
    """
    net = features - controls @ (controls.T @ features)
    kept = _estimable(net, raw_spread)
    net = net[:, kept]
    inverse = np.linalg.inv(net.T @ net)
    treatment = net @ inverse / np.diag(inverse)
    weight = np.sum(treatment**2, axis=0)
    estimates = treatment.T @ outcome / weight
    residuals = outcome - controls @ (controls.T @ outcome) - net @ estimates
    basis = np.column_stack([controls, orthonormal(net)])
    loading = treatment / weight
    se, df, owed = _rough(loading, residuals, bounds) if is_rough else _clustered(loading, residuals, basis, bounds)
    return Regression(
        kept=tuple(kept),
        estimates=estimates,
        residuals=residuals,
        treatment=treatment,
        weight=weight,
        remaining=weight / raw_spread[kept],
        basis=basis,
        bounds=bounds,
        se=se,
        df=df,
        without=estimates - owed,
    )


def _estimable(net: Floats, raw_spread: Floats) -> list[int]:
    """Positions of features that vary within accounts and are no combination of earlier ones."""
    kept: list[int] = []
    taken = np.zeros((len(net), 0))
    for position in range(net.shape[1]):
        column = net[:, position]
        size = float(column @ column)
        if raw_spread[position] <= 0 or size <= NOTHING_LEFT * raw_spread[position]:
            continue
        left = column - taken @ (taken.T @ column)
        if left @ left > COLLINEAR * size:
            kept.append(position)
            taken = np.column_stack([taken, left / np.linalg.norm(left)])
    return kept


def _rough(loading: Floats, residuals: Floats, bounds: Bounds) -> tuple[Floats, Floats, Floats]:
    """Errors clustered by account (CR1), accounts - 1 degrees of freedom; nothing owed to anybody."""
    accounts = len(bounds)
    scores = np.add.reduceat(loading * residuals[:, None], [start for start, _ in bounds])
    se = np.sqrt(np.sum(scores**2, axis=0) * accounts / max(accounts - 1, 1))
    return se, np.full(len(se), max(accounts - 1.0, 1.0)), np.zeros((accounts, len(se)))


def _clustered(loading: Floats, residuals: Floats, basis: Floats, bounds: Bounds) -> tuple[Floats, Floats, Floats]:
    """Per feature: the CR2 error, its degrees of freedom, and per account how much the estimate owes to it."""
    features = loading.shape[1]
    scores, owed = np.zeros((len(bounds), features)), np.zeros((len(bounds), features))
    own, cross = np.zeros((len(bounds), features)), np.zeros((len(bounds), features, basis.shape[1]))
    for cluster, (start, end) in enumerate(bounds):
        rows, mine, left = basis[start:end], loading[start:end], residuals[start:end]
        half, whole = _leverage(rows.T @ rows)
        along = rows.T @ mine
        adjusted = mine + rows @ (half @ along)
        scores[cluster] = adjusted.T @ left
        owed[cluster] = mine.T @ left + along.T @ (whole @ (rows.T @ left))
        own[cluster] = np.sum(adjusted**2, axis=0)
        cross[cluster] = adjusted.T @ rows
    se = np.sqrt(np.sum(scores**2, axis=0))
    df = np.array([_satterthwaite(own[:, column], cross[:, column]) for column in range(features)])
    return se, df, owed


def _leverage(gram: Floats) -> tuple[Floats, Floats]:
    """What the inverse root and the inverse of (1 - leverage) add along an account's rows of the basis, from their Gram matrix."""
    shares, vectors = np.linalg.eigh(gram)
    shares = np.clip(shares, NOTHING_LEFT, 1.0)
    room = 1 - shares
    usable = room > 1 - FULL_LEVERAGE
    root = np.where(usable, 1 / np.sqrt(np.where(usable, room, 1.0)), 0.0)
    half, whole = ((vectors * ((power - 1) / shares)) @ vectors.T for power in (root, root**2))
    return half, whole


def _satterthwaite(own: Floats, cross: Floats) -> float:
    """Degrees of freedom of the clustered variance under equal, independent errors; never more than accounts - 1."""
    products = np.diag(own) - cross @ cross.T
    squares = float(np.sum(products**2))
    df = float(np.trace(products)) ** 2 / squares if squares > 0 else 1.0
    return min(max(df, 1.0), max(len(own) - 1.0, 1.0))
