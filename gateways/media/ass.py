"""The language of ASS scripts: events whose texts are shown and never obeyed. What is shown when and where is in `captions`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pysubs2

from domain.clips.breaking import is_right_to_left
from gateways.media.glyphs import FAMILY, Font, has_letters, runs
from gateways.media.lines import Line, text_of
from gateways.media.styles import AROUND_EM, Setting, Style, styles_of

_KEEPS_LITERAL = "\u2060"  # word joiner: no width, and libass reads no escape across it
# libass shapes signs with the letters around them. Without any it parts joiners from the emoji that they join: so there is one, unseen.
_ANCHOR = f"{{\\r{Style.GHOST}\\fn{FAMILY}\\fs1\\bord0}}a"
_RIGHT_TO_LEFT, _LEFT_TO_RIGHT = "\u200f", "\u200e"


@dataclass(frozen=True, slots=True)
class Event:
    """What is drawn for some time; its text is ASS already. Those of a higher layer lie above."""

    start_seconds: float
    end_seconds: float
    text: str
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Set:
    """Lines as they are set: one em so many pixels large, below a point, around it or from it on to the right."""

    lines: Sequence[Line]
    em: float
    x: float
    y: float
    is_centred: bool = True


def script_text(setting: Setting, events: Sequence[Event]) -> str:
    """The whole script; empty where there are no events. Times are rounded alike, so neighbours never overlap."""
    if not events:
        return ""
    subtitles = pysubs2.SSAFile()
    subtitles.info |= {
        "PlayResX": str(setting.width),
        "PlayResY": str(setting.height),
        "WrapStyle": "2",  # our own line breaks only
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
        **({"Language": setting.language} if setting.language else {}),
    }
    subtitles.styles = styles_of(setting)
    for each in events:
        start, end = round(each.start_seconds * 100) * 10, round(each.end_seconds * 100) * 10
        if end > start:
            subtitles.append(pysubs2.SSAEvent(start=start, end=end, text=each.text, layer=each.layer))
    return str(subtitles.to_string("ass"))


def letters(setting: Setting, text: Set, style: Style, spoken: int | None = None) -> str:
    """Lines as ASS: our own tags, and texts in which nothing is one. `spoken`: the number of the word that is marked."""
    return f"{{{_place(text)}}}{_set(setting, text, style, Style.SPOKEN, spoken)}"


def box(setting: Setting, text: Set, style: Style, spoken: int | None = None) -> str:
    """What lies below the letters of the spoken word, or of all words, as high as their lines."""
    rows = [number for number, line in enumerate(text.lines) if spoken is None or any(unit.word == spoken for unit in line)]
    heights = [_line_height(line, text.em) for line in text.lines]
    around = math.floor(text.em * AROUND_EM[style])
    top, bottom = text.y + sum(heights[: rows[0]]) - around, text.y + sum(heights[: rows[-1] + 1]) + around
    clip = f"\\clip(0,{math.floor(top)},{setting.width},{math.ceil(bottom)})"
    return f"{{{_place(text)}{clip}}}{_set(setting, text, style if spoken is None else Style.GHOST, style, spoken)}"


def escaped(text: str) -> str:
    """No brace opens an override, no backslash begins an escape."""
    return text.replace("\\", "\\" + _KEEPS_LITERAL).replace("{", r"\{").replace("}", r"\}")


def _place(text: Set) -> str:
    return f"\\an{8 if text.is_centred else 7}\\pos({text.x:.0f},{text.y:.0f})"


def _set(setting: Setting, text: Set, style: Style, marked: Style, spoken: int | None) -> str:
    found: list[str] = []
    for number, line in enumerate(text.lines):
        found.append(r"\N" if number else "")
        if mark := _direction(setting, line):
            # In the font of what follows, so that it makes the line no higher.
            found.append(_tag(style, runs(text_of(line))[0].font, text.em) + mark)
        found.append("" if has_letters(text_of(line)) else _ANCHOR)
        used: tuple[Style | None, Font | None] = (None, None)
        for drawn, part in _spans(line, style, marked, spoken):
            for run in runs(part, used[1]):
                if (drawn, run.font) != used:
                    found.append(_tag(drawn, run.font, text.em))
                found.append(escaped(run.text))
                used = drawn, run.font
    return "".join(found)


def _spans(line: Line, style: Style, marked: Style, spoken: int | None) -> Iterator[tuple[Style, str]]:
    for number, unit in enumerate(line):
        if number and not unit.is_joined:
            yield style, " "
        yield marked if spoken is not None and unit.word == spoken else style, unit.text


def _tag(style: Style, used: Font, em: float) -> str:
    """Whole pixels: the boxes of neighbouring letters then end at the same ones."""
    return f"{{\\r{style}\\fn{used.family}\\fs{_size(used, em)}\\bord{math.floor(em * AROUND_EM[style])}}}"


def _size(used: Font, em: float) -> int:
    return math.floor(em * used.height_em)


def _line_height(line: Line, em: float) -> float:
    """In pixels, with sizes rounded as they are in the tags."""
    sizes = {run.font: _size(run.font, em) / run.font.height_em for run in runs(text_of(line))}
    return max(size * used.ascent_em for used, size in sizes.items()) + max(size * used.descent_em for used, size in sizes.items())


def _direction(setting: Setting, line: Line) -> str:
    """A clip has one; a line that begins with the other one's letters is told it."""
    if setting.is_right_to_left:
        return _RIGHT_TO_LEFT
    return _LEFT_TO_RIGHT if is_right_to_left([unit.text for unit in line]) else ""
