"""What one look at a whole video saw and heard: cuts, faces, sharpness, loudness over time. Looking is in `gateways.media`.

Places are shares of the picture as it is shown (upright, square pixels): 0 is left or top, 1 is right or bottom. Times are seconds of
the video. A video is decoded once for all clips that are made of it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

VERSION = "analysis/1"
# Pictures looked at per second, and seconds of sound that share a level.
SAMPLES_PER_SECOND = 5.0
LEVEL_SECONDS = 0.1
# Digital silence, in dB of full scale.
SILENT_DB = -120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face in one picture. `mouth_motion`: how much its mouth's region changed since the picture before (0 to 1; 0 where unknown)."""

    left: float
    top: float
    width: float
    height: float
    mouth_motion: float = 0.0

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture that was looked at. `sharpness`: variance of the Laplacian at 320 pixels of width; `brightness`, `motion`: 0 to 1."""

    at_seconds: float
    faces: tuple[Face, ...] = ()
    sharpness: float = 0.0
    brightness: float = 0.0
    motion: float = 0.0


@dataclass(frozen=True, slots=True)
class Shot:
    """A part between two cuts."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAnalysis:
    """All of it. `levels_db`: RMS per `LEVEL_SECONDS` (dBFS); empty where there is no sound. `has_faces_known`: faces were looked for.

    `unseen`: parts of which no picture could be decoded.
    """

    width: int
    height: int
    seconds: float
    cuts: tuple[float, ...] = ()
    samples: tuple[Sample, ...] = ()
    levels_db: tuple[float, ...] = ()
    has_faces_known: bool = True
    version: str = VERSION
    unseen: tuple[tuple[float, float], ...] = ()

    def shots(self, start_seconds: float, end_seconds: float) -> list[Shot]:
        """The shots of a part, cut off at its ends."""
        inside = self.cuts[bisect_right(self.cuts, start_seconds) : bisect_left(self.cuts, end_seconds)]
        return [Shot(start, end) for start, end in pairwise([start_seconds, *inside, end_seconds])]

    def seen(self, start_seconds: float, end_seconds: float) -> Sequence[Sample]:
        """The pictures of a part, in order."""
        times = [sample.at_seconds for sample in self.samples]
        return self.samples[bisect_left(times, start_seconds) : bisect_left(times, end_seconds)]

    def levels(self, start_seconds: float, end_seconds: float) -> Sequence[float]:
        """The sound of a part, one level per `LEVEL_SECONDS`."""
        return self.levels_db[round(start_seconds / LEVEL_SECONDS) : round(end_seconds / LEVEL_SECONDS)]
