"""How dear a production is, and how it goes on as it becomes so: sparingly from the warning on, and never back; at its cap it stops. Pure.

What each level means for a step is said here in words of no provider; which model or voice that is, is the step's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from domain.errors import LimitReached
from domain.money import PRODUCTION_CAP_USD, PRODUCTION_TARGET_USD, PRODUCTION_WARNING_USD


class Level(StrEnum):
    """How dear a production has become. From `warning` on it is made with the economy settings; at `exceeded` it stops."""

    OK = "ok"
    OVER_TARGET = "over_target"
    WARNING = "warning"
    EXCEEDED = "exceeded"


def level_of(usd: Decimal) -> Level:
    """What is held and spent, on the scale of a production."""
    if usd >= PRODUCTION_CAP_USD:
        return Level.EXCEEDED
    if usd >= PRODUCTION_WARNING_USD:
        return Level.WARNING
    return Level.OK if usd <= PRODUCTION_TARGET_USD else Level.OVER_TARGET


class OptimizationLevel(StrEnum):
    """How a production's remaining steps are made."""

    STANDARD = "standard"
    ECONOMY = "economy"


@dataclass(frozen=True, slots=True)
class Making:
    """What a step may take. `height`: lines of the picture."""

    script: Literal["larger", "smaller"]
    voice: Literal["better", "cheaper"]
    height: int
    effects: Literal["full", "minimal"]


MAKING: Mapping[OptimizationLevel, Making] = MappingProxyType({
    OptimizationLevel.STANDARD: Making("larger", "better", 1080, "full"),
    OptimizationLevel.ECONOMY: Making("smaller", "cheaper", 720, "minimal"),
})  # fmt: skip


def optimised(current: OptimizationLevel, level: Level, usd: Decimal) -> OptimizationLevel:
    """The level of the next step, by what the production holds and has cost. Raises LimitReached at the cap.

    Once sparing, it stays so: what is released later makes no step dear again.
    """
    if level is Level.EXCEEDED:
        raise LimitReached("spending of the production in cents", int(PRODUCTION_CAP_USD * 100), int(usd * 100))
    return OptimizationLevel.ECONOMY if level is Level.WARNING else current
