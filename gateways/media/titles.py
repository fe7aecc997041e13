"""A title as it is written on a cover: large, in the upper part of the safe area, as an ASS script for one moment.

It is set as captions are: shown and never obeyed. Captions over time are in `captions`.
"""

import pysubs2

from domain.media import Cue
from gateways.media.captions import SIDE_SHARE, TOP_SHARE, escaped, pages
from gateways.media.glyphs import FAMILY, font

# Of the picture's width; a long title is written smaller, down to the size of a caption, and then cut off.
_EM_SHARES = (0.105, 0.09, 0.075, 0.06)
_MOST_LINES = 4
_OUTLINE_EM = 0.1
# Below the players' own words at the top.
_TOP_SHARE = TOP_SHARE + 0.03


def title_script(title: str, width: int, height: int) -> str:
    """Empty where the title has nothing to draw. Raises Unacceptable where the font has none of its letters."""
    narrow = min(width, height * 9 / 16)
    for share in _EM_SHARES:
        em = share * narrow
        lines = _lines(title, width * (1 - 2 * SIDE_SHARE) / em - 2 * _OUTLINE_EM)
        if len(lines) <= _MOST_LINES:
            break
    if not lines:
        return ""
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1].rsplit(' ', 1)[0].rstrip('.,;:')}…"]
    return _script(lines, em, width, height)


def _lines(title: str, room_em: float) -> list[str]:
    return [line for page in pages((Cue(0.0, 1.0, " ".join(title.split())),), room_em) for line in page.lines]


def _script(lines: list[str], em: float, width: int, height: int) -> str:
    subtitles = pysubs2.SSAFile()
    subtitles.info |= {
        "PlayResX": str(width),
        "PlayResY": str(height),
        "WrapStyle": "2",
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }
    subtitles.styles = {"Default": _style(em, width, height)}
    subtitles.append(pysubs2.SSAEvent(start=0, end=3_600_000, text=r"\N".join(map(escaped, lines))))
    return subtitles.to_string("ass")


def _style(em: float, width: int, height: int) -> pysubs2.SSAStyle:
    side = round(width * SIDE_SHARE)
    return pysubs2.SSAStyle(
        fontname=FAMILY,
        fontsize=round(em * font().height_em, 2),
        bold=True,
        outline=round(em * _OUTLINE_EM, 2),
        shadow=round(em * _OUTLINE_EM / 2, 2),
        backcolor=pysubs2.Color(0, 0, 0, 96),
        alignment=pysubs2.Alignment.TOP_CENTER,
        marginl=side,
        marginr=side,
        marginv=round(height * _TOP_SHARE),
    )
