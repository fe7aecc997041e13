"""What is needed before a clip's graph is run: the plan fits the file, and the files that the graph names are there."""

from fractions import Fraction
from pathlib import Path

from domain.errors import FieldProblem, Unacceptable
from domain.media import ClipPlan, Probe, VideoStream
from gateways.media.captions import script_of
from gateways.media.glyphs import FONTS
from gateways.media.picture import CAPTIONS, FONTS_LINK
from gateways.media.runs import demand, scripts

# Of a plan's end behind the file's end.
_SLACK_SECONDS = 0.5


def write_scripts(stream: VideoStream, plan: ClipPlan, rate: Fraction, folder: Path) -> bool:
    """The files that the graph names: captions with their fonts, and where windows move. Whether there are captions to draw."""
    captions = script_of(plan)
    (folder / CAPTIONS).write_text(captions, encoding="utf-8")
    (folder / FONTS_LINK).symlink_to(FONTS)
    for name, commands in (scripts(stream, plan, rate) if plan.pieces else {}).items():
        (folder / name).write_text(commands, encoding="ascii")
    return bool(captions)


def demand_fitting(found: Probe, plan: ClipPlan) -> VideoStream:
    """The plan fits the file, or Unacceptable says where it does not."""
    streams = {each.index: each for each in found.video}
    problems = {
        "video_index": plan.video_index not in streams,
        "audio_index": plan.audio_index is not None and plan.audio_index not in {each.index for each in found.audio},
        "start_seconds": not 0 <= plan.start_seconds < min(plan.end_seconds, _picture_seconds(found, streams.get(plan.video_index))),
        "end_seconds": plan.end_seconds > found.duration_seconds + _SLACK_SECONDS,
    }
    wrong = tuple(FieldProblem(name, f"{getattr(plan, name)} is not in the file") for name, is_wrong in problems.items() if is_wrong)
    if wrong:
        raise Unacceptable("the clip's plan does not fit the media file", wrong)
    demand(plan)
    return streams[plan.video_index]


def _picture_seconds(found: Probe, stream: VideoStream | None) -> float:
    """A file lasts as long as its longest stream; the picture may end earlier."""
    return stream.seconds if stream and stream.seconds else found.duration_seconds
