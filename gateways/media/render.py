"""A clip, from its plan to a finished file: sound and picture side by side, joined, and a look at what came out. `tools` keeps it."""

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from domain.errors import SourceRefused, Unacceptable, Unwanted
from domain.media import ClipPlan, Container, MediaLimits, Probe
from gateways.files.arriving import disk
from gateways.media.encoding import Encoding, Encodings
from gateways.media.extras import NONE, Extras
from gateways.media.fitting import demand_fitting, write_scripts
from gateways.media.loudness import SOUND, Heard, make_sound
from gateways.media.mixing import Mixing
from gateways.media.picture import CAPTION_ENVIRONMENT, constant_rate
from gateways.media.probe import Source, probe
from gateways.media.qualities import FINAL, Quality
from gateways.media.runner import Job, run_ffmpeg

CLIP = "clip.mp4"
# What is left then: the sound beside the picture, a look at it, keeping it.
_PICTURE_SHARE = 0.98
# What may be missing from the result.
_SLACK_SECONDS = 0.5
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
    """The finished file in the work's own folder, and what was measured of it. `lead_seconds`: what the intro takes."""

    path: Path
    probe: Probe
    loudness_lufs: float | None
    lead_seconds: float


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
    extras: Extras = NONE
    quality: Quality = FINAL

    def run(self) -> Rendered:
        stream = demand_fitting(self.probe, self.plan)
        encodings = Encodings(
            stream=stream,
            plan=self.plan,
            around=self.extras.around,
            quality=self.quality,
            has_captions=write_scripts(stream, self.plan, self._rate, self.folder),
        )
        with ThreadPoolExecutor(1, thread_name_prefix="sound") as beside:
            sound = beside.submit(self._make_sound)
            shown = self._picture(encodings, sound)
            heard = sound.result()
        self._join(shown)
        return Rendered(
            path=self.folder / CLIP,
            probe=self._looked_at(),
            loudness_lufs=heard.lufs if heard else None,
            lead_seconds=self.extras.around.lead_seconds(self._rate),
        )

    @property
    def _sound_folder(self) -> Path:
        return self.folder / "sound"

    @property
    def _rate(self) -> Fraction:
        return self.quality.rate(constant_rate(demand_fitting(self.probe, self.plan).frames_per_second))

    @property
    def _seconds(self) -> float:
        """With what comes before and after."""
        return self.plan.seconds + self.extras.around.seconds(self._rate)

    def _make_sound(self) -> Heard | None:
        self._sound_folder.mkdir()
        if not (self.plan.pieces or self.extras.music or self.extras.around.films):
            return make_sound(self._sound, self.source, self.plan, self._sound_folder)
        return Mixing(
            run=self._sound,
            folder=self._sound_folder,
            source=self.source,
            plan=self.plan,
            rate=self._rate,
            music=self.extras.music,
            around=self.extras.around,
        ).make()

    def _sound(self, graph: Any, sources: dict[str, Source], says_much: bool) -> str:
        job = self._job(graph, sources, self._seconds, self._sound_folder, says_much=says_much)
        return run_ffmpeg(job, self.limits, is_unwanted=self.is_unwanted)

    def _picture(self, encodings: Encodings, sound: "Future[Heard | None]") -> Source:
        """Beside the sound; a picture whose sound went wrong is not waited for."""
        made, done = self.folder / encodings.output, 0.0
        whole = self.folder / f"whole{made.suffix}"
        try:
            for encoding in encodings:
                self._encode(encoding, sound, done / self._seconds)
                done += encoding.seconds
                if encodings.container is Container.MPEGTS:
                    _append(made, whole)
        except Unwanted:
            if _went_wrong(sound):
                sound.result()
            raise
        return Source(whole if encodings.container is Container.MPEGTS else made, encodings.container)

    def _encode(self, encoding: Encoding, sound: "Future[Heard | None]", before: float) -> None:
        films = {label: film.source for label, film in encoding.around.films.items()}
        run_ffmpeg(
            self._job(encoding.graph, {"source": self.source, **films}, encoding.seconds, self.folder),
            self.limits,
            report=lambda share: self.report((before + share * encoding.seconds / self._seconds) * _PICTURE_SHARE),
            is_unwanted=lambda: self.is_unwanted() or _went_wrong(sound),
        )

    def _join(self, shown: Source) -> None:
        inputs = [ffmpeg.input("picture")["v"], ffmpeg.input("sound")["a"]]
        graph = ffmpeg.output(*inputs, CLIP, t=f"{self._seconds:.6f}", **_FILE)
        sound = Source(self._sound_folder / SOUND, Container.MOV)
        job = self._job(graph, {"picture": shown, "sound": sound}, self._seconds, self.folder)
        run_ffmpeg(job, self.limits, is_unwanted=self.is_unwanted)

    def _job(self, graph: Any, sources: dict[str, Source], seconds: float, folder: Path, *, says_much: bool = False) -> Job:
        return Job(
            arguments=graph if isinstance(graph, list) else graph.compile(),
            sources=sources,
            folder=folder,
            seconds=seconds,
            environment=CAPTION_ENVIRONMENT,
            says_much=says_much,
        )

    def _looked_at(self) -> Probe:
        """A source that breaks off in the middle makes a short clip and no error."""
        try:
            found = probe(Source(self.folder / CLIP, Container.MOV), self.limits, self.folder, is_unwanted=self.is_unwanted)
        except Unacceptable as error:
            raise SourceRefused("ffmpeg", f"the clip came out wrong ({error.detail}): the source is damaged there") from error
        made, wanted = found.video[0].seconds or 0.0, self._seconds
        if made < wanted - _SLACK_SECONDS:
            raise SourceRefused("ffmpeg", f"the picture has {made:.1f} s instead of {wanted:.1f} s: the source is damaged or breaks off")
        return found


def _append(part: Path, whole: Path) -> None:
    with part.open("rb") as file, whole.open("ab") as behind, disk():
        shutil.copyfileobj(file, behind)


def _went_wrong(sound: "Future[Heard | None]") -> bool:
    return sound.done() and sound.exception() is not None
