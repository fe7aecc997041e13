"""Text on lines that fit: what may be drawn of it, and where lines end. Times and places of captions are in `captions`."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.clips.breaking import clusters, may_break, phrases
from domain.errors import FieldProblem, Unacceptable
from gateways.media.glyphs import can_draw, height_em, ink_em, line_em, width_em

# How far outlines and boxes reach around letters.
PAD_EM = 0.12
_MISSING_SHARE = 0.2
# Letters of Khmer and Burmese carry up to six marks; more are made to leave the line.
_MOST_MARKS = 6
# Controls of no width that letters need: joiners of Persian, Indic scripts and emoji.
_JOINERS = "\u200c\u200d"
_SPEAKER_MARKS = ("-", "–", "—", ">>")  # a line of a dialogue
_NARROWER = 0.95


@dataclass(frozen=True, slots=True)
class Unit:
    """What stays on one line: a word, or a piece of one that no line can hold. `is_joined`: no space stands before it."""

    text: str
    word: int = 0
    is_joined: bool = False


Line = tuple[Unit, ...]


def text_of(line: Sequence[Unit]) -> str:
    return "".join(each.text if each.is_joined or not at else f" {each.text}" for at, each in enumerate(line))


def drawable(text: str) -> str:
    """Composed, on lines without needless space; without controls of any kind (line, direction, tags) and what no font of ours has."""
    flat = "".join(" " if each.isspace() and each != "\n" else each for each in unicodedata.normalize("NFC", text))
    kept = "".join(each for each in flat if each in _JOINERS or each == "\n" or unicodedata.category(each) not in _DROPPED)
    lines = (" ".join(filter(None, map(_readable, line.split()))) for line in kept.split("\n"))
    return "\n".join(line for line in lines if line)


_DROPPED = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))


def _readable(word: str) -> str:
    """What our fonts have of it, without marks that stand on nothing, or on too many others."""
    drawn = "".join(_with_few_marks(each) for each in clusters(word) if can_draw(each))
    first = next((at for at, each in enumerate(drawn) if unicodedata.category(each)[0] != "M"), len(drawn))
    return drawn[first:]


def _with_few_marks(cluster: str) -> str:
    marks, kept = 0, ""
    for each in cluster:
        marks = marks + 1 if unicodedata.category(each) in ("Mn", "Me") else 0
        kept += each if marks <= _MOST_MARKS else ""
    return kept


def demand_fonts(texts: Sequence[str], field: str) -> None:
    """Text in a script that we cannot write would come out as nothing, and nobody would know. Raises Unacceptable, for the field."""
    letters = [each for text in texts for each in clusters(unicodedata.normalize("NFC", text)) if each[0].isalpha()]
    missing = [each for each in letters if not can_draw(each)]
    if len(missing) > _MISSING_SHARE * len(letters):
        detail = f"no font has letters such as {' '.join(sorted(set(missing))[:5])}"
        raise Unacceptable(f"the {field} cannot be drawn: {detail}", (FieldProblem(field, f"{detail}: render without {field}"),))


def size(texts: Sequence[str], em: float) -> tuple[float, float]:
    """Width and height in pixels of lines around one middle, with all that is drawn around them; one em is so many pixels."""
    width = max(map(width_em, texts)) * em + 2 * (PAD_EM * em + 1)
    return width, sum(map(height_em, texts)) * em + sum(padded(texts, em))


def padded(texts: Sequence[str], em: float) -> tuple[float, float]:
    """Pixels above the first line and below the last one: outlines, and marks that leave the line's height."""
    above = ink_em(texts[0])[0] - line_em(texts[0])[0]
    below = ink_em(texts[-1])[1] - line_em(texts[-1])[1]
    return em * (PAD_EM + max(0.0, above)) + 1, em * (PAD_EM + max(0.0, below)) + 1


def units_of(text: str, word: int = 0, *, is_joined: bool = False) -> list[Unit]:
    """The phrases of a text, which may hold spaces."""
    found: list[Unit] = []
    for part in text.split():
        joined = is_joined and not found
        for each in phrases(part):
            found.append(Unit(each, word, joined))
            joined = True
    return found


def wrapped(text: str, room_em: float) -> list[Line]:
    """Lines of a cue. The file's own breaks were made for another picture; only those of a dialogue are kept."""
    parts: list[str] = []
    for line in text.split("\n"):
        if parts and not line.startswith(_SPEAKER_MARKS):
            parts[-1] += f" {line}"
        else:
            parts.append(line)
    return [line for part in parts for line in even(units_of(part), room_em)]


def even(units: Sequence[Unit], room_em: float) -> list[Line]:
    """As few lines as hold them, as even as can be. No line is wider than the room."""
    pieces = [piece for unit in units for piece in _pieces(unit, room_em)]
    lines, narrower = _filled(pieces, room_em), room_em
    while len(lines) > 1 and len(tried := _filled(pieces, narrower := narrower * _NARROWER)) == len(lines):
        if max(width_em(text_of(each)) for each in tried) > narrower:
            break
        lines = tried
    return lines


def _filled(pieces: Sequence[Unit], room_em: float) -> list[Line]:
    lines: list[Line] = [()]
    for piece in pieces:
        longer = (*lines[-1], piece)
        if width_em(text_of(longer)) <= room_em:
            lines[-1] = longer
        else:
            lines.append((piece,))
    return [line for line in lines if line]


def _pieces(unit: Unit, room_em: float) -> Iterator[Unit]:
    """What no line can hold is broken, between characters, where their setting allows it."""
    if width_em(unit.text) <= room_em:
        yield unit
        return
    whole, is_joined = "", unit.is_joined
    for part in _unbreakable(unit.text, room_em):
        if whole and width_em(whole + part) > room_em:
            yield replace(unit, text=whole, is_joined=is_joined)
            whole, is_joined = "", True
        whole += part
    yield replace(unit, text=whole, is_joined=is_joined)


def _unbreakable(text: str, room_em: float) -> Iterator[str]:
    """Characters that go together, unless they would fill a line."""
    whole = ""
    for each in clusters(text):
        if whole and (may_break(whole, each) or width_em(whole + each) > room_em / 2):
            yield whole
            whole = ""
        whole += each
    yield whole
