"""The maturity curve: which share of its long-run views a post has reached at an age. How it is fitted is in `fitting`."""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.scores.frames import Cell

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What is kept of every parameter: enough for any figure, few enough that the same input gives the same bytes.
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Hats:
    """Where ages lie between the knots: piecewise linear in log age, constant outside."""

    left: Ints
    weight: Floats

    def at(self, values: Floats) -> Floats:
        return values[self.left] * (1 - self.weight) + values[self.left + 1] * self.weight


@dataclass(frozen=True, slots=True)
class Curve:
    """Log share per knot (log age in days), zero at the oldest knot, which stands for the long run.

    `covariance` is that of the fit; `drift` the variance a single post's course still has ahead of it at each knot;
    `speed_shape` and `speeds` say how an account's posts deviate, shrunk toward 0 where it has few; `speed_errors` are their variances.
    """

    cell: Cell
    knots: tuple[float, ...]
    log_share: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    drift: tuple[float, ...]
    speed_shape: tuple[float, ...]
    speed_spread: float
    speeds: tuple[tuple[str, float, float], ...]
    videos: int
    accounts: int

    def hats(self, age_days: Floats) -> Hats:
        knots = np.array(self.knots)
        where = np.clip(np.log(age_days), knots[0], knots[-1])
        left = np.clip(np.searchsorted(knots, where, side="right") - 1, 0, len(knots) - 2)
        return Hats(left.astype(np.int64), (where - knots[left]) / (knots[left + 1] - knots[left]))

    def log_maturity(self, age_days: Floats, speed: Floats | float = 0.0) -> Floats:
        hats = self.hats(age_days)
        return hats.at(np.array(self.log_share)) + speed * hats.at(np.array(self.speed_shape)) - self.unseen_growth(age_days)

    def unseen_growth(self, age_days: Floats) -> Floats:
        """Log growth from an age to the youngest one that was seen, if it goes on as steeply as it began: a guess, to be priced as one."""
        steepness = (self.log_share[1] - self.log_share[0]) / (self.knots[1] - self.knots[0])
        return steepness * np.maximum(self.knots[0] - np.log(age_days), 0)

    def fit_variance(self, age_days: Floats, reference_days: Floats) -> Floats:
        """How unsure the fit is about the growth between two ages."""
        one, other, matrix = self.hats(age_days), self.hats(reference_days), np.array(self.covariance)
        rows = np.zeros((len(age_days), len(self.knots)))
        for hats, sign in ((one, 1.0), (other, -1.0)):
            index = np.arange(len(rows))
            np.add.at(rows, (index, hats.left), sign * (1 - hats.weight))
            np.add.at(rows, (index, hats.left + 1), sign * hats.weight)
        return np.asarray(((rows @ matrix) * rows).sum(axis=1), dtype=np.float64)

    def drift_variance(self, age_days: Floats) -> Floats:
        """What a single post may still gain or lose against its account's course."""
        return self.hats(age_days).at(np.array(self.drift))

    def account_speeds(self, accounts: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Speed and its variance per account; the spread of all accounts where this one is unknown."""
        known = {name: (speed, error) for name, speed, error in self.speeds}
        pairs = np.array([known.get(name, (0.0, self.speed_spread)) for name in accounts], dtype=float).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def as_json(self) -> str:
        """Canonical: the same curve is the same bytes."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name != "cell"}
        kept["cell"] = {"platform": self.cell.platform, "format": self.cell.format, "regime": self.cell.regime}
        return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def curve_of(text: str) -> Curve:
    """The curve that `as_json` wrote."""
    kept = json.loads(text)
    return Curve(
        cell=Cell(**kept["cell"]),
        knots=tuple(kept["knots"]),
        log_share=tuple(kept["log_share"]),
        covariance=tuple(tuple(row) for row in kept["covariance"]),
        drift=tuple(kept["drift"]),
        speed_shape=tuple(kept["speed_shape"]),
        speed_spread=kept["speed_spread"],
        speeds=tuple((name, speed, error) for name, speed, error in kept["speeds"]),
        videos=kept["videos"],
        accounts=kept["accounts"],
    )
