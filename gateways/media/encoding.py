"""The picture of a clip as runs of ffmpeg: one, or one after the other where its layouts change so often that one graph would want too
much memory. What they write one after the other is one stream: `gateways.media.render` runs them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from domain.media import ClipPlan, Container, VideoStream
from gateways.media.films import Around
from gateways.media.picture import constant_rate, picture
from gateways.media.qualities import Quality
from gateways.media.runs import Stretch, runs, stretches

_KEY_FRAME_SECONDS = 2
# Pictures are stored before they are shown, and times before zero are moved.
_LEAD_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One run: its graph, the film it shows besides the source, how long its part is."""

    graph: Any
    around: Around
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Encodings:
    """How the picture is made. `output` is what each run writes, in a format that can be put one behind the other if there are several."""

    stream: VideoStream
    plan: ClipPlan
    around: Around
    quality: Quality
    has_captions: bool

    @property
    def rate(self) -> Fraction:
        return self.quality.rate(constant_rate(self.stream.frames_per_second))

    @property
    def parts(self) -> tuple[Stretch, ...]:
        return stretches(runs(self.stream, self.plan, self.rate))

    @property
    def container(self) -> Container:
        return Container.MPEGTS if len(self.parts) > 1 else Container.MOV

    @property
    def output(self) -> str:
        return "part.ts" if self.container is Container.MPEGTS else "picture.mp4"

    def __iter__(self) -> Iterator[Encoding]:
        parts = self.parts
        if len(parts) < 2:
            seconds = self.plan.seconds + self.around.seconds(self.rate)
            yield self._encoding(parts[0] if parts else None, self.around, seconds, {})
            return
        passed = 0.0
        for number, part in enumerate(parts):
            around = Around(intro=None if number else self.around.intro, outro=self.around.outro if number == len(parts) - 1 else None)
            seconds = float(part.frames / self.rate) + around.seconds(self.rate)
            joined = {"output_ts_offset": f"{_LEAD_SECONDS + passed:.6f}", "muxdelay": 0, "muxpreload": 0, "f": "mpegts"}
            yield self._encoding(part, around, seconds, joined)
            passed += seconds

    def _encoding(self, part: Stretch | None, around: Around, seconds: float, joined: dict[str, Any]) -> Encoding:
        frames = picture(self.stream, self.plan, has_captions=self.has_captions, around=around, quality=self.quality, stretch=part)
        # Where the size changes in the middle, ffmpeg builds the graph anew; the rate is kept behind it, from the clip's first moment on.
        steady = {"r": str(self.rate), "fps_mode": "cfr", "g": round(self.rate * _KEY_FRAME_SECONDS), "t": f"{seconds:.6f}"}
        return Encoding(
            graph=ffmpeg.output(frames, self.output, **steady, **self.quality.encoding, **joined), around=around, seconds=seconds
        )
