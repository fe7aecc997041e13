"""The sound of a clip: stereo, 48 kHz, as loud as the platforms play it. Measured, set, and measured again on what came out.

The gain is one factor for the whole clip. Only where that would overshoot, a limiter takes the peaks.
Made beside the picture, and copied onto it: another try costs a second at most, and the picture is encoded once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from domain.media import LUFS_TOLERANCE, PEAK_DBTP, QUIET_LUFS, TARGET_LUFS, ClipPlan, Container
from gateways.media.probe import Source

SOUND = "sound.m4a"
_TRIES = 8
# What the limiter takes of speech, per dB that it takes of the peaks: with it the first try is mostly near.
_LOSS, _MOST_LOSS_LU = 0.2, 2.0
# Sparse sound, a click now and then, is limited so hard that gain hardly helps; beyond this it is only distorted.
_MOST_GAIN_DB = 60.0
_LEAST_SLOPE = 0.2
# AAC moves peaks by some tenths of a dB.
_HEADROOM_DB = 0.7
RATE = 48_000
_TRUE_PEAK_RATE = 4 * RATE
_SUMMARY = re.compile(r"I:\s+(-?[\d.]+|-?inf|nan) LUFS.*Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", re.DOTALL)

Run = Callable[[Any, dict[str, Source], bool], str]


@dataclass(frozen=True, slots=True)
class Heard:
    """Integrated loudness (EBU R128) and true peak."""

    lufs: float
    peak_dbtp: float

    @property
    def is_silent(self) -> bool:
        return not (self.lufs > -70 and self.peak_dbtp > -120)

    @property
    def is_noise(self) -> bool:
        """Nothing that anybody should make louder, silence included."""
        return not self.lufs >= QUIET_LUFS


@dataclass(frozen=True, slots=True)
class Setting:
    """A gain, and the peak above which the limiter works; None leaves it out."""

    gain_db: float = 0.0
    ceiling_dbtp: float | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A setting, and how it came out."""

    setting: Setting
    heard: Heard

    @property
    def distance(self) -> float:
        return abs(self.heard.lufs - TARGET_LUFS) + max(0.0, self.heard.peak_dbtp - PEAK_DBTP)

    @property
    def is_near(self) -> bool:
        return self.distance <= LUFS_TOLERANCE and self.heard.peak_dbtp <= PEAK_DBTP


def make_sound(run: Run, source: Source, plan: ClipPlan, folder: Path) -> Heard | None:
    """Write `sound.m4a`, exactly as long as the plan; how loud it came out, None for silence."""
    if plan.audio_index is None:
        run(silence(plan.seconds, SOUND, _AAC), {}, False)
        return None
    cut = ffmpeg.input("source", ss=f"{plan.start_seconds:.6f}", t=f"{plan.seconds:.6f}")[str(plan.audio_index)]
    return set_loudness(run, as_stereo(cut, plan.seconds), source, plan.seconds, folder)


def set_loudness(run: Run, stereo: Any, source: Source, seconds: float, folder: Path) -> Heard | None:
    """Write `sound.m4a` of a graph whose one input is labeled `source`; how loud it came out, None for silence."""
    before = heard_in(run(_measuring(stereo), {"source": source}, True))
    if before.is_silent or before.is_noise:
        run(_writing(stereo, Setting(), seconds), {"source": source}, False)
        return None if before.is_silent else _result(run, folder)
    return _set(run, stereo, source, seconds, before, folder)


def _set(run: Run, stereo: Any, source: Source, seconds: float, before: Heard, folder: Path) -> Heard:
    """Each try learns from what those before came out as; where none is near enough, the best one stays."""
    gain = TARGET_LUFS - before.lufs
    overshoot = before.peak_dbtp + gain - (PEAK_DBTP - _HEADROOM_DB)
    setting = Setting(gain + min(_MOST_LOSS_LU, _LOSS * overshoot), PEAK_DBTP - _HEADROOM_DB) if overshoot > 0 else Setting(gain)
    tries: list[Try] = []
    while not tries or (not tries[-1].is_near and len(tries) < _TRIES):
        run(_writing(stereo, setting, seconds), {"source": source}, False)
        tries.append(Try(setting, _result(run, folder)))
        setting = _learned(tries)
    best = min(tries, key=lambda each: each.distance)
    if best is not tries[-1]:
        run(_writing(stereo, best.setting, seconds), {"source": source}, False)
    return best.heard


def _learned(tries: Sequence[Try]) -> Setting:
    """More gain makes limited sound louder by less, and how much less only two tries tell."""
    setting, after = tries[-1].setting, tries[-1].heard
    slope = 1.0
    if len(tries) > 1 and (moved := setting.gain_db - tries[-2].setting.gain_db):
        slope = min(1.0, max(_LEAST_SLOPE, (after.lufs - tries[-2].heard.lufs) / moved))
    gain = min(_MOST_GAIN_DB, setting.gain_db + (TARGET_LUFS - after.lufs) / slope)
    excess = after.peak_dbtp - PEAK_DBTP
    if excess <= 0:
        return replace(setting, gain_db=gain)
    ceiling = PEAK_DBTP - _HEADROOM_DB if setting.ceiling_dbtp is None else setting.ceiling_dbtp
    return Setting(gain, ceiling - excess - 0.1)


def _result(run: Run, folder: Path) -> Heard:
    return measured(run, Source(folder / SOUND, Container.MOV))


def measured(run: Run, source: Source) -> Heard:
    """How loud the first sound of a file is."""
    return heard_in(run(_measuring(ffmpeg.input("sound")["a:0"]), {"sound": source}, True))


def heard_in(said: str) -> Heard:
    """The summary that ebur128 gives at the end. What the file itself made ffmpeg say stands before it."""
    found = _SUMMARY.search(said[said.rindex("Summary:") :])
    if found is None:
        raise ValueError("ffmpeg's summary of loudness has another form than we know")
    return Heard(float(found[1]), float(found[2]))


def as_stereo(cut: Any, seconds: float) -> Any:
    """Gaps are filled, so that sound and picture stay together; more channels are mixed down, LFE is left out, as usual."""
    filled = cut.filter("aresample", **{"async": 1, "first_pts": 0})
    return filled.filter("aformat", sample_fmts="fltp", sample_rates=RATE, channel_layouts="stereo").filter(
        "apad", whole_dur=f"{seconds:.6f}"
    )


def keep_lossless(run: Run, sound: Any, sources: dict[str, Source], name: str, seconds: float) -> Heard:
    """Write a part of the sound as it is, for another step, and measure it on the way."""
    measured_too = sound.filter("ebur128", peak="true", framelog="quiet").filter("aformat", sample_fmts="flt", channel_layouts="stereo")
    return heard_in(run(measured_too.output(name, t=f"{seconds:.6f}", **LOSSLESS), sources, True))


def _measuring(sound: Any) -> Any:
    return sound.filter("ebur128", peak="true", framelog="quiet").output("-", format="null")


def _writing(stereo: Any, setting: Setting, seconds: float) -> Any:
    louder = stereo.filter("volume", volume=f"{setting.gain_db:.3f}dB", precision="float")
    if setting.ceiling_dbtp is not None:
        # Limited at four times the rate, where the peaks between samples are seen.
        wide = louder.filter("aresample", _TRUE_PEAK_RATE)
        limit = f"{10 ** (setting.ceiling_dbtp / 20):.6f}"
        louder = wide.filter("alimiter", limit=limit, attack=5, release=80, level=0, latency=1).filter("aresample", RATE)
    return louder.output(SOUND, t=f"{seconds:.6f}", **_AAC)


def silence(seconds: float, name: str, encoded: Mapping[str, Any]) -> list[str]:
    """A silent track: some platforms and many editors refuse a file without one."""
    graph = f"anullsrc=channel_layout=stereo:sample_rate={RATE}:duration={seconds:.6f}[sound]"
    options = [word for option, value in encoded.items() for word in (f"-{option}", str(value))]
    return ["ffmpeg", "-filter_complex", graph, "-map", "[sound]", *options, name]


LOSSLESS: dict[str, Any] = {"c:a": "pcm_f32le", "f": "mov"}
_AAC: dict[str, Any] = {"c:a": "aac", "b:a": "160k", "map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact"}
