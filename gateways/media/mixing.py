"""The sound of a clip before it is made as loud as it shall be: parts of the voice joined, music below it, films before and after.

Each step writes a lossless file of known length, so that what is damaged or changes in a source is made whole once, at its beginning.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any

import ffmpeg

from domain.clips.joins import Part, parts_of
from domain.media import TARGET_LUFS, ClipPlan, Container
from gateways.media.films import NOTHING, Around, Film
from gateways.media.loudness import LOSSLESS, RATE, Heard, Run, as_stereo, keep_lossless, set_loudness, silence
from gateways.media.probe import Source

# The voice is brought to the target first, so one threshold fits every clip: ordinary speech lies 10 to 15 dB above it.
_DUCKING: dict[str, Any] = {"threshold": f"{10 ** (-28 / 20):.6f}", "ratio": 4, "attack": 30, "release": 600, "knee": 4}
_FADE_IN_SECONDS, _FADE_OUT_SECONDS = 0.3, 2.0
# A film that is almost silent is meant so.
_MOST_GAIN_DB = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Music:
    """An own file whose sound is laid below the voice."""

    source: Source
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """The sound of one clip in the making."""

    run: Run
    folder: Path
    source: Source
    plan: ClipPlan
    rate: Fraction
    music: Music | None = None
    around: Around = NOTHING

    def make(self) -> Heard | None:
        """Write the clip's sound; how loud it came out, None for silence."""
        name, seconds = self._clip(), self.plan.seconds + self.around.seconds(self.rate)
        if self.around.films:
            name = self._surrounded(name, seconds)
        return set_loudness(self.run, _kept("source"), self._source(name), seconds, self.folder)

    def _clip(self) -> str:
        """The clip without what comes before and after."""
        name, heard = self._voice()
        return name if self.music is None else self._with_music(self.music, name, heard)

    def _voice(self) -> tuple[str, Heard | None]:
        plan = self.plan
        if plan.audio_index is None:
            return self._silence("voice.mov", plan.seconds), None
        span = plan.end_seconds - plan.start_seconds
        heard = self._flat("voice.mov", self.source, plan.audio_index, span, ss=f"{plan.start_seconds:.6f}")
        parts = parts_of(plan.pieces)
        if len(parts) < 2 and (not parts or parts[0].seconds >= span):
            return "voice.mov", heard
        joined = _joined(_kept("voice"), parts, plan.start_seconds)
        return "joined.mov", keep_lossless(self.run, joined, {"voice": self._source("voice.mov")}, "joined.mov", plan.seconds)

    def _with_music(self, music: Music, voice: str, heard: Heard | None) -> str:
        """As long as the clip: from its beginning again where it is shorter, faded out at the end."""
        seconds = self.plan.seconds
        bed = self._flat("music.mov", music.source, music.index, seconds, stream_loop=-1)
        music_gain = TARGET_LUFS + self.plan.music_db - bed.lufs if not bed.is_noise else 0.0
        out = min(_FADE_OUT_SECONDS, seconds / 4)
        below = _louder(_kept("music"), music_gain).filter("afade", t="in", d=_FADE_IN_SECONDS)
        below = below.filter("afade", t="out", st=f"{seconds - out:.6f}", d=f"{out:.6f}")
        ways = _louder(_kept("voice"), _gain_db(heard)).filter_multi_output("asplit", 2)
        ducked = ffmpeg.filter([below, ways[1]], "sidechaincompress", **_DUCKING)
        mixed = ffmpeg.filter([ways[0], ducked], "amix", inputs=2, duration="first", normalize=0)
        keep_lossless(self.run, mixed, {"voice": self._source(voice), "music": self._source("music.mov")}, "mixed.mov", seconds)
        return "mixed.mov"

    def _surrounded(self, name: str, seconds: float) -> str:
        """Each part as loud as the others, so that one gain for all of them suits all."""
        sources = {"clip": self._source(name)}
        heard = keep_lossless(self.run, _kept("clip"), sources, "level.mov", self.plan.seconds)
        parts = {"clip": _louder(_kept("clip"), _gain_db(heard))}
        for label, film in self.around.films.items():
            sources[label], gain = self._film(label, film)
            parts[label] = _louder(_kept(label), gain)
        ordered = [parts[label] for label in ("intro", "clip", "outro") if label in parts]
        keep_lossless(self.run, ffmpeg.concat(*ordered, v=0, a=1), sources, "whole.mov", seconds)
        return "whole.mov"

    def _film(self, label: str, film: Film) -> tuple[Source, float]:
        name, seconds = f"{label}.mov", float(film.shown_seconds(self.rate))
        if film.audio is None:
            return self._source(self._silence(name, seconds)), 0.0
        heard = self._flat(name, film.source, film.audio.index, seconds)
        return self._source(name), _gain_db(heard)

    def _flat(self, name: str, source: Source, index: int, seconds: float, **reading: Any) -> Heard:
        cut = ffmpeg.input("source", t=f"{seconds:.6f}", **reading)[str(index)]
        return keep_lossless(self.run, as_stereo(cut, seconds), {"source": source}, name, seconds)

    def _silence(self, name: str, seconds: float) -> str:
        self.run(silence(seconds, name, LOSSLESS), {}, False)
        return name

    def _source(self, name: str) -> Source:
        return Source(self.folder / name, Container.MOV)


def _kept(label: str) -> Any:
    return ffmpeg.input(label)["a:0"]


def _louder(sound: Any, gain_db: float) -> Any:
    return sound.filter("volume", volume=f"{gain_db:.3f}dB", precision="float")


def _gain_db(heard: Heard | None) -> float:
    """To the target; noise and silence stay as they are."""
    return 0.0 if heard is None or heard.is_noise else min(_MOST_GAIN_DB, TARGET_LUFS - heard.lufs)


def _joined(voice: Any, parts: tuple[Part, ...], span_start_seconds: float) -> Any:
    """Each part sounds on into what was removed, on both sides of a join, and both are faded into each other there."""
    ways = voice.filter_multi_output("asplit", len(parts)) if len(parts) > 1 else [voice]
    cut = [_cut(ways[number], part, span_start_seconds) for number, part in enumerate(parts)]
    faded = zip(cut[1:], (_samples(part.fade_seconds) for part in parts), strict=False)
    return reduce(lambda before, one: ffmpeg.filter([before, one[0]], "acrossfade", ns=max(2, one[1]), c1="qsin", c2="qsin"), faded, cut[0])


def _cut(way: Any, part: Part, span_start_seconds: float) -> Any:
    first, last = (_samples(at - span_start_seconds) for at in (part.sounds_from, part.sounds_until))
    return way.filter("atrim", start_sample=first, end_sample=last).filter("asetpts", "PTS-STARTPTS")


def _samples(seconds: float) -> int:
    return round(seconds * RATE)
