"""The styles that captions are drawn in, and their colours. What is written in which style is in `ass`.

The spoken word lies on a box: letters of another lightness on a ground of their own, so that its colour is not the only sign. libass
draws a box around every glyph, raised with marks that stand high: so boxes are drawn below the letters, clipped to their line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import pysubs2

from domain.errors import FieldProblem, Unacceptable
from gateways.media.glyphs import FAMILY, font
from gateways.media.lines import PAD_EM

WATERMARK_OPACITY = 0.6
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_BLACK, _WHITE = pysubs2.Color(0, 0, 0), pysubs2.Color(255, 255, 255)
_OUTLINE, _BOX = 1, 3
# libass: the first letter with a direction decides that of its line.
_BY_CONTENT = -1


class Style(StrEnum):
    """Names of styles; `Ghost` takes its room and shows nothing."""

    PLAIN = "Default"
    SPOKEN = "Spoken"
    HOOK = "Hook"
    WATERMARK = "Watermark"
    BOX = "Box"
    HOOK_BOX = "HookBox"
    GHOST = "Ghost"


# How far outlines and boxes reach around letters; with its shadow nothing reaches farther than `PAD_EM`.
AROUND_EM: Mapping[Style, float] = MappingProxyType(
    {
        Style.PLAIN: 0.09,
        Style.WATERMARK: 0.03,
        Style.BOX: PAD_EM,
        Style.HOOK_BOX: PAD_EM,
        **dict.fromkeys((Style.SPOKEN, Style.HOOK, Style.GHOST), 0.0),
    }
)
_SHADOW_EM = 0.03


@dataclass(frozen=True, slots=True)
class Setting:
    """Sizes in pixels of the picture. `language`: whose Chinese characters are drawn."""

    width: int
    height: int
    em: float
    accent: str
    is_right_to_left: bool = False
    language: str | None = None


def styles_of(setting: Setting) -> dict[str, pysubs2.SSAStyle]:
    accent = color(setting.accent)
    plain = _style(setting, _WHITE, _BLACK)
    plain.shadow = round(setting.em * _SHADOW_EM, 2)
    styles = {
        Style.PLAIN: plain,
        Style.SPOKEN: _style(setting, _ink_on(accent), _BLACK),
        Style.HOOK: _style(setting, _BLACK, _BLACK),
        Style.WATERMARK: _style(setting, _WHITE, _BLACK, opacity=WATERMARK_OPACITY),
        Style.BOX: _style(setting, accent, accent, border=_BOX),
        Style.HOOK_BOX: _style(setting, _WHITE, _WHITE, border=_BOX),
        Style.GHOST: _style(setting, _WHITE, _WHITE, opacity=0.0),
    }
    return {str(name): style for name, style in styles.items()}


def _style(
    setting: Setting, ink: pysubs2.Color, around: pysubs2.Color, *, border: int = _OUTLINE, opacity: float = 1.0
) -> pysubs2.SSAStyle:
    """What differs by font and size is said in the events."""
    through = round(255 * (1 - opacity))
    return pysubs2.SSAStyle(
        fontname=FAMILY,
        fontsize=round(setting.em * font().height_em, 2),
        bold=True,
        primarycolor=pysubs2.Color(ink.r, ink.g, ink.b, through),
        outlinecolor=pysubs2.Color(around.r, around.g, around.b, through),
        backcolor=pysubs2.Color(0, 0, 0, 128),
        borderstyle=border,
        outline=0,
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
