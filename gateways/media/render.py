"""A clip, from its plan to a finished file: the sound, the picture onto it, a look at what came out. Keeping it is in `tools`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from domain.errors import FieldProblem, SourceRefused, Unacceptable
from domain.media import ClipPlan, Container, MediaLimits, Probe, VideoStream
from gateways.media.captions import script
from gateways.media.glyphs import FONTS
from gateways.media.loudness import SOUND, make_sound
from gateways.media.picture import CAPTIONS, FONTS_LINK, constant_rate, picture
from gateways.media.probe import Source, probe
from gateways.media.runner import Job, ignore, run_ffmpeg

CLIP = "clip.mp4"
CAPTION_ENVIRONMENT = (("FONTCONFIG_FILE", str(FONTS / "fonts.conf")),)
# A second of sound costs some 5 % of what a second of picture costs.
_SOUND_SHARE, _PICTURE_SHARE = 0.05, 0.98
# Of a plan's end behind the file's end, and of what may be missing from the result.
_SLACK_SECONDS = 0.5
_KEY_FRAME_SECONDS = 2
_X264: dict[str, Any] = {
    # veryfast: half the CPU of medium at the same size of file; superfast saves a third of it and makes files 60 % larger.
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 21,
    "maxrate": "12M",
    "bufsize": "24M",
    "profile:v": "high",
    "pix_fmt": "yuv420p",
}
_FILE: dict[str, Any] = {
    "c:a": "copy",
    # The index first, so that players start before they have the whole file; nothing of what the source tells about its maker.
    "movflags": "+faststart",
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The finished file in the work's own folder, and what was measured of it."""

    path: Path
    probe: Probe
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One clip in the making."""

    source: Source
    probe: Probe
    plan: ClipPlan
    limits: MediaLimits
    folder: Path
    report: Callable[[float], None]
    is_unwanted: Callable[[], bool]

    def run(self) -> Rendered:
        stream = _demand(self.probe, self.plan)
        captions = script(self.plan.captions, self.plan.width, self.plan.height)
        (self.folder / CAPTIONS).write_text(captions, encoding="utf-8")
        (self.folder / FONTS_LINK).symlink_to(FONTS)
        heard = make_sound(self._sound, self.source, self.plan, self.folder)
        self.report(_SOUND_SHARE)
        self._picture(stream, has_captions=bool(captions))
        return Rendered(path=self.folder / CLIP, probe=self._looked_at(), loudness_lufs=heard.lufs if heard else None)

    def _sound(self, graph: Any, sources: dict[str, Source], says_much: bool) -> str:
        return self._ffmpeg(graph, sources, ignore, says_much=says_much)

    def _picture(self, stream: VideoStream, *, has_captions: bool) -> None:
        frames = picture(stream, self.plan, has_captions=has_captions)
        rate = constant_rate(stream.frames_per_second)
        # Where the size changes in the middle, ffmpeg builds the graph anew; the rate is kept behind it, from the clip's first moment on.
        steady = {"r": str(rate), "fps_mode": "cfr", "g": round(rate * _KEY_FRAME_SECONDS), "t": f"{self.plan.seconds:.6f}"}
        graph = ffmpeg.output(frames, ffmpeg.input("sound")["a"], CLIP, **steady, **_X264, **_FILE)
        sources = {"source": self.source, "sound": Source(self.folder / SOUND, Container.MOV)}
        self._ffmpeg(graph, sources, lambda share: self.report(_SOUND_SHARE + share * (_PICTURE_SHARE - _SOUND_SHARE)))

    def _ffmpeg(self, graph: Any, sources: dict[str, Source], report: Callable[[float], None], *, says_much: bool = False) -> str:
        job = Job(
            arguments=graph if isinstance(graph, list) else graph.compile(),
            sources=sources,
            folder=self.folder,
            seconds=self.plan.seconds,
            environment=CAPTION_ENVIRONMENT,
            says_much=says_much,
        )
        return run_ffmpeg(job, self.limits, report=report, is_unwanted=self.is_unwanted)

    def _looked_at(self) -> Probe:
        """A source that breaks off in the middle makes a short clip and no error."""
        try:
            found = probe(Source(self.folder / CLIP, Container.MOV), self.limits, self.folder, is_unwanted=self.is_unwanted)
        except Unacceptable as error:
            raise SourceRefused("ffmpeg", f"the clip came out wrong ({error.detail}): the source is damaged there") from error
        made, wanted = found.video[0].seconds or 0.0, self.plan.seconds
        if made < wanted - _SLACK_SECONDS:
            raise SourceRefused("ffmpeg", f"the picture has {made:.1f} s instead of {wanted:.1f} s: the source is damaged or breaks off")
        return found


def _demand(found: Probe, plan: ClipPlan) -> VideoStream:
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
    return streams[plan.video_index]


def _picture_seconds(found: Probe, stream: VideoStream | None) -> float:
    """A file lasts as long as its longest stream; the picture may end earlier."""
    return stream.seconds if stream and stream.seconds else found.duration_seconds
