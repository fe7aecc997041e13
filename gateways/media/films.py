"""Films before and after a clip: their length in whole pictures of the clip, and their picture, fit to its frame. Sound is in `mixing`."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from domain.clips.additions import MOST_SECONDS
from domain.clips.states import choose_streams
from domain.errors import FieldProblem, Unacceptable
from domain.media import AudioStream, MediaLimits, Probe, VideoStream
from gateways.media.backgrounds import fitted
from gateways.media.probe import Source, probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film to show whole."""

    source: Source
    video: VideoStream
    audio: AudioStream | None
    seconds: float

    def frames(self, rate: Fraction) -> int:
        return max(1, round(self.seconds * rate))

    def shown_seconds(self, rate: Fraction) -> Fraction:
        """As it is shown: whole pictures of the clip's rate."""
        return self.frames(rate) / rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What comes before and after a clip."""

    intro: Film | None = None
    outro: Film | None = None

    @property
    def films(self) -> dict[str, Film]:
        """By the label of their input."""
        return {label: film for label, film in (("intro", self.intro), ("outro", self.outro)) if film}

    def lead_seconds(self, rate: Fraction) -> float:
        return float(self.intro.shown_seconds(rate)) if self.intro else 0.0

    def seconds(self, rate: Fraction) -> float:
        return float(sum(film.shown_seconds(rate) for film in self.films.values()))


NOTHING = Around()


def open_film(source: Source, limits: MediaLimits, folder: Path, *, is_unwanted: Callable[[], bool]) -> Film:
    """Probed like any other file. Raises Unacceptable for one that is too long."""
    found: Probe = probe(source, limits, folder, is_unwanted=is_unwanted)
    video, audio = choose_streams(found, None)
    seconds = min(video.seconds or found.duration_seconds, found.duration_seconds)
    if seconds > MOST_SECONDS:
        detail = f"it has {seconds:.1f} s, and {MOST_SECONDS:.0f} s is the limit of a film before or after a clip"
        raise Unacceptable("the film cannot be put to the clip", (FieldProblem("file", detail),))
    return Film(source=source, video=video, audio=audio, seconds=seconds)


def shown_film(label: str, film: Film, frame: tuple[int, int], rate: Fraction) -> Any:
    """All of it; its last picture stays where rounding wants one more."""
    steady = ffmpeg.input(label)[str(film.video.index)].filter("fps", fps=str(rate), start_time=0)
    padded = steady.filter("tpad", stop=-1, stop_mode="clone").filter("trim", end_frame=film.frames(rate))
    return fitted(padded, film.video, frame).filter("settb", f"1/({rate})")
