"""Captions as they are burned into a clip: which words on which line for how long, and the ASS script that libass draws.

Whatever a caption says, it is shown and never obeyed. Reading caption files is in `cues`.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pysubs2

from domain.errors import FieldProblem, Unacceptable
from domain.media import Cue
from gateways.media.glyphs import FAMILY, Font, font

# The players of TikTok, Reels and Shorts cover the lower fifth to quarter, the right edge and the top tenth with their own words.
SIDE_SHARE, BOTTOM_SHARE, TOP_SHARE = 0.11, 0.25, 0.10
LINES = 2
_EM_SHARE = 0.058  # of the width, for a picture of 9:16
_OUTLINE_EM = 0.09
_MISSING_SHARE = 0.2
_SHORTEST_SECONDS = 0.05
_SPEAKER_MARKS = ("-", "–", "—", ">>")  # a line of a dialogue
_KEEPS_LITERAL = "\u2060"  # word joiner: no width, and libass reads no escape across it


@dataclass(frozen=True, slots=True)
class Page:
    """What is on the screen at one time: at most `LINES` lines."""

    start_seconds: float
    end_seconds: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes for a picture, in its pixels."""

    width: int
    height: int

    @property
    def em(self) -> float:
        return _EM_SHARE * min(self.width, self.height * 9 / 16)

    @property
    def room_em(self) -> float:
        """How wide a line may be, its outline included."""
        return self.width * (1 - 2 * SIDE_SHARE) / self.em - 2 * _OUTLINE_EM


def pages(cues: Sequence[Cue], room_em: float) -> list[Page]:
    """One after the other, in order: a page ends where the next cue begins."""
    drawable = [replace(cue, text=text) for cue in cues if (text := _drawable(cue.text))]
    _demand_font(cues)
    return [page for cue in _apart(drawable) for page in _pages_of(cue, room_em)]


def script(cues: Sequence[Cue], width: int, height: int) -> str:
    """The ASS script for a picture of this size; empty where no cue has anything to draw."""
    layout = Layout(width, height)
    found = pages(cues, layout.room_em)
    if not found:
        return ""
    subtitles = pysubs2.SSAFile()
    subtitles.info |= {
        "PlayResX": str(width),
        "PlayResY": str(height),
        "WrapStyle": "2",  # our own line breaks only
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }
    subtitles.styles = {"Default": _style(layout, font())}
    for page in found:
        start, end = round(page.start_seconds * 1000), round(page.end_seconds * 1000)
        subtitles.append(pysubs2.SSAEvent(start=start, end=end, text=r"\N".join(map(escaped, page.lines))))
    return subtitles.to_string("ass")


def escaped(text: str) -> str:
    """No brace opens an override, no backslash begins an escape."""
    return text.replace("\\", "\\" + _KEEPS_LITERAL).replace("{", r"\{").replace("}", r"\}")


def _style(layout: Layout, used: Font) -> pysubs2.SSAStyle:
    side = round(layout.width * SIDE_SHARE)
    return pysubs2.SSAStyle(
        fontname=FAMILY,
        fontsize=round(layout.em * used.height_em, 2),
        bold=True,
        outline=round(layout.em * _OUTLINE_EM, 2),
        shadow=round(layout.em * _OUTLINE_EM / 3, 2),
        backcolor=pysubs2.Color(0, 0, 0, 128),
        alignment=pysubs2.Alignment.BOTTOM_CENTER,
        marginl=side,
        marginr=side,
        marginv=round(layout.height * BOTTOM_SHARE),
    )


def _drawable(text: str) -> str:
    """Composed, without what the font lacks (most emoji), lines without needless space."""
    used = font()
    kept = "".join(
        each for each in unicodedata.normalize("NFC", text) if each == "\n" or (used.has(each) and each.isprintable()) or each.isspace()
    )
    return "\n".join(line for line in (" ".join(each.split()) for each in kept.splitlines()) if line)


def _demand_font(cues: Sequence[Cue]) -> None:
    """Captions in a script that we cannot write would come out as nothing, and nobody would know."""
    letters = [each for cue in cues for each in unicodedata.normalize("NFC", cue.text) if each.isalpha()]
    missing = sorted({each for each in letters if not font().has(each)})
    if sum(not font().has(each) for each in letters) > _MISSING_SHARE * len(letters):
        detail = f"the font has no letters such as {' '.join(missing[:5])}"
        raise Unacceptable(f"the captions cannot be drawn: {detail}", (FieldProblem("captions", f"{detail}: render without captions"),))


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Cues that overlap are cut where the next begins; one for which no time is left goes on in the next."""
    waiting = ""
    for cue, after in pairwise([*sorted(cues, key=lambda each: each.start_seconds), None]):
        if cue is None:
            return
        text = f"{waiting}\n{cue.text}" if waiting else cue.text
        end = cue.end_seconds if after is None else min(cue.end_seconds, after.start_seconds)
        if end - cue.start_seconds < _SHORTEST_SECONDS and after is not None:
            waiting = text
            continue
        waiting = ""
        yield Cue(cue.start_seconds, max(end, cue.start_seconds + _SHORTEST_SECONDS), text)


def _pages_of(cue: Cue, room_em: float) -> Iterator[Page]:
    """A long cue is shown as several pages, each for its share of the letters."""
    lines = wrapped(cue.text, room_em)
    groups = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    letters, seconds, at = sum(map(len, lines)), cue.end_seconds - cue.start_seconds, cue.start_seconds
    for group in groups:
        ends = at + seconds * sum(map(len, group)) / letters
        yield Page(at, ends, tuple(group))
        at = ends


def wrapped(text: str, room_em: float) -> list[str]:
    """Lines that fit, as even as can be. The file's own breaks were made for another picture; only those of a dialogue are kept."""
    parts: list[str] = []
    for line in text.split("\n"):
        if parts and not line.startswith(_SPEAKER_MARKS):
            parts[-1] += f" {line}"
        else:
            parts.append(line)
    return [line for part in parts for line in _even(part.split(), room_em)]


def _even(words: Sequence[str], room_em: float) -> list[str]:
    lines = _filled(words, room_em)
    narrower = room_em
    while len(lines) > 1 and (tried := _filled(words, narrower := narrower * 0.95)) and len(tried) == len(lines):
        if max(map(font().width_em, tried)) > narrower:
            break
        lines = tried
    return lines


def _filled(words: Sequence[str], room_em: float) -> list[str]:
    used, lines = font(), [""]
    for word in (piece for each in words for piece in _pieces(each, room_em)):
        longer = f"{lines[-1]} {word}".lstrip()
        if used.width_em(longer) <= room_em:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def _pieces(word: str, room_em: float) -> Iterator[str]:
    """A word that no line can hold is broken."""
    used, piece = font(), ""
    for each in word:
        if piece and used.width_em(piece + each) > room_em:
            yield piece
            piece = ""
        piece += each
    yield piece
