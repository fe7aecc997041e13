"""Goes through a series day by day as it became known, and keeps the days that lie outside what was to be expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from domain.anomalies.expecting import Floats, Scale, carried, expected, usual_error
from domain.anomalies.series import Anomaly, Direction, Kind, Series, Severity

# A day counts outside so many usual errors, and only if it is also this far off in log points (half as much again, or a third less).
ERRORS = 3.8
LEAST_RELATIVE = 0.4
# Guesses of so many days tell how good guesses are; before there are enough of them, nothing is judged. The scale is of as many days.
ERROR_DAYS, LEAST_ERRORS = 90, 14
# So many days in a row on one side, the middle one of them by this share of what makes a single day count, are a new level.
SHIFT_DAYS, SHIFT_SHARE = 5, 0.7
SEVERITIES = ((2.5, Severity.CRITICAL), (1.5, Severity.WARNING), (0.0, Severity.NOTICE))


@dataclass(frozen=True, slots=True)
class _Judged:
    """One day, as a position, beside what was expected; how far off it was and how far off it may be, on the scale of its day."""

    day: int
    scale: Scale
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

    Each day is judged by the days before it alone, its scale included: what was said of it stays, whatever comes later. A new level may
    still take the place of events of its first days. The first six weeks of a series are not judged.
    """
    first, values = _by_day(series, series.whole_until(now))
    if not np.isfinite(values).any() or float(np.nanmax(values)) == float(np.nanmin(values)):
        return ()
    return tuple(_anomaly(series, event, first, values) for event in _events(values))


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


@dataclass(slots=True)
class _Memory:
    """What is known of the days so far, in the metric's unit; a day's scale is applied when they are looked at.

    `past`: values as later days see them (no odd ones, moved to new levels). `guessed`, `level`: what was expected, with and without the
    day before. `clipped`, `plain`: values beside those, the odd ones drawn in to the range, or missing.
    """

    past: Floats
    guessed: Floats = field(init=False)
    clipped: Floats = field(init=False)
    level: Floats = field(init=False)
    plain: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.guessed, self.clipped, self.level, self.plain = (np.full(len(self.past), np.nan) for _ in range(4))

    def errors(self, scale: Scale, window: slice) -> tuple[Floats, Floats]:
        """How far off guesses of those days were, with and without what the day before let expect."""
        guessed, clipped, level, plain = (scale.there(each[window]) for each in (self.guessed, self.clipped, self.level, self.plain))
        return clipped - guessed, plain - level


def _events(values: Floats) -> list[_Event]:
    """Odd days do not enter what is expected of later ones; a new level does, and moves what came before it along."""
    memory, found, recent = _Memory(values.copy()), list[_Event](), list[_Judged]()
    for day in np.flatnonzero(np.isfinite(values)).tolist():
        judged = _judged(values, day, memory)
        if judged is None:
            continue
        recent = [*recent[1 - SHIFT_DAYS :], judged]
        if judged.is_odd:
            memory.past[day] = np.nan
            found = _gone_on(found, recent)
        if _is_shift(recent):
            found = _shifted(found, recent)
            _settle(memory, values, recent)
            recent = []
    return found


def _judged(values: Floats, day: int, memory: _Memory) -> _Judged | None:
    """The day by those before it, whose guess is kept; None where they tell too little."""
    window = slice(max(0, day - ERROR_DAYS), day)
    scale = Scale.of(values[window])
    level = expected(scale.there(memory.past[window]))
    if level is None:
        return None
    errors, plain = memory.errors(scale, window)
    guess, value = level + carried(plain), float(scale.there(values[day : day + 1])[0])
    off, reach = value - guess, _reach(errors)
    judged = None if reach is None else _Judged(day, scale, guess, reach, off, value - level)
    memory.guessed[day], memory.level[day] = scale.back(guess), scale.back(level)
    memory.clipped[day] = values[day] if reach is None else scale.back(guess + float(np.clip(off, -reach, reach)))
    memory.plain[day] = np.nan if judged is not None and judged.is_odd else values[day]
    return judged


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


def _settle(memory: _Memory, values: Floats, recent: list[_Judged]) -> None:
    """What came before moves to the new level, so that weekdays and trend stay known; the days of the move tell nothing of errors."""
    first, last, scale = recent[0].day, recent[-1].day, recent[-1].scale
    moved = scale.there(memory.past[:first]) + float(np.median([each.off_level for each in recent]))
    memory.past[:first] = np.sinh(moved) * scale.unit
    memory.past[first : last + 1] = values[first : last + 1]
    for each in (memory.clipped, memory.plain):
        each[first : last + 1] = np.nan


def _anomaly(series: Series, event: _Event, first: date, values: Floats) -> Anomaly:
    judged, scale = event.first, event.first.scale
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
