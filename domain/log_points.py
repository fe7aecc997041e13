"""Log points as multiples and per cents, and how per cents are written. No estimating here."""

import math
from typing import overload

# Beyond e^50 a number says nothing; the bound keeps it finite, and so writable as JSON.
LARGEST = 50.0
# Per cents below it are written with one decimal; no more than two digits are ever promised of what is small.
ONE_DECIMAL_BELOW = 9.95
# What is written as 0.0.
NOTHING = 0.05


@overload
def multiple(log_points: float) -> float: ...
@overload
def multiple(log_points: None) -> None: ...
@overload
def multiple(log_points: float | None) -> float | None: ...
def multiple(log_points: float | None) -> float | None:
    """How many times as much."""
    return None if log_points is None else math.exp(min(max(log_points, -LARGEST), LARGEST))


@overload
def percent(log_points: float) -> float: ...
@overload
def percent(log_points: None) -> None: ...
@overload
def percent(log_points: float | None) -> float | None: ...
def percent(log_points: float | None) -> float | None:
    """By how many per cent more (less: negative)."""
    return None if log_points is None else 100 * math.expm1(min(max(log_points, -LARGEST), LARGEST))


def is_nothing(log_points: float) -> bool:
    """Whether it would be written as 0.0 %."""
    return abs(percent(log_points)) < NOTHING


def size(log_points: float) -> str:
    """Such as "0.3 %" or "12 %", whatever the sign."""
    amount = abs(percent(log_points))
    if is_nothing(log_points):
        return "less than 0.1 %"
    return f"{amount:.1f} %" if amount < ONE_DECIMAL_BELOW else f"{amount:.0f} %"


def signed(log_points: float) -> str:
    """Such as "-0.3 %" or "+12 %"; what rounds to nothing has no sign."""
    return "0 %" if is_nothing(log_points) else f"{'+' if log_points > 0 else '-'}{size(log_points)}"


def bounds(low: float | None, high: float | None) -> str:
    """Such as "-0.2 % to +0.8 %"; None is a side without a bound."""
    return " to ".join("no bound" if side is None else signed(side) for side in (low, high))
