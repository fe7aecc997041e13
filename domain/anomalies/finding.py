"""Goes through a series day by day as it became known, and keeps the days that lie outside what was to be expected."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from domain.anomalies.expecting import Floats, Scale, carried, expected, usual_error
from domain.anomalies.series import Anomaly, Direction, Kind, Series, Severity

# A day counts outside so many usual errors, and only if it is also this far off in log points (half as much again, or a third less).
ERRORS = 3.8
LEAST_RELATIVE = 0.4
# Guesses of so many days tell how good guesses are; before there are enough of them, nothing is judged.
ERROR_DAYS, LEAST_ERRORS = 90, 14
# So many days in a row on one side, the middle one of them by this share of what makes a single day count, are a new level.
SHIFT_DAYS, SHIFT_SHARE = 5, 0.7
SEVERITIES = ((2.5, Severity.CRITICAL), (1.5, Severity.WARNING), (0.0, Severity.NOTICE))


@dataclass(frozen=True, slots=True)
class _Judged:
    """One day, as a position, beside what was expected; how far off it was and how far off it may be."""

    day: int
    expected: float
    reach: float
    off: float
    # The same without what the day before lets expect: what a new level is judged by.
    off_level: float

    @property
    def is_odd(self) -> bool:
        return abs(self.off) > self.reach

    @property
    def is_up(self) -> bool:
        return self.off > 0


@dataclass(frozen=True, slots=True)
class _Event:
    """Days in a row on one side."""

    first: _Judged
    last: int
    is_shift: bool = False


def anomalies(series: Series, *, now: datetime) -> tuple[Anomaly, ...]:
    """Events of a series, oldest first. Days that are not whole by `now` are never judged, missing ones stay missing.

    Each day is judged by the days before it alone; the first six weeks of a series are not judged.
    """
    first, values = _by_day(series, series.whole_until(now))
    if not np.isfinite(values).any() or float(np.nanmax(values)) == float(np.nanmin(values)):
        return ()
    scale = Scale.of(values)
    events = _events(scale.there(values))
    return tuple(_anomaly(series, event, first, values, scale) for event in events)


def _by_day(series: Series, newest: date) -> tuple[date, Floats]:
    """The first day, and one value for each day from then to the newest whole one that is known."""
    known: Mapping[date, float] = {
        day: float("nan") if value is None else float(value) for day, value in zip(series.days, series.values, strict=True) if day <= newest
    }
    if not known:
        return newest, np.zeros(0)
    first, last = min(known), max(known)
    every = (first + timedelta(days=each) for each in range((last - first).days + 1))
    values = np.array([known.get(day, float("nan")) for day in every])
    return first, np.where(np.isfinite(values), values, np.nan)


def _events(values: Floats) -> list[_Event]:
    """Odd days do not enter what is expected of later ones; a new level does, and moves what came before it along."""
    past, errors, plain = values.copy(), np.full(len(values), np.nan), np.full(len(values), np.nan)
    found, recent = list[_Event](), list[_Judged]()
    for day in np.flatnonzero(np.isfinite(values)).tolist():
        guess = expected(past[:day])
        if guess is None:
            continue
        window = slice(max(0, day - ERROR_DAYS), day)
        guess, level = guess + carried(plain[window]), guess
        off, reach = float(values[day]) - guess, _reach(errors[window])
        errors[day] = off if reach is None else float(np.clip(off, -reach, reach))
        is_odd = reach is not None and abs(off) > reach
        plain[day] = np.nan if is_odd else float(values[day]) - level
        if reach is None:
            continue
        recent = [*recent[1 - SHIFT_DAYS :], _Judged(day, guess, reach, off, float(values[day]) - level)]
        if recent[-1].is_odd:
            past[day] = np.nan
            found = _gone_on(found, recent)
        if _is_shift(recent):
            found = _shifted(found, recent)
            _settle(past, values, (errors, plain), recent)
            recent = []
    return found


def _reach(errors: Floats) -> float | None:
    return max(ERRORS * usual_error(errors), LEAST_RELATIVE) if np.isfinite(errors).sum() >= LEAST_ERRORS else None


def _gone_on(found: list[_Event], recent: list[_Judged]) -> list[_Event]:
    """With the odd day, in the event of the day before if that was odd on the same side."""
    odd, before = recent[-1], recent[-2] if len(recent) > 1 else None
    if found and before is not None and before.is_odd and before.is_up == odd.is_up and found[-1].last == before.day:
        return [*found[:-1], replace(found[-1], last=odd.day)]
    return [*found, _Event(odd, odd.day)]


def _is_shift(recent: list[_Judged]) -> bool:
    if len(recent) < SHIFT_DAYS or len({each.off_level > 0 for each in recent}) > 1:
        return False
    return float(np.median([abs(each.off_level) / each.reach for each in recent])) >= SHIFT_SHARE


def _shifted(found: list[_Event], recent: list[_Judged]) -> list[_Event]:
    """One event of the new level; it takes the place, and the first day, of those that were found on the way."""
    on_the_way = [each for each in found if each.last >= recent[0].day]
    kept = [each for each in found if each.last < recent[0].day]
    first = on_the_way[0].first if on_the_way else recent[0]
    return [*kept, _Event(first, recent[-1].day, is_shift=True)]


def _settle(past: Floats, values: Floats, told: tuple[Floats, ...], recent: list[_Judged]) -> None:
    """What came before moves to the new level, so that weekdays and trend stay known; the days of the move tell nothing of errors."""
    first, last = recent[0].day, recent[-1].day
    past[:first] += float(np.median([each.off_level for each in recent]))
    past[first : last + 1] = values[first : last + 1]
    for each in told:
        each[first : last + 1] = np.nan


def _anomaly(series: Series, event: _Event, first: date, values: Floats, scale: Scale) -> Anomaly:
    judged = event.first
    score = abs(judged.off) / judged.reach
    later = int(np.isfinite(values[event.last + 1 :]).sum())
    kind = Kind.LEVEL_SHIFT if event.is_shift else Kind.SPIKE if later else Kind.OPEN
    return Anomaly(
        metric=series.metric,
        account_id=series.account_id,
        day=first + timedelta(days=judged.day),
        last_day=first + timedelta(days=event.last),
        expected=scale.back(judged.expected),
        low=scale.back(judged.expected - judged.reach),
        high=scale.back(judged.expected + judged.reach),
        observed=float(values[judged.day]),
        score=score,
        direction=Direction.UP if judged.is_up else Direction.DOWN,
        kind=kind,
        severity=next(severity for least, severity in SEVERITIES if score >= least),
    )
