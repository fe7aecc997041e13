"""What the past of a daily series lets expect of the next day: weekday, level and trend by medians, and how far off such guesses were.

Values come in on a scale on which noise is even (see `Scale`); NaN is a missing day. Only days before the judged one are looked at.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

WEEK = 7
# A weekday's part is the median of so many weeks; the level and trend that of so many days.
SEASON_WEEKS, LEVEL_DAYS, TREND_DAYS = 10, 14, 42
LEAST_DAYS = 28
# A trend foretells less than it shows: half of it is carried on.
DAMPING = 0.5
MOST_CARRIED = 0.8
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True)
class Scale:
    """asinh(value / unit): logarithmic for large values, straight near zero, so that zero and losses have their place."""

    unit: float

    @classmethod
    def of(cls, values: Floats) -> "Scale":
        """The unit is the noise (a robust one, of the changes from week to week), but at least a twentieth of the typical size.

        So what is far above its noise is judged by ratios, and what crosses zero by differences.
        """
        size = np.abs(values[np.isfinite(values)])
        typical = float(np.median(size[size > 0])) if (size > 0).any() else 1.0
        changes = np.abs(values[WEEK:] - values[:-WEEK])
        known = changes[np.isfinite(changes)]
        noise = MAD_TO_SD * float(np.median(known)) / 2**0.5 if len(known) else 0.0
        return cls(max(typical / 20, noise))

    def there(self, values: Floats) -> Floats:
        return np.asarray(np.arcsinh(values / self.unit), dtype=np.float64)

    def back(self, value: float) -> float:
        return float(np.sinh(value) * self.unit)


def expected(past: Floats) -> float | None:
    """The next day by the days before it, the newest last; None where fewer than 28 are known."""
    recent = past[-SEASON_WEEKS * WEEK :]
    if np.isfinite(recent).sum() < LEAST_DAYS:
        return None
    # Counted back from the judged day, which has distance 0: its weekday is that of distance 7, 14 ...
    distance = np.arange(len(recent), 0, -1)
    trend = _slope(recent)
    season = _season(recent + trend * distance, distance)
    level = (recent - season[distance % WEEK])[-LEVEL_DAYS:]
    nearby = level + DAMPING * trend * distance[-LEVEL_DAYS:]
    if not np.isfinite(nearby).any():
        return None
    return float(np.nanmedian(nearby) + season[0])


def _slope(values: Floats) -> float:
    """Median slope per day between days that are whole weeks apart, so that weekdays play no part (seasonal Kendall-Theil)."""
    near = values[-TREND_DAYS:]
    slopes = [(near[WEEK * k :] - near[: -WEEK * k]) / (WEEK * k) for k in range(1, len(near) // WEEK)]
    known = np.concatenate([each[np.isfinite(each)] for each in slopes]) if slopes else np.zeros(0)
    return float(np.median(known)) if len(known) >= WEEK else 0.0


def _season(level: Floats, distance: npt.NDArray[np.int64]) -> Floats:
    """Each weekday's part by its distance from the judged day, together zero; medians, so that odd days play no part."""
    middle = np.nanmedian(level)
    parts = np.array([_median(level[distance % WEEK == day] - middle) for day in range(WEEK)])
    return np.asarray(parts - parts.mean(), dtype=np.float64)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0


def carried(errors: Floats) -> float:
    """What yesterday's error lets expect of today's: the share that carried on so far. Nothing where yesterday is unknown, or was odd."""
    if not len(errors) or not np.isfinite(errors[-1]):
        return 0.0
    pairs = np.isfinite(errors[1:]) & np.isfinite(errors[:-1])
    before, after = errors[:-1][pairs], errors[1:][pairs]
    power = float(before @ before)
    share = float(before @ after) / power if len(before) >= LEAST_DAYS and power > 0 else 0.0
    return float(np.clip(share, 0.0, MOST_CARRIED)) * float(errors[-1])


def usual_error(errors: Floats) -> float:
    """How far off guesses usually were: a robust standard deviation, or what the tail shows if that is more (heavy tails)."""
    size = np.abs(errors[np.isfinite(errors)])
    return max(MAD_TO_SD * float(np.median(size)), float(np.quantile(size, 0.9)) / 1.645)
