"""The states of a clip, what a rendered one must be, and which streams it is made of. Rendering is in `gateways.media`."""

from enum import StrEnum

from domain.errors import FieldProblem, Unacceptable
from domain.media import AudioStream, Probe, VideoStream
from domain.transcripts import is_same_language

WIDTH, HEIGHT = 1080, 1920
# Frames are not cut in two, sound comes in packets.
SECONDS_TOLERANCE = 0.15
# A still picture beside the sound, such as a cover.
_PICTURES = frozenset({"mjpeg", "png", "bmp", "gif", "webp"})


class ClipState(StrEnum):
    """`asked -> suggested -> rendering -> checking -> rendered | blocked`, or `failed`.

    Where its request failed or was canceled, it shows that.

    `blocked`: it came out, and a check before delivery failed.
    """

    ASKED = "asked"
    SUGGESTED = "suggested"
    RENDERING = "rendering"
    CHECKING = "checking"
    RENDERED = "rendered"
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELED = "canceled"


# What a run still has to bring to an end.
WAITING = (ClipState.ASKED, ClipState.SUGGESTED, ClipState.RENDERING, ClipState.CHECKING)


def choose_streams(probe: Probe, language: str | None) -> tuple[VideoStream, AudioStream | None]:
    """The largest moving picture; of the sounds one in this language, then the fullest. Raises Unacceptable without a picture."""
    moving = [each for each in probe.video if is_moving(each)]
    if not moving:
        raise Unacceptable("the file has no moving picture", (FieldProblem("file", "send a video"),))
    video = max(moving, key=lambda each: (each.width * each.height, -each.index))
    audio = max(
        probe.audio,
        key=lambda each: (is_same_language(each.language, language), each.channels, each.sample_rate_hz, -each.index),
        default=None,
    )
    return video, audio


def is_moving(stream: VideoStream) -> bool:
    """Whether it is more than a still picture beside the sound."""
    return stream.codec not in _PICTURES
