"""Which characters our fonts have and how wide they are, read from the fonts themselves. Setting captions with them is in `captions`.

libass draws what it is given, over the edge of the picture too, and an empty box for what a font lacks: so we have to know before. Which
font a character is drawn in is decided here, per grapheme cluster, and written into the script; libass looks for none of its own.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

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
_EAST_ASIAN_SCRIPTS = ("Hani", "Hira", "Kana", "Hang", "Bopo")
# Drawn as nothing: joiners, and what chooses a form of the character before.
_INVISIBLE = frozenset("\u200c\u200d\u2060\ufe0e\ufe0f")
_JOINED_FORMS = ("<initial>", "<medial>", "<final>", "<isolated>")
_PRESENTATION_FORMS = (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF))
# What is drawn below a mark that belongs to nothing.
_DOTTED_CIRCLE = "\u25cc"
_MOST_MARKS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Font:
    """`ascent_em` and `descent_em` make a line's height, and their sum is what libass calls a size of 1; `advances` are widths in em."""

    family: str
    ascent_em: float
    descent_em: float
    advances: Mapping[int, float]

    @property
    def height_em(self) -> float:
        return self.ascent_em + self.descent_em

    def has(self, cluster: str) -> bool:
        """Whether it can draw all of a cluster."""
        return all(ord(each) in self.advances for each in cluster if each not in _INVISIBLE)

    def width_em(self, cluster: str) -> float:
        """The most that a cluster takes: letters that join take less, marks that nothing carries get a circle."""
        width = sum(self.advances.get(ord(each), 0.0) for each in cluster)
        marks = sum(unicodedata.category(each)[0] == "M" and each not in _INVISIBLE for each in cluster)
        is_odd = unicodedata.category(cluster[0])[0] == "M" or marks > _MOST_MARKS
        return width + (marks * self.advances.get(ord(_DOTTED_CIRCLE), 0.0) if is_odd else 0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """Text that is drawn in one font."""

    font: Font
    text: str


@cache
def font(name: str = _MAIN) -> Font:
    """A packaged font (OpenType: tables `cmap`, `hmtx`, `OS/2`, by whose Windows metrics libass sizes)."""
    with TTFont(FONTS / name, lazy=True) as read:
        em, heights, widths = read["head"].unitsPerEm, read["OS/2"], read["hmtx"].metrics
        advances = {code: widths[glyph][0] / em for code, glyph in read.getBestCmap().items()}
        family = str(read["name"].getDebugName(1))
        return Font(family, heights.usWinAscent / em, heights.usWinDescent / em, _widest(advances))


def _widest(advances: Mapping[int, float]) -> Mapping[int, float]:
    """Arabic letters as wide as the widest of their joined forms."""
    widest = dict(advances)
    for code in _PRESENTATION_FORMS:
        kind, _, base = unicodedata.decomposition(chr(code)).partition(" ")
        if code in advances and kind in _JOINED_FORMS and " " not in base:
            letter = int(base, 16)
            widest[letter] = max(widest.get(letter, 0.0), advances[code])
    return widest


def can_draw(cluster: str) -> bool:
    return _font_of(cluster, None) is not None


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
    """The most that a line of text takes; kerning is off, and letters that join only get narrower."""
    return sum(used.width_em(cluster) for used, cluster in _set(text))


def height_em(text: str) -> float:
    """How high libass makes a line of it: room for the tallest ascent and the deepest descent."""
    used = {each.font for each in runs(text)} or {font()}
    return max(each.ascent_em for each in used) + max(each.descent_em for each in used)


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
    is_neutral = script in ("Zyyy", "Zinh") and not is_emoji(cluster)
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
