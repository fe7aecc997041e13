"""Runs of pieces as ffmpeg's filters: one decode of their span, only the kept pictures of it, each run in its layout, joined again."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import ffmpeg

from domain.media import ClipPlan, VideoStream
from gateways.media.backgrounds import fitted
from gateways.media.colors import colored
from gateways.media.runs import Run, Stretch, has_commands, name_of, upright
from gateways.media.timeline import exact
from gateways.media.windows import even

_LINE_SHARE = 0.004
_MICROSECONDS = 1_000_000
# Until when a picture is shown tells the next one; in slide shows that comes late.
_MORE_SECONDS = 0.5


def pieced(stream: VideoStream, plan: ClipPlan, rate: Fraction, stretch: Stretch, reading: Mapping[str, Any]) -> Any:
    """Frames of the clip's size, at its rate and with its times, from input `source`.

    A source that changes its size is scaled to what it was at first.
    """
    first, last = stretch.shown[0].first, max(each.first + each.frames for each in stretch.shown)
    # Not a hair too late, or the first picture is lost.
    begins = math.floor((exact(plan.start_seconds) + first / rate) * _MICROSECONDS) / _MICROSECONDS
    span = {"ss": f"{begins:.6f}", "t": f"{float((last - first) / rate) + _MORE_SECONDS:.6f}"}
    cut = ffmpeg.input("source", **span, reinit_filter=0, **reading)[str(stream.index)]
    steady = cut.filter("scale", *upright(stream)).filter("fps", fps=str(rate), start_time=0)
    kept = "+".join(f"between(n,{each.first - first},{each.first + each.frames - 1 - first})" for each in stretch.shown)
    joined = _joined(steady.filter("select", kept).filter("setpts", f"N/({rate})/TB"), stream, stretch, plan, rate)
    return joined.filter("settb", f"1/({rate})").filter("setpts", f"N+{stretch.first}")


def _joined(frames: Any, stream: VideoStream, stretch: Stretch, plan: ClipPlan, rate: Fraction) -> Any:
    if len(stretch.runs) == 1:
        return _drawn(frames, stream, stretch.runs[0], plan, rate)
    ways = frames.filter_multi_output("split", len(stretch.runs))
    cut = [_of_run(ways[number], run, run.first - stretch.first) for number, run in enumerate(stretch.runs)]
    return ffmpeg.concat(*(_drawn(way, stream, run, plan, rate) for way, run in zip(cut, stretch.runs, strict=True)), v=1, a=0)


def _of_run(way: Any, run: Run, first: int) -> Any:
    return way.filter("trim", start_frame=first, end_frame=first + run.frames).filter("setpts", "PTS-STARTPTS")


def _drawn(frames: Any, stream: VideoStream, run: Run, plan: ClipPlan, rate: Fraction) -> Any:
    crops = tuple(window.crop for window in run.parts[0].windows)
    if not crops:
        return fitted(frames, stream, (plan.width, plan.height))
    moved = frames.filter("sendcmd", filename=run.script) if has_commands(run, rate) else frames
    if len(crops) == 1:
        return _window(moved, stream, run, 0)
    ways = moved.filter_multi_output("split", len(crops))
    stacked = ffmpeg.filter([_window(ways[number], stream, run, number) for number in range(len(crops))], "vstack")
    thick = max(2, even(plan.height * _LINE_SHARE))
    line = {"x": 0, "y": crops[0].down.slot - thick // 2, "w": plan.width, "h": thick}
    return stacked.filter("drawbox", **line, color="black", t="fill")


def _window(frames: Any, stream: VideoStream, run: Run, number: int) -> Any:
    crop = run.parts[0].windows[number].crop
    across, down = run.parts[0].windows[number].places(run.parts[0].shown.seconds_in)
    cut = frames.filter(name_of("cut", run, number), w=crop.across.cut, h=crop.down.cut, x=across[0], y=down[0])
    scaled = colored(cut, stream, crop.scaled).filter("setsar", 1)
    return scaled.filter(name_of("rest", run, number), w=crop.across.slot, h=crop.down.slot, x=across[1], y=down[1], exact=1)
