"""Which characters our fonts have, and how wide a text gets in them. Setting captions with them is in `captions`.

libass draws what it is given, over the edge of the picture too, and an empty box for what a font lacks: so we have to know before. Which
font a character is drawn in is decided here, per grapheme cluster, and written into the script; libass looks for none of its own.
Widths are those of HarfBuzz, which shapes for libass too: joined letters, conjuncts and marks are as wide as they are drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz as hb
from fontTools import unicodedata as scripts
from fontTools.ttLib import TTFont

from domain.clips.breaking import clusters, is_emoji

FONTS = Path(__file__).with_name("fonts")
# European letters, numbers and most signs; what it lacks is looked for in the others. Bold is said in the style.
FAMILY, _MAIN = "DejaVu Sans", "DejaVuSans-Bold.ttf"
_EMOJI, _EAST_ASIAN = "NotoEmoji-Bold.ttf", "NotoSansCJK-Bold.otf"
_OTHERS = tuple(sorted(each.name for each in FONTS.glob("NotoSans*") if each.name != _EAST_ASIAN))
# Families of letters (ISO 15924) that are drawn in a font of their own, although the main one may have some of them.
_BY_SCRIPT = {
    "Arab": "Arabic", "Beng": "Bengali", "Deva": "Devanagari", "Ethi": "Ethiopic", "Gujr": "Gujarati", "Guru": "Gurmukhi", "Hebr": "Hebrew",
    "Knda": "Kannada", "Khmr": "Khmer", "Laoo": "Lao", "Mlym": "Malayalam", "Mymr": "Myanmar", "Sinh": "Sinhala", "Taml": "Tamil",
    "Telu": "Telugu", "Thai": "Thai",
}  # fmt: skip
_OF_ALL = ("Zyyy", "Zinh")
_EAST_ASIAN_SCRIPTS = ("Hani", "Hira", "Kana", "Hang", "Bopo")
# Drawn as nothing: joiners, and what chooses a form of the character before.
_INVISIBLE = frozenset("\u200c\u200d\u2060\ufe0e\ufe0f")
# libass does not kern unless a script asks for it.
_FEATURES = {"kern": False}


@dataclass(frozen=True, slots=True, eq=False)
class Font:
    """`ascent_em` and `descent_em` make a line's height, and their sum is what libass calls a size of 1."""

    family: str
    ascent_em: float
    descent_em: float
    characters: frozenset[int]
    shaped: hb.Font

    @property
    def height_em(self) -> float:
        return self.ascent_em + self.descent_em

    def has(self, cluster: str) -> bool:
        """Whether it can draw all of a cluster."""
        return all(ord(each) in self.characters for each in cluster if each not in _INVISIBLE)


@dataclass(frozen=True, slots=True)
class Run:
    """Text that is drawn in one font."""

    font: Font
    text: str


@cache
def font(name: str = _MAIN) -> Font:
    """A packaged font (OpenType: tables `cmap` and `OS/2`, by whose Windows metrics libass sizes)."""
    with TTFont(FONTS / name, lazy=True) as read:
        em, heights = read["head"].unitsPerEm, read["OS/2"]
        return Font(
            family=str(read["name"].getDebugName(1)),
            ascent_em=heights.usWinAscent / em,
            descent_em=heights.usWinDescent / em,
            characters=frozenset(read.getBestCmap()),
            shaped=hb.Font(hb.Face(hb.Blob.from_file_path(str(FONTS / name)))),
        )


def can_draw(cluster: str) -> bool:
    return _font_of(cluster, None) is not None


def has_letters(text: str) -> bool:
    """Whether anything in it belongs to a script; numbers, signs and emoji belong to all."""
    return any(scripts.script(each) not in _OF_ALL for each in text)


def runs(text: str, before: Font | None = None) -> list[Run]:
    """The text by the fonts that it is drawn in; clusters that none of them has are left out. `before`: what it stands behind."""
    found: list[Run] = []
    for used, cluster in _set(text, before):
        if found and found[-1].font is used:
            found[-1] = Run(used, found[-1].text + cluster)
        else:
            found.append(Run(used, cluster))
    return found


def width_em(text: str) -> float:
    """How far a line of text reaches, without outlines."""
    return sum(_shaped(each.font, each.text).width for each in runs(text))


def height_em(text: str) -> float:
    """How high libass makes a line of it."""
    return sum(line_em(text))


def line_em(text: str) -> tuple[float, float]:
    """A line's room above its baseline and below: that of the tallest font in it, and of the deepest."""
    used = {each.font for each in runs(text)} or {font()}
    return max(each.ascent_em for each in used), max(each.descent_em for each in used)


def ink_em(text: str) -> tuple[float, float]:
    """How far a line's letters reach above the baseline and below it: marks on marks leave the line's own height."""
    drawn = [_shaped(each.font, each.text) for each in runs(text)]
    return max((each.above for each in drawn), default=0.0), max((each.below for each in drawn), default=0.0)


@dataclass(frozen=True, slots=True)
class _Shape:
    """In em: how wide it is, by its advances or its ink, how far it reaches above the baseline and below."""

    width: float
    above: float
    below: float


@lru_cache(maxsize=65536)
def _shaped(used: Font, text: str) -> _Shape:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(used.shaped, buffer, _FEATURES)
    em, at, left, right, above, below = used.shaped.face.upem, 0, 0, 0, 0, 0
    for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions or (), strict=True):
        ink = used.shaped.get_glyph_extents(glyph.codepoint)
        if ink is not None:
            start, top = at + place.x_offset + ink.x_bearing, place.y_offset + ink.y_bearing
            left, right = min(left, start), max(right, start + ink.width)
            above, below = max(above, top), max(below, -(top + ink.height))
        at += place.x_advance
    return _Shape((max(at, right) - left) / em, above / em, below / em)


def _set(text: str, before: Font | None = None) -> Iterator[tuple[Font, str]]:
    for cluster in clusters(text):
        used = _font_of(cluster, before)
        if used is not None:
            yield used, cluster
            before = used


@lru_cache(maxsize=65536)
def _font_of(cluster: str, before: Font | None) -> Font | None:
    """Numbers and marks stay in the font of what they stand behind, so that a line keeps one face."""
    script = scripts.script(cluster[0])
    is_neutral = script in _OF_ALL and not is_emoji(cluster)
    if is_neutral and before is not None and before is not font(_EMOJI) and before.has(cluster):
        return before
    return next((found for name in _order(script, cluster) if (found := font(name)).has(cluster)), None)


def _order(script: str, cluster: str) -> Sequence[str]:
    if is_emoji(cluster):
        return (_EMOJI, _MAIN)
    if script in _EAST_ASIAN_SCRIPTS:
        return (_EAST_ASIAN, _MAIN)
    own = [f"NotoSans{_BY_SCRIPT[script]}-Bold.ttf"] if script in _BY_SCRIPT else []
    return (*own, _MAIN, _EAST_ASIAN, *_OTHERS, _EMOJI)
