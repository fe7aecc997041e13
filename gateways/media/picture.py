"""The picture of a clip as ffmpeg's filters: upright, square pixels, BT.709, constant rate, in its layouts, with captions.

A whole picture on its background is in `backgrounds`, pieces with windows are in `layouts`, colors in `colors`.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import ffmpeg

from domain.media import ClipPlan, VideoStream
from gateways.media.backgrounds import fitted
from gateways.media.colors import BT709
from gateways.media.films import NOTHING, Around, shown_film
from gateways.media.glyphs import FONTS
from gateways.media.layouts import pieced
from gateways.media.qualities import FINAL, Quality
from gateways.media.runs import Stretch

CAPTIONS, FONTS_LINK = "captions.ass", "fonts"
CAPTION_ENVIRONMENT = (("FONTCONFIG_FILE", str(FONTS / "fonts.conf")),)
MOST_FRAMES, FEWEST_FRAMES, USUAL_FRAMES = 60, 20, 30


def constant_rate(frames_per_second: float | None) -> Fraction:
    """The source's own rate; faster ones are divided, which drops every other picture; slide shows get a rate that captions can follow."""
    if not frames_per_second or frames_per_second < FEWEST_FRAMES:
        return Fraction(USUAL_FRAMES)
    exact = Fraction(frames_per_second).limit_denominator(1001)
    return exact / -(-exact // MOST_FRAMES)


def picture(
    stream: VideoStream,
    plan: ClipPlan,
    *,
    has_captions: bool,
    around: Around = NOTHING,
    quality: Quality = FINAL,
    stretch: Stretch | None = None,
) -> Any:
    """The graph, from the input labeled `source` to frames that are ready to encode, from 0 s on. ffmpeg turns rotated sources itself.

    `stretch`: of a clip of pieces, those that are drawn.
    """
    rate, reading = quality.rate(constant_rate(stream.frames_per_second)), quality.reading
    shown = pieced(stream, plan, rate, stretch, reading) if stretch else _whole(stream, plan, rate, reading)
    if has_captions:
        shown = shown.filter("ass", filename=CAPTIONS, fontsdir=FONTS_LINK)
    if stretch and stretch.first:
        shown = shown.filter("setpts", "PTS-STARTPTS")
    if around.films:
        films = {label: shown_film(label, film, (plan.width, plan.height), rate) for label, film in around.films.items()}
        whole = [films.get("intro"), shown.filter("settb", f"1/({rate})"), films.get("outro")]
        shown = ffmpeg.concat(*(each for each in whole if each), v=1, a=0)
    return shown.filter("format", "yuv420p").filter("setparams", **BT709)


def _whole(stream: VideoStream, plan: ClipPlan, rate: Fraction, reading: Mapping[str, Any]) -> Any:
    cut = ffmpeg.input("source", ss=f"{plan.start_seconds:.6f}", t=f"{plan.seconds:.6f}", **reading)[str(stream.index)]
    return fitted(cut.filter("fps", fps=str(rate)), stream, (plan.width, plan.height))
