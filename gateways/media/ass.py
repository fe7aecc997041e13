"""The language of ASS scripts: styles, and events whose texts are shown and never obeyed. What is shown when and where is in `captions`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pysubs2

from domain.clips.breaking import is_right_to_left
from domain.errors import FieldProblem, Unacceptable
from gateways.media.glyphs import FAMILY, Font, font, runs
from gateways.media.lines import Line

PLAIN, SPOKEN, HOOK, WATERMARK = "Default", "Spoken", "Hook", "Watermark"
# What is drawn around letters: an outline, or a box as far around them. Nothing is drawn farther out than `PAD_EM`.
AROUND_EM = {PLAIN: 0.09, SPOKEN: 0.12, HOOK: 0.12, WATERMARK: 0.03}
PAD_EM, _SHADOW_EM = 0.12, 0.03
WATERMARK_OPACITY = 0.6
_KEEPS_LITERAL = "\u2060"  # word joiner: no width, and libass reads no escape across it
_RIGHT_TO_LEFT, _LEFT_TO_RIGHT = "\u200f", "\u200e"
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_BLACK, _WHITE = pysubs2.Color(0, 0, 0), pysubs2.Color(255, 255, 255)
# libass: the first letter with a direction decides that of its line.
_BY_CONTENT = -1


@dataclass(frozen=True, slots=True)
class Setting:
    """Sizes in pixels of the picture. `language`: whose Chinese characters are drawn."""

    width: int
    height: int
    em: float
    accent: str
    is_right_to_left: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Lines with their times; its text is ASS already."""

    start_seconds: float
    end_seconds: float
    text: str
    style: str = PLAIN


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
    subtitles.styles = _styles(setting)
    for each in events:
        start, end = round(each.start_seconds * 100) * 10, round(each.end_seconds * 100) * 10
        if end > start:
            subtitles.append(pysubs2.SSAEvent(start=start, end=end, text=each.text, style=each.style))
    return str(subtitles.to_string("ass"))


def at(x: float, y: float, text: str, *, is_centred: bool = True) -> str:
    """The text below a point (pixels): around it, or from it on to the right."""
    return f"{{\\an{8 if is_centred else 7}\\pos({x:.1f},{y:.1f})}}{text}"


def lines_text(setting: Setting, lines: Sequence[Line], em: float, *, style: str = PLAIN, spoken: int | None = None) -> str:
    """Lines as ASS, one em so many pixels large: our own tags, and texts in which nothing is one. `spoken`: the word that is marked."""
    found: list[str] = []
    used: tuple[str, Font | None] = ("", None)
    for number, line in enumerate(lines):
        found += [r"\N" if number else "", _direction(setting, line)]
        before: Font | None = None
        for drawn, text in _spans(line, style, spoken):
            for run in runs(text, before):
                if (drawn, run.font) != used:
                    sizes = f"\\fs{em * run.font.height_em:.2f}\\bord{em * AROUND_EM[drawn]:.2f}"
                    found.append(f"{{\\r{drawn}\\fn{run.font.family}{sizes}}}")
                found.append(escaped(run.text))
                used, before = (drawn, run.font), run.font
    return "".join(found)


def escaped(text: str) -> str:
    """No brace opens an override, no backslash begins an escape."""
    return text.replace("\\", "\\" + _KEEPS_LITERAL).replace("{", r"\{").replace("}", r"\}")


def _spans(line: Line, style: str, spoken: int | None) -> Iterator[tuple[str, str]]:
    for number, unit in enumerate(line):
        if number and not unit.is_joined:
            yield style, " "
        yield SPOKEN if unit.word == spoken and spoken is not None else style, unit.text


def _direction(setting: Setting, line: Line) -> str:
    """A clip has one; a line that begins with the other one's letters is told it."""
    if setting.is_right_to_left:
        return _RIGHT_TO_LEFT
    return _LEFT_TO_RIGHT if is_right_to_left([unit.text for unit in line]) else ""


def _styles(setting: Setting) -> dict[str, pysubs2.SSAStyle]:
    accent = color(setting.accent)
    plain = _style(setting)
    plain.shadow = round(setting.em * _SHADOW_EM, 2)
    # A box and letters of another lightness: the colour is not the only sign.
    styles = {PLAIN: plain, SPOKEN: _style(setting, box=accent), HOOK: _style(setting, box=_WHITE)}
    return styles | {WATERMARK: _style(setting, opacity=WATERMARK_OPACITY)}


def _style(setting: Setting, *, box: pysubs2.Color | None = None, opacity: float = 1.0) -> pysubs2.SSAStyle:
    """What differs by font and size is said in the events."""
    through = round(255 * (1 - opacity))
    ink, around = (_ink_on(box), box) if box else (_WHITE, _BLACK)
    return pysubs2.SSAStyle(
        fontname=FAMILY,
        fontsize=round(setting.em * font().height_em, 2),
        bold=True,
        primarycolor=pysubs2.Color(ink.r, ink.g, ink.b, through),
        outlinecolor=pysubs2.Color(around.r, around.g, around.b, through),
        backcolor=pysubs2.Color(0, 0, 0, 128),
        borderstyle=3 if box else 1,
        shadow=0,
        alignment=pysubs2.Alignment.TOP_CENTER,
        marginl=0,
        marginr=0,
        marginv=0,
        encoding=_BY_CONTENT,
    )


def color(accent: str) -> pysubs2.Color:
    """Of `#RRGGBB`. Raises Unacceptable for anything else."""
    found = _HEX.fullmatch(accent)
    if found is None:
        raise Unacceptable("the accent is no colour", (FieldProblem("accent", "a colour is written as #RRGGBB"),))
    return pysubs2.Color(*(int(each, 16) for each in found.groups()))


def _ink_on(ground: pysubs2.Color) -> pysubs2.Color:
    """Black or white, whichever has more contrast (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(each / 255) for each in (ground.r, ground.g, ground.b))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return _BLACK if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else _WHITE


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
