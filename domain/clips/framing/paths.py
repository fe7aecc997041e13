"""How a window follows a place: median filter, dead zone, critically damped spring, never faster than eyes like.

The whole way is known beforehand, so the spring looks ahead by what it would lag behind: a camera that knows the script.
"""

import statistics
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.clips.pieces import Point

STEPS_PER_SECOND = 30
# Half of the zone in which a place may wander without moving the window: 5 % of the picture in all.
DEAD_ZONE = 0.025
# Natural frequency (1/s) of the spring; how far it lags behind an even motion.
_STIFFNESS = 6.0
_LAG_SECONDS = 2 / _STIFFNESS
# Shares of the picture per second: 1.8 % a frame at 30 frames a second.
_MOST_SPEED = 0.54
_MEDIAN = 5
_MEDIAN_STEP_SECONDS = 0.2
# What a straight line may leave out.
_TOLERANCE = 0.0004

Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a window's corner is, along one direction, at steps of a thirtieth of a second from `start_seconds` on."""

    start_seconds: float
    places: tuple[float, ...]

    def at(self, seconds: float) -> float:
        step = (seconds - self.start_seconds) * STEPS_PER_SECOND
        first = max(0, min(len(self.places) - 1, int(step)))
        share = max(0.0, min(1.0, step - first))
        return self.places[first] + share * (self.places[min(first + 1, len(self.places) - 1)] - self.places[first])


def followed(place: Place, start: float, end: float, size: float, *, anchor: float = 0.5) -> Way:
    """Follow a place (its middle) with a window of a size; `anchor`: where in the window the place shall be, from its corner on."""
    steady = _median_filtered(place, start, end)
    steps = max(1, round((end - start) * STEPS_PER_SECOND)) + 1
    room = max(0.0, 1 - size)
    wanted = [steady(min(end, start + step / STEPS_PER_SECOND)) - anchor * size for step in range(steps)]
    return Way(start, tuple(_sprung(_held([min(room, max(0.0, each)) for each in wanted]))))


def points(across: Way, down: Way, start: float, end: float) -> tuple[Point, ...]:
    """A part of two ways as points of a window's path, as few as straight lines allow; the first is at the part's beginning."""
    steps = max(1, round((end - start) * STEPS_PER_SECOND))
    moments = [(end - start) * step / steps for step in range(steps + 1)]
    every = [Point(each, across.at(start + each), down.at(start + each)) for each in moments]
    kept, last = [every[0]], 0
    while last < len(every) - 1:
        last = _farthest(every, last)
        kept.append(every[last])
    if all(abs(each.left - kept[0].left) < _TOLERANCE and abs(each.top - kept[0].top) < _TOLERANCE for each in kept):
        kept = kept[:1]
    return tuple(Point(round(each.at_seconds, 4), round(each.left, 5), round(each.top, 5)) for each in kept)


def _median_filtered(place: Place, start: float, end: float) -> Place:
    """Detectors jump by some pixels, and now and then to somewhere else."""
    count = max(2, round((end - start) / _MEDIAN_STEP_SECONDS) + 1)
    times = [start + (end - start) * at / (count - 1) for at in range(count)]
    raw = [place(at) for at in times]
    smooth = [_middle_of(raw, at) for at in range(count)]

    def at(seconds: float) -> float:
        right = min(count - 1, max(1, bisect_right(times, seconds)))
        share = max(0.0, min(1.0, (seconds - times[right - 1]) / (times[right] - times[right - 1])))
        return smooth[right - 1] + share * (smooth[right] - smooth[right - 1])

    return at


def _middle_of(raw: Sequence[float], at: int) -> float:
    """The median of those around it; towards the ends of fewer, as many on each side."""
    reach = min(_MEDIAN // 2, at, len(raw) - 1 - at)
    return statistics.median(raw[at - reach : at + reach + 1])


def _held(wanted: Sequence[float]) -> list[float]:
    """The dead zone: it is moved along by a place that reaches its edge."""
    held = [wanted[0]]
    for each in wanted[1:]:
        held.append(min(each + DEAD_ZONE, max(each - DEAD_ZONE, held[-1])))
    return held


def _sprung(wanted: Sequence[float]) -> list[float]:
    """Critically damped: as fast as possible without swinging over. What is wanted at the first step is where it begins."""
    ahead, step = round(_LAG_SECONDS * STEPS_PER_SECOND), 1 / STEPS_PER_SECOND
    at, speed, found = wanted[0], 0.0, []
    for number in range(len(wanted)):
        found.append(at)
        goal = wanted[min(len(wanted) - 1, number + ahead)]
        # Implicit Euler, which is stable at any step.
        speed = (speed + step * _STIFFNESS**2 * (goal - at)) / (1 + 2 * step * _STIFFNESS + (step * _STIFFNESS) ** 2)
        speed = max(-_MOST_SPEED, min(_MOST_SPEED, speed))
        at += step * speed
    low, high = min(wanted), max(wanted)
    return [min(high, max(low, each)) for each in found]


def _farthest(every: Sequence[Point], first: int) -> int:
    """The last point that a straight line from the first one reaches without leaving anything out."""
    last = first + 1
    while last + 1 < len(every) and last - first < STEPS_PER_SECOND and _is_straight(every, first, last + 1):
        last += 1
    return last


def _is_straight(every: Sequence[Point], first: int, last: int) -> bool:
    one, other = every[first], every[last]
    for number in range(first + 1, last):
        share = (number - first) / (last - first)
        if abs(one.left + share * (other.left - one.left) - every[number].left) > _TOLERANCE:
            return False
        if abs(one.top + share * (other.top - one.top) - every[number].top) > _TOLERANCE:
            return False
    return True
