"""Where captions lie in the frame: low in the safe area, else high, else in the lowest free band; never over a face while a band is free.

Shares of the frame, from its left upper corner. How large a page of captions is, its drawer knows (`gateways.media.captions`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.clips.look import SafeArea
from domain.clips.pages import PAUSE_SECONDS
from domain.media import Obstacle

# What stays between a page and a face.
_GAP = 0.008
_NEARLY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A page as a rectangle around the frame's middle, and when it is shown."""

    start_seconds: float
    end_seconds: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return 0.5 - self.width / 2


def tops(blocks: Sequence[Block], area: SafeArea, obstacles: Sequence[Obstacle]) -> list[float]:
    """Each block's upper edge. A block stays where the one before it was while nobody pauses and it is free there."""
    found: list[float] = []
    before: tuple[Block, float] | None = None
    for block in blocks:
        near = [each for each in obstacles if _meets(block, each)]
        is_free = before is not None and block.start_seconds - before[0].end_seconds < PAUSE_SECONDS
        wanted = _wanted(block, area, before[1] if before and is_free else None)
        top = next((each for each in (*wanted, *_bands(block, area, near)) if _covered(block, each, near) <= _NEARLY), None)
        found.append(top if top is not None else min(wanted, key=lambda each: _covered(block, each, near)))
        before = block, found[-1] + block.height
    return found


def _wanted(block: Block, area: SafeArea, bottom_before: float | None) -> list[float]:
    """Upper edges from the one that is liked best on: where the last page ended, low, high."""
    low, high = 1 - area.bottom - block.height, area.top
    stays = [] if bottom_before is None or bottom_before - block.height < area.top - _NEARLY else [bottom_before - block.height]
    return [*stays, low, high]


def _bands(block: Block, area: SafeArea, near: Sequence[Obstacle]) -> Iterator[float]:
    """Upper edges right above and right below what is in the way, from below."""
    edges = [each.top - _GAP - block.height for each in near] + [each.bottom + _GAP for each in near]
    yield from (each for each in sorted(edges, reverse=True) if area.top <= each <= 1 - area.bottom - block.height)


def _meets(block: Block, obstacle: Obstacle) -> bool:
    is_then = obstacle.start_seconds < block.end_seconds and block.start_seconds < obstacle.end_seconds
    return is_then and obstacle.left < block.left + block.width and block.left < obstacle.right


def _covered(block: Block, top: float, near: Sequence[Obstacle]) -> float:
    """How much of what is in the way the block would cover, in areas of the frame."""
    return sum(_overlap(top, top + block.height, each.top, each.bottom) * _across(block, each) for each in near)


def _across(block: Block, obstacle: Obstacle) -> float:
    return _overlap(block.left, block.left + block.width, obstacle.left, obstacle.right)


def _overlap(start: float, end: float, other_start: float, other_end: float) -> float:
    return max(0.0, min(end, other_end) - max(start, other_start))
