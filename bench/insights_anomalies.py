"""Daily series that we made: 365 days with a weekday season (week-ends at 0.6 of the rest), a trend, luck of log-sd 0.15 that persists
from day to day (0.3), its tails as Student's t with 4 degrees of freedom, 2 % of the days missing.

False alarms are events per 90 judged days where nothing was planted. Spikes (three times the day's value) and drops (to 0.4 of it) are
planted on one day of the last 90 each, and shifts (to 2.2 times, or 0.4) from such a day on; found means that an event in that direction
begins on that day, a shift also that it is called one. The baseline are mean and three standard deviations of the last 28 days.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

from bench.harness.rows import Row, Scale
from domain.anomalies import Anomaly, Direction, Kind, Metric, Series, anomalies

TITLE = "Anomalies in daily series"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS, SERIES, UNJUDGED = 365, 100, 42
FALSE, FOUND = 1.0, 0.9
WORLDS: dict[str, dict[str, float]] = {
    "as above": {},
    "normal luck": {"df": 1e6},
    "persistence 0.6": {"persistence": 0.6},
    "falling to a quarter": {"growth": -1.4 / 365},
    "luck of 0.3": {"sd": 0.3},
    "few views (about 20 a day)": {"level": 3.0},
}
PLANTED = (("threefold spike", 3.0, False), ("drop by 60 %", 0.4, False), ("rise to 2.2 times", 2.2, True), ("fall to 0.4", 0.4, True))
Values: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


def run(scale: Scale) -> list[Row]:
    seeds = range(scale.rows(SERIES))
    rows = []
    for name, more in WORLDS.items():
        made = [series(seed, **more) for seed in seeds]
        false, naive = (float(np.mean([find(each) for each in made])) * 90 / (DAYS - UNJUDGED) for find in (_events, _naive))
        rows.append(
            Row(
                name=f"false alarms, {name}", ours=false, unit="per 90 days", baseline=naive, ratio=false / naive if naive else None,
                bar=f"<= {FALSE:g}", passed=false <= FALSE,
            )
        )  # fmt: skip
    for name, factor, lasts in PLANTED:
        found = float(np.mean([_is_found(series(seed), factor, seed, lasts=lasts) for seed in seeds]))
        rows.append(Row(name=f"{name} found", ours=found, unit="share", bar=f">= {FOUND}", passed=found >= FOUND))
    began = time.process_time()
    _events(series(1))
    return [*rows, Row(name="one series of a year", ours=time.process_time() - began, unit="s")]


def series(
    seed: int, *, level: float = 8.0, sd: float = 0.15, persistence: float = 0.3, df: float = 4.0, growth: float = 0.8 / 365
) -> Values:  # fmt: skip
    """Views of each day; NaN is missing."""
    rng = np.random.default_rng(seed)
    luck = rng.standard_t(df, DAYS) * np.sqrt((df - 2) / df)
    for day in range(1, DAYS):
        luck[day] = persistence * luck[day - 1] + np.sqrt(1 - persistence**2) * luck[day]
    weekend = np.log(0.6) * (np.arange(DAYS) % 7 >= 5)
    values: Values = rng.poisson(np.exp(level + growth * np.arange(DAYS) + weekend + sd * luck)).astype(np.float64)
    values[rng.random(DAYS) < 0.02] = np.nan
    return values


def found_in(values: Values) -> tuple[Anomaly, ...]:
    days = [NOW.date() - timedelta(days=len(values) - each) for each in range(len(values))]
    return anomalies(Series(Metric.VIEWS, "a", days, [None if np.isnan(each) else each for each in values]), now=NOW)


def _events(values: Values) -> int:
    return len(found_in(values))


def _naive(values: Values) -> int:
    before = [values[day - 28 : day] for day in range(UNJUDGED, DAYS)]
    return sum(abs(values[UNJUDGED + at] - np.nanmean(each)) > 3 * np.nanstd(each) for at, each in enumerate(before))


def _is_found(values: Values, factor: float, seed: int, *, lasts: bool) -> bool:
    # Far enough from the end that a new level can show itself.
    at = DAYS - 90 + int(np.random.default_rng([seed, 1]).integers(70))
    values[at : DAYS if lasts else at + 1] *= factor
    values[at] = np.round(np.nan_to_num(values[at], nan=np.nanmedian(values[at - 28 : at]) * factor))
    wanted = Direction.UP if factor > 1 else Direction.DOWN
    day: date = NOW.date() - timedelta(days=DAYS - at)
    near = [each for each in found_in(values) if abs((each.day - day).days) <= (2 if lasts else 0)]
    return any(each.direction is wanted and (each.kind is Kind.LEVEL_SHIFT or not lasts) for each in near)
