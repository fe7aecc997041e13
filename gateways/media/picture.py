"""The picture of a clip as ffmpeg's filters: upright, square pixels, BT.709, constant rate, on a blurred background, with captions.

Sizes are computed here and not in ffmpeg's expressions, so that they can be tested.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from domain.media import ClipPlan, VideoStream

CAPTIONS, FONTS_LINK = "captions.ass", "fonts"
MOST_FRAMES, FEWEST_FRAMES, USUAL_FRAMES = 60, 20, 30
_BLURRED_AT = 4  # the background is blurred on a picture of a quarter of the width: a quarter less CPU, and nobody sees it
_DARKER = 0.75
_HD_HEIGHT = 720
# What differs by so little is stretched rather than framed.
_NEARLY = 0.01
# Measured on ramps: at 203 nits (ITU-R BT.2408's white) mobius keeps middle gray at 42 % for PQ and HLG alike, and white at 84 %;
# hable at 100 nits left HLG's white at 74 %.
_WHITE_NITS = 203
_BT709 = {"range": "tv", "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the source stands in the frame, in even pixels."""

    width: int
    height: int
    left: int
    top: int


def placed(shown: tuple[int, int], frame: tuple[int, int]) -> Placed:
    """As large as it fits, in the middle."""
    scale = min(frame[0] / shown[0], frame[1] / shown[1])
    width, height = (_fitted(side * scale, most) for side, most in zip(shown, frame, strict=True))
    return Placed(width, height, _even((frame[0] - width) / 2), _even((frame[1] - height) / 2))


def constant_rate(frames_per_second: float | None) -> Fraction:
    """The source's own rate; faster ones are divided, which drops every other picture; slide shows get a rate that captions can follow."""
    if not frames_per_second or frames_per_second < FEWEST_FRAMES:
        return Fraction(USUAL_FRAMES)
    exact = Fraction(frames_per_second).limit_denominator(1001)
    return exact / -(-exact // MOST_FRAMES)


def picture(stream: VideoStream, plan: ClipPlan, *, has_captions: bool) -> Any:
    """The graph, from the input labeled `source` to frames that are ready to encode. ffmpeg turns rotated sources itself."""
    frame = (plan.width, plan.height)
    place = placed(stream.shown_size, frame)
    cut = ffmpeg.input("source", ss=f"{plan.start_seconds:.6f}", t=f"{plan.seconds:.6f}")[str(stream.index)]
    steady = cut.filter("fps", fps=str(constant_rate(stream.frames_per_second)))
    shown = _colored(steady, stream, place).filter("setsar", 1)
    if (place.width, place.height) != frame:
        shown = _on_background(shown, place, frame)
    if has_captions:
        shown = shown.filter("ass", filename=CAPTIONS, fontsdir=FONTS_LINK)
    return shown.filter("format", "yuv420p").filter("setparams", **_BT709)


def _on_background(shown: Any, place: Placed, frame: tuple[int, int]) -> Any:
    halves = shown.filter_multi_output("split")
    small = tuple(max(16, _even(side / _BLURRED_AT)) for side in frame)
    covering = {"force_original_aspect_ratio": "increase", "flags": "bilinear"}
    blurred = (
        halves[0]
        .filter("scale", *small, **covering)
        .filter("crop", *small)
        .filter("gblur", sigma=f"{small[0] / 27:.2f}")
        .filter("lutyuv", y=f"(val-16)*{_DARKER}+16")
        .filter("scale", *frame, flags="bilinear")
        .filter("setsar", 1)
    )
    return blurred.overlay(halves[1], x=place.left, y=place.top)


def _colored(steady: Any, stream: VideoStream, place: Placed) -> Any:
    """Scaled to its place, as 8-bit BT.709. HDR is mapped in linear light after scaling, where it is cheapest."""
    if stream.is_hdr:
        return _tone_mapped(_with_hdr_colors(steady, stream), place)
    if stream.has_wide_colors:
        wide = steady.filter("setparams", color_trc="bt709")
        narrowed = {"primaries": "709", "matrix": "709", "transfer": "709", "range": "limited", "filter": "bicubic"}
        return wide.filter("zscale", width=place.width, height=place.height, **narrowed).filter("format", "yuv420p")
    if not stream.has_color_matrix:
        # Players guess by the size, and so the picture was seen when it was made.
        steady = steady.filter("setparams", colorspace="bt709" if stream.height >= _HD_HEIGHT else "smpte170m")
    target = {"out_color_matrix": "bt709", "out_range": "tv", "flags": "bicubic"}
    return steady.filter("scale", place.width, place.height, **target).filter("format", "yuv420p")


def _with_hdr_colors(steady: Any, stream: VideoStream) -> Any:
    """What is not said zscale refuses; a file that says PQ or HLG means BT.2020."""
    missing = {} if stream.has_color_matrix else {"colorspace": "bt2020nc"}
    missing |= {} if stream.has_wide_colors else {"color_primaries": "bt2020"}
    return steady.filter("setparams", **missing) if missing else steady


def _tone_mapped(steady: Any, place: Placed) -> Any:
    return (
        steady.filter("zscale", width=place.width, height=place.height, filter="bicubic", transfer="linear", npl=_WHITE_NITS)
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="709")
        .filter("tonemap", tonemap="mobius", desat=0)
        .filter("zscale", transfer="709", matrix="709", range="limited")
        .filter("format", "yuv420p")
    )


def _fitted(side: float, most: int) -> int:
    return most if side >= most * (1 - _NEARLY) else max(2, _even(side))


def _even(side: float) -> int:
    """Colors have half the resolution, so edges lie on even pixels."""
    return round(side / 2) * 2
