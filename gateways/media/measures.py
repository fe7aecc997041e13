"""What ffmpeg's detectors wrote down, as numbers: spans, times of pictures and sound, hashes. The pass itself is in `watching`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.clips.delivery import Spans
from gateways.media.watching import HASH_HEIGHT, HASH_WIDTH

_EDGE = re.compile(r"^lavfi\.(?:\w+\.)?(black|freeze|silence)_(start|end)(?:\.\d+)?=(-?[\d.]+)$", re.MULTILINE)
_TIME_BASE = re.compile(r"^#tb (\d+): (\d+)/(\d+)$", re.MULTILINE)
_FRAME = re.compile(r"^(\d+),\s*-?\d+,\s*(-?\d+),\s*(\d+),", re.MULTILINE)
# A brightness of one step is coding noise, not an edge.
_STEP = 1


@dataclass(frozen=True, slots=True)
class Extent:
    """When the first picture (or sound) of a stream begins, and when its last one ends."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def spans(path: Path, kind: str, until_seconds: float) -> Spans:
    """Of one kind (black, freeze, silence). A span that is open at the end lasts to the end; who found nothing wrote nothing."""
    found: list[tuple[float, float]] = []
    start: float | None = None
    edges = _EDGE.findall(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else ()
    for edge, seconds in ((edge, seconds) for name, edge, seconds in edges if name == kind):
        if edge == "start":
            start = float(seconds)
        elif start is not None:
            found.append((start, float(seconds)))
            start = None
    if start is not None and until_seconds > start:
        found.append((start, until_seconds))
    return tuple((max(0.0, round(start, 3)), round(end, 3)) for start, end in found)


def extents(path: Path) -> Mapping[int, Extent]:
    """By the number of the stream in the list of frames (ffmpeg's framecrc): 0 is the picture, 1 the sound."""
    text = path.read_text(encoding="utf-8", errors="replace")
    bases = {int(stream): int(over) / int(under) for stream, over, under in _TIME_BASE.findall(text)}
    found: dict[int, Extent] = {}
    for stream, at, lasts in _FRAME.findall(text):
        base = bases[int(stream)]
        start, end = int(at) * base, (int(at) + int(lasts)) * base
        known = found.get(int(stream))
        found[int(stream)] = Extent(min(start, known.start_seconds), max(end, known.end_seconds)) if known else Extent(start, end)
    return found


def hashes(path: Path) -> tuple[int, ...]:
    """One difference hash (64 bits) per picture of 9 x 8 gray places: whether each is brighter than its right neighbour.

    Krawetz, N. (2013), *Kind of like that* (dHash).
    """
    size, content = HASH_WIDTH * HASH_HEIGHT, path.read_bytes()
    return tuple(_hash(content[at : at + size]) for at in range(0, len(content) - size + 1, size))


def _hash(picture: bytes) -> int:
    bits = 0
    for row in range(HASH_HEIGHT):
        for column in range(HASH_WIDTH - 1):
            at = row * HASH_WIDTH + column
            bits = bits << 1 | (picture[at] > picture[at + 1] + _STEP)
    return bits
