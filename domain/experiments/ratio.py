"""Did each arm get its share? A sample ratio that chance does not give means that something else assigns, too: no verdict then.

Source: Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019. Threshold p < 0.001, as usual.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

THRESHOLD = 0.001
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """What each arm got and should have got: impressions of arms side by side, else days or posts."""

    unit: str
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    p: float | None

    @property
    def passed(self) -> bool:
        """What was not counted at all has not failed."""
        return self.p is None or self.p >= THRESHOLD


def ratio_check(observed: Sequence[int], *, unit: str) -> RatioCheck:
    """Equal shares are what every plan assigns."""
    total = sum(observed)
    share = total / len(observed)
    p = float(stats.chisquare(observed).pvalue) if total else None
    return RatioCheck(unit, tuple(observed), (share,) * len(observed), p)


def ratio_p(tests: npt.NDArray[np.int64], impressions: Floats) -> Floats:
    """The same for many tests at once. `tests`: codes 0 .. n-1 by arm; returns one p per test, NaN for one arm or no impressions."""
    arms = np.bincount(tests).astype("float64")
    total = np.bincount(tests, weights=impressions)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = total / arms
        chi = np.bincount(tests, weights=(impressions - expected[tests]) ** 2) / expected
        return np.where((arms > 1) & (total > 0), stats.chi2.sf(chi, arms - 1), np.nan)
