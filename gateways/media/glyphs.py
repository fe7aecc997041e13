"""Which characters our font has and how wide they are, read from the font itself. Setting captions with it is in `captions`.

libass draws what it is given, over the edge of the picture too, and an empty box for what the font lacks: so we have to know before.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
FAMILY = "DejaVu Sans"  # bold is said in the style
_FILE = FONTS / "DejaVuSans-Bold.ttf"


@dataclass(frozen=True, slots=True)
class Font:
    """`height_em` is what libass calls a size of 1; `advances` are widths in em by character."""

    height_em: float
    advances: Mapping[int, float]

    def has(self, character: str) -> bool:
        return ord(character) in self.advances

    def width_em(self, text: str) -> float:
        return sum(self.advances.get(ord(each), 0.0) for each in text)


@cache
def font() -> Font:
    """The packaged font (OpenType: tables `head`, `hhea`, `hmtx`, `OS/2`, `cmap`)."""
    data = _FILE.read_bytes()
    at = _tables(data)
    em = _number(data, at["head"] + 18)
    height = _number(data, at["OS/2"] + 74) + _number(data, at["OS/2"] + 76)
    wide = _number(data, at["hhea"] + 34)  # glyphs from there on are as wide as the last
    widths = [_number(data, at["hmtx"] + 4 * glyph) / em for glyph in range(wide)]
    return Font(height / em, {code: widths[min(glyph, wide - 1)] for code, glyph in _characters(data, at["cmap"]).items()})


def _tables(data: bytes) -> dict[str, int]:
    entries = (struct.unpack_from(">4sLLL", data, 12 + 16 * number) for number in range(_number(data, 4)))
    return {tag.decode("ascii"): offset for tag, _, offset, _ in entries}


def _characters(data: bytes, at: int) -> dict[int, int]:
    """Glyphs by character, from the table for all of Unicode (format 12)."""
    for number in range(_number(data, at + 2)):
        _, _, offset = struct.unpack_from(">HHL", data, at + 4 + 8 * number)
        table = at + offset
        if _number(data, table) == 12:
            (groups,) = struct.unpack_from(">L", data, table + 12)
            ranges = (struct.unpack_from(">LLL", data, table + 16 + 12 * each) for each in range(groups))
            return {code: glyph + code - first for first, last, glyph in ranges for code in range(first, last + 1)}
    raise ValueError(f"{_FILE.name} has no character table of format 12")


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
