"""Units as arrays, in an order of their own: outcome, treatment, standardised covariates and clusters. No estimating here."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.effects.panel import Floats, Ints

# A rare category would count as an outlier in everybody's distance.
LEAST_SPREAD = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Complete rows. `order` maps them to the rows given; `clusters` is None where each unit stands for itself."""

    y: Floats
    treated: Ints
    x: Floats
    cluster: Ints
    order: Ints
    rows: int
    clusters: int | None

    def back(self, values: Floats) -> Floats:
        """In the order given; NaN for rows that were left out."""
        given = np.full(self.rows, np.nan)
        given[self.order] = values
        return given


def units_of(outcome: object, treatment: object, covariates: pd.DataFrame | Floats, clusters: object) -> Units:
    """Raises ValueError where lengths differ or the treatment is anything but 0 and 1."""
    y, t = (np.asarray(values, dtype=np.float64) for values in (outcome, treatment))
    raw = design(covariates)
    names = np.arange(len(y)).astype(str) if clusters is None else np.asarray(clusters).astype(str)
    if not len(y) == len(t) == len(raw) == len(names):
        raise ValueError("outcome, treatment, covariates and clusters have different lengths")
    if not np.isin(t[np.isfinite(t)], (0.0, 1.0)).all():
        raise ValueError("the treatment is not 0 or 1 throughout")
    complete = np.flatnonzero(np.isfinite(y) & np.isfinite(t) & np.isfinite(raw).all(axis=1))
    # Folds hang on the order of rows; this one hangs on what the rows hold.
    keys = [*raw[complete].T, y[complete], t[complete]]
    order = complete[np.lexsort([names[complete], *keys] if clusters is not None else keys)]
    cluster = np.arange(len(order)) if clusters is None else np.unique(names[order], return_inverse=True)[1]
    return Units(
        y=y[order],
        treated=t[order].astype(np.int64),
        x=standardised(raw[order]),
        cluster=cluster.astype(np.int64),
        order=order,
        rows=len(y),
        clusters=None if clusters is None else int(cluster.max(initial=-1)) + 1,
    )


def design(covariates: pd.DataFrame | Floats) -> Floats:
    """Numbers as they are; words as one column per category but the first. A missing word is missing in all of its columns."""
    if not isinstance(covariates, pd.DataFrame):
        return np.asarray(covariates, dtype=np.float64).reshape(len(covariates), math.prod(np.shape(covariates)[1:]))
    columns = []
    for name in covariates:
        column = covariates[name]
        if pd.api.types.is_numeric_dtype(column):
            columns.append(column.to_numpy(np.float64, na_value=np.nan))
            continue
        words = column.astype(object).to_numpy()
        known = pd.notna(words)
        for level in sorted({str(word) for word in words[known]})[1:]:
            columns.append(np.where(known, [str(word) == level for word in words], np.nan))
    return np.column_stack(columns).astype(np.float64) if columns else np.zeros((len(covariates), 0))


def standardised(columns: Floats) -> Floats:
    """Mean 0, standard deviation 1; columns that never vary are left out."""
    if len(columns) == 0:
        return columns
    spread = columns.std(axis=0)
    varies = spread > 1e-9 * np.maximum(np.abs(columns).max(axis=0), 1e-300)
    is_flag = np.isin(columns, (0.0, 1.0)).all(axis=0)
    scale = np.where(is_flag, np.maximum(spread, LEAST_SPREAD), spread)
    return np.asarray(((columns - columns.mean(axis=0)) / np.where(varies, scale, 1.0))[:, varies], dtype=np.float64)
