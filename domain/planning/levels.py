"""What an account's posts usually reach, and how far single posts stray from it. Figures are log views as if fully grown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats: TypeAlias = npt.NDArray[np.float64]

LEAST_POSTS = 5
NEAREST = 20
# From so many earlier misses on, their own quantiles are the bounds (split conformal: Vovk et al. 2005); of more, the newest.
ENOUGH_MISSES, MOST_MISSES = 20, 200
LEVEL = 0.8
Z_LEVEL = float(stats.norm.ppf((1 + LEVEL) / 2))
# No account is steadier than counting can show.
LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True)
class Usual:
    """What the next post may reach: the median of the newest `of` posts, moved by what such medians missed, and bounds that hold one new
    post four times in five; `reason` where there are too few.
    """

    n: int
    of: int = 0
    level: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    reason: str | None = None
    posts_needed: int | None = None

    @property
    def views(self) -> dict[str, float] | None:
        if self.level is None or self.low is None or self.high is None:
            return None
        return {"median": math.exp(self.level), "low": math.exp(self.low), "high": math.exp(self.high), "level": LEVEL}


def usual(outcomes: Floats) -> Usual:
    """Of outcomes in the order of posting, none missing."""
    n = len(outcomes)
    if n < LEAST_POSTS:
        lacking = LEAST_POSTS - n
        return Usual(n, reason=f"{n} posts whose reach is known; about {lacking} more are needed", posts_needed=lacking)
    near = outcomes[-NEAREST:]
    level = float(np.median(near))
    misses = rolling_misses(outcomes)[-MOST_MISSES:]
    if len(misses) >= ENOUGH_MISSES:
        # An account that grows, or shrinks, outruns its own median: what it missed by in the middle is added.
        lag = float(np.median(misses))
        down, up = (bound - lag for bound in _conformal(misses))
        level += lag
        spread = float(1.4826 * np.median(np.abs(misses - lag)))
    else:
        spread = float(np.sqrt(np.mean((near - level) ** 2) * len(near) / (len(near) - 1)))
        up = float(stats.t.ppf((1 + LEVEL) / 2, len(near) - 1)) * spread * math.sqrt(1 + math.pi / 2 / len(near))
        down = -up
    spread, down, up = max(spread, LEAST_SPREAD), min(down, -LEAST_SPREAD), max(up, LEAST_SPREAD)
    return Usual(n, len(near), level, level + down, level + up, spread)


def levels_before(outcomes: Floats) -> Floats:
    """For each post, the median of up to 20 before it; NaN where there are fewer than five. Nothing later is looked at."""
    found = np.full(len(outcomes), np.nan)
    for place in range(LEAST_POSTS, len(outcomes)):
        found[place] = np.median(outcomes[max(0, place - NEAREST) : place])
    return found


def rolling_misses(outcomes: Floats) -> Floats:
    """How far each post lay from what the ones before it promised."""
    missed = outcomes - levels_before(outcomes)
    return np.asarray(missed[np.isfinite(missed)], dtype=np.float64)


def _conformal(misses: Floats) -> tuple[float, float]:
    """Bounds that a new miss is outside of with a chance of at most 10 % on either side; rank (n + 1) times the level."""
    ordered, n = np.sort(misses), len(misses)
    tail = (1 - LEVEL) / 2
    below, above = math.floor(tail * (n + 1)), math.ceil((1 - tail) * (n + 1))
    return float(ordered[max(below, 1) - 1]), float(ordered[min(above, n) - 1])


def usual_of(stored: Mapping[str, Any]) -> Usual:
    """A level as it was kept."""
    return Usual(**dict(stored))
