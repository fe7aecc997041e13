"""Figures as they are kept and compared: plain JSON values, floats to ten digits, which is what survives another machine's last bit."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np

DIGITS = 10


def rounded(value: float) -> float | None:
    """Ten digits; a number that is none (infinite, or not a number) is missing."""
    return float(f"{value:.{DIGITS}g}") + 0.0 if math.isfinite(value) else None


def plain(value: Any) -> Any:
    """JSON values, through and through: dates as text, tuples as lists."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return rounded(float(value))
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
