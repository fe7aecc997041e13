"""Scaling to 8-bit BT.709, from whatever colors a source has: SDR, BT.2020, PQ and HLG. Where a picture goes is in `picture`."""

from typing import Any

from domain.media import VideoStream

BT709 = {"range": "tv", "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
_HD_HEIGHT = 720
# Measured on ramps: at 203 nits (ITU-R BT.2408's white) mobius keeps middle gray at 42 % for PQ and HLG alike, and white at 84 %;
# hable at 100 nits left HLG's white at 74 %.
_WHITE_NITS = 203


def is_scaled_freely(stream: VideoStream) -> bool:
    """Whether pictures may change their size on the way in: swscale takes that, zscale does not."""
    return not (stream.is_hdr or stream.has_wide_colors)


def colored(steady: Any, stream: VideoStream, size: tuple[int, int], *, flags: str = "bicubic") -> Any:
    """Scaled to a size (even pixels), as 8-bit BT.709. HDR is mapped in linear light after scaling, where it is cheapest."""
    if stream.is_hdr:
        return _tone_mapped(_with_hdr_colors(steady, stream), size)
    if stream.has_wide_colors:
        wide = steady.filter("setparams", color_trc="bt709")
        narrowed = {"primaries": "709", "matrix": "709", "transfer": "709", "range": "limited", "filter": "bicubic"}
        return wide.filter("zscale", width=size[0], height=size[1], **narrowed).filter("format", "yuv420p")
    if not stream.has_color_matrix:
        # Players guess by the size, and so the picture was seen when it was made.
        steady = steady.filter("setparams", colorspace="bt709" if stream.height >= _HD_HEIGHT else "smpte170m")
    target = {"out_color_matrix": "bt709", "out_range": "tv", "flags": flags}
    return steady.filter("scale", *size, **target).filter("format", "yuv420p")


def _with_hdr_colors(steady: Any, stream: VideoStream) -> Any:
    """What is not said zscale refuses; a file that says PQ or HLG means BT.2020."""
    missing = {} if stream.has_color_matrix else {"colorspace": "bt2020nc"}
    missing |= {} if stream.has_wide_colors else {"color_primaries": "bt2020"}
    return steady.filter("setparams", **missing) if missing else steady


def _tone_mapped(steady: Any, size: tuple[int, int]) -> Any:
    return (
        steady.filter("zscale", width=size[0], height=size[1], filter="bicubic", transfer="linear", npl=_WHITE_NITS)
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="709")
        .filter("tonemap", tonemap="mobius", desat=0)
        .filter("zscale", transfer="709", matrix="709", range="limited")
        .filter("format", "yuv420p")
    )
