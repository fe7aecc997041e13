"""Posts of one account, or of so few that there are no clusters, compared over time: what time itself explains is taken out first."""

from dataclasses import dataclass

import numpy as np

from domain.effects.panel import LEAST_POSTS_FOR_GROWTH, Floats, Panel
from domain.effects.regression import orthonormal
from domain.effects.serial import Whitening, long_run, whitening

# One bend of the trend for so many posts of an account, up to the most.
POSTS_PER_BEND = 100
MOST_BENDS = 10
# Seven days of the week each need some posts.
LEAST_POSTS_FOR_WEEKDAYS = 100
YEAR = 365.25
# Lags that the errors which choose between plain and whitened posts look at.
ERROR_LAGS = 8
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Outcome and features net of time (`basis`), plainly or whitened. `raw` are features before anything was taken out."""

    outcome: Floats
    features: Floats
    basis: Floats
    raw: Floats
    whitened_by: Whitening | None = None

    def filtered(self, values: Floats, panel: Panel) -> Floats:
        """Columns as this timeline sees them, time still in."""
        return values if self.whitened_by is None else self.whitened_by.of(values, panel.account)

    def net(self, values: Floats) -> Floats:
        return np.asarray(values - self.basis @ (self.basis.T @ values), dtype=np.float64)


def timelines(panel: Panel, *, is_timing_asked: bool) -> tuple[Timeline, Timeline]:
    """Plain, and whitened by what the plain one's residuals tell of how luck lasts."""
    basis = orthonormal(time_controls(panel, is_timing_asked=is_timing_asked))
    plain = _timeline(panel, basis, None)
    return plain, _timeline(
        panel, basis, whitening(plain.outcome, [(0, panel.n)], [basis]) if panel.accounts == 1 else _shared(panel, plain)
    )


def _shared(panel: Panel, plain: Timeline) -> Whitening:
    bases = [np.linalg.qr(plain.basis[start:end])[0] for start, end in panel.bounds]
    return whitening(plain.outcome, panel.bounds, bases)


def _timeline(panel: Panel, basis: Floats, whitened_by: Whitening | None) -> Timeline:
    outcome, features = panel.outcome[:, None], panel.features
    if whitened_by is not None:
        outcome, features, basis = (whitened_by.of(values, panel.account) for values in (outcome, features, basis))
        basis = orthonormal(basis)
    raw = features
    outcome, features = (values - basis @ (basis.T @ values) for values in (outcome, features))
    return Timeline(outcome[:, 0], features, basis, raw, whitened_by)


def is_whitening_better(panel: Panel, plain: Timeline, whitened: Timeline) -> bool:
    """Whether whitening makes the errors smaller, over all features together: no feature's own estimate decides."""
    errors = [_errors(timeline, panel) for timeline in (plain, whitened)]
    usable = np.all([each > TINY for each in errors], axis=0)
    return bool(np.mean(np.log(errors[1][usable] / errors[0][usable])) < 0) if usable.any() else False


def _errors(timeline: Timeline, panel: Panel) -> Floats:
    """Per feature, one at a time, errors that allow neighbouring posts to share their luck."""
    weight = np.maximum(np.sum(timeline.features**2, axis=0), TINY)
    estimates = timeline.features.T @ timeline.outcome / weight
    scores = timeline.features * (timeline.outcome[:, None] - timeline.features * estimates)
    variance = long_run(scores, panel.bounds, lambda _: ERROR_LAGS)
    return np.asarray(np.sqrt(variance) / weight, dtype=np.float64)


def time_controls(panel: Panel, *, is_timing_asked: bool) -> Floats:
    """Levels and lines of account and format, bends of each account's trend, and, unless timing is asked about, calendar and gaps."""
    columns = []
    size = np.bincount(panel.group)
    for group in range(len(size)):
        mine = panel.group == group
        columns.append(mine.astype(np.float64))
        if size[group] >= LEAST_POSTS_FOR_GROWTH:
            columns.append(np.where(mine, panel.days - panel.days[mine].mean(), 0.0))
    for start, end in panel.bounds:
        place = (np.arange(end - start) + 0.5) / (end - start)
        for bend in range(1, min((end - start) // POSTS_PER_BEND, MOST_BENDS) + 1):
            columns.append(np.zeros(panel.n))
            columns[-1][start:end] = np.cos(np.pi * bend * place)
    if not is_timing_asked:
        columns += [*panel.calendar.T, *_season(panel), _gap(panel)]
    return np.column_stack(columns)


def _season(panel: Panel) -> list[Floats]:
    columns = []
    if panel.n >= LEAST_POSTS_FOR_WEEKDAYS:
        weekday = np.floor(panel.days).astype(np.int64) % 7
        columns += [(weekday == day).astype(np.float64) for day in range(1, 6)]
    if np.ptp(panel.days) > YEAR:
        angle = 2 * np.pi * panel.days / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    return columns


def _gap(panel: Panel) -> Floats:
    """Log days since the account's last post; the first has none and counts as its usual one."""
    gap = np.zeros(panel.n)
    for start, end in panel.bounds:
        if end - start > 1:
            since = np.log(np.maximum(np.diff(panel.days[start:end]), 1 / 24))
            gap[start + 1 : end] = since
            gap[start] = since.mean()
    return gap
