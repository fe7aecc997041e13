"""Where captions really stand: their script is drawn by libass on an empty frame, and the edges of what was drawn are measured.

So what is checked is what is burned in, whoever laid it out and however.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from domain.clips.delivery import CaptionBox
from domain.media import MediaLimits
from gateways.media.glyphs import FONTS
from gateways.media.picture import CAPTION_ENVIRONMENT, CAPTIONS, FONTS_LINK
from gateways.media.runner import Job, run_ffmpeg

BOXES = "boxes.txt"
PER_SECOND = 5
# The frame is drawn at so much of its size; libass scales the script along.
_SHARE = 0.5
# White letters and their black outline both differ from a gray frame by this, and a soft shadow's rim does not.
_GRAY, _STANDS_OUT = 126, 48
_FRAME = re.compile(r"pts_time:([\d.]+)\n((?:lavfi\.bbox\.\w+=-?\d+\n?)+)")
_VALUE = re.compile(r"lavfi\.bbox\.(x1|x2|y1|y2)=(\d+)")


def drawn_captions(script: str, size: tuple[int, int], seconds: float, limits: MediaLimits, folder: Path) -> tuple[CaptionBox, ...]:
    """Boxes around all that the script shows at a time, looked at five times a second. `size`: of the frame, in pixels."""
    if not script:
        return ()
    work = folder / "drawn"
    work.mkdir()
    (work / CAPTIONS).write_text(script, encoding="utf-8")
    (work / FONTS_LINK).symlink_to(FONTS)
    width, height = (max(16, round(side * _SHARE / 2) * 2) for side in size)
    graph = (
        f"color=c=0x808080:s={width}x{height}:r={PER_SECOND}:d={seconds:.3f},ass=filename={CAPTIONS}:fontsdir={FONTS_LINK},format=gray,"
        f"lutyuv=y=abs(val-{_GRAY}),bbox=min_val={_STANDS_OUT},metadata=mode=print:file={BOXES}[drawn]"
    )
    arguments = ["ffmpeg", "-filter_complex", graph, "-map", "[drawn]", "-f", "null", "-"]
    run_ffmpeg(Job(arguments=arguments, sources={}, folder=work, seconds=seconds, environment=CAPTION_ENVIRONMENT), limits)
    return tuple(_boxes((work / BOXES).read_text(encoding="utf-8"), width, height))


def _boxes(text: str, width: int, height: int) -> Iterator[CaptionBox]:
    """One per run of pictures that show the same."""
    found = [(float(at), {name: int(value) for name, value in _VALUE.findall(told)}) for at, told in _FRAME.findall(text)]
    for edges, run in groupby(found, key=lambda each: tuple(sorted(each[1].items()))):
        times, box = [at for at, _ in run], dict(edges)
        yield CaptionBox(
            start_seconds=times[0],
            end_seconds=times[-1] + 1 / PER_SECOND,
            left=box["x1"] / width,
            top=box["y1"] / height,
            right=(box["x2"] + 1) / width,
            bottom=(box["y2"] + 1) / height,
        )
