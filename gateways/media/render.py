"""A clip, from its plan to a finished file: sound and picture side by side, joined, and a look at what came out. `tools` keeps it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from domain.errors import FieldProblem, SourceRefused, Unacceptable, Unwanted
from domain.media import ClipPlan, Container, MediaLimits, Probe, VideoStream
from gateways.media.captions import script_of
from gateways.media.glyphs import FONTS
from gateways.media.loudness import SOUND, Heard, make_sound
from gateways.media.picture import CAPTIONS, FONTS_LINK, constant_rate, picture
from gateways.media.probe import Source, probe
from gateways.media.runner import Job, ignore, run_ffmpeg

CLIP, PICTURE = "clip.mp4", "picture.mp4"
CAPTION_ENVIRONMENT = (("FONTCONFIG_FILE", str(FONTS / "fonts.conf")),)
# What is left then: the sound beside the picture, a look at it, keeping it.
_PICTURE_SHARE = 0.98
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
    "c": "copy",
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
        captions = script_of(self.plan)
        (self.folder / CAPTIONS).write_text(captions, encoding="utf-8")
        (self.folder / FONTS_LINK).symlink_to(FONTS)
        with ThreadPoolExecutor(1, thread_name_prefix="sound") as beside:
            sound = beside.submit(self._make_sound)
            self._picture(stream, sound, has_captions=bool(captions))
            heard = sound.result()
        self._join()
        return Rendered(path=self.folder / CLIP, probe=self._looked_at(), loudness_lufs=heard.lufs if heard else None)

    @property
    def _sound_folder(self) -> Path:
        return self.folder / "sound"

    def _make_sound(self) -> Heard | None:
        self._sound_folder.mkdir()
        return make_sound(self._sound, self.source, self.plan, self._sound_folder)

    def _sound(self, graph: Any, sources: dict[str, Source], says_much: bool) -> str:
        return self._ffmpeg(graph, sources, folder=self._sound_folder, says_much=says_much)

    def _picture(self, stream: VideoStream, sound: "Future[Heard | None]", *, has_captions: bool) -> None:
        """Beside the sound; a picture whose sound went wrong is not waited for."""
        frames = picture(stream, self.plan, has_captions=has_captions)
        rate = constant_rate(stream.frames_per_second)
        # Where the size changes in the middle, ffmpeg builds the graph anew; the rate is kept behind it, from the clip's first moment on.
        steady = {"r": str(rate), "fps_mode": "cfr", "g": round(rate * _KEY_FRAME_SECONDS), "t": f"{self.plan.seconds:.6f}"}
        graph = ffmpeg.output(frames, PICTURE, **steady, **_X264)
        try:
            self._ffmpeg(
                graph,
                {"source": self.source},
                report=lambda share: self.report(share * _PICTURE_SHARE),
                is_unwanted=lambda: self.is_unwanted() or _went_wrong(sound),
            )
        except Unwanted:
            if _went_wrong(sound):
                sound.result()
            raise

    def _join(self) -> None:
        inputs = [ffmpeg.input("picture")["v"], ffmpeg.input("sound")["a"]]
        graph = ffmpeg.output(*inputs, CLIP, t=f"{self.plan.seconds:.6f}", **_FILE)
        sound = Source(self._sound_folder / SOUND, Container.MOV)
        self._ffmpeg(graph, {"picture": Source(self.folder / PICTURE, Container.MOV), "sound": sound})

    def _ffmpeg(
        self,
        graph: Any,
        sources: dict[str, Source],
        *,
        folder: Path | None = None,
        report: Callable[[float], None] = ignore,
        is_unwanted: Callable[[], bool] | None = None,
        says_much: bool = False,
    ) -> str:
        job = Job(
            arguments=graph if isinstance(graph, list) else graph.compile(),
            sources=sources,
            folder=folder or self.folder,
            seconds=self.plan.seconds,
            environment=CAPTION_ENVIRONMENT,
            says_much=says_much,
        )
        return run_ffmpeg(job, self.limits, report=report, is_unwanted=is_unwanted or self.is_unwanted)

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


def _went_wrong(sound: "Future[Heard | None]") -> bool:
    return sound.done() and sound.exception() is not None


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
