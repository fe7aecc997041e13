"""How loud the sound is, over time: RMS of all channels. Loudness as people hear it (LUFS) is measured in `gateways.media.loudness`."""

import math
from array import array

import av
import numpy as np
from av.audio.resampler import AudioResampler

LEVEL_SECONDS = 0.1
SILENT_DB = -120.0


class LevelMeter:
    """Give it every decoded frame of sound. `seconds` bounds how much is kept: times of a file may be lies."""

    def __init__(self, *, starts_at: float, seconds: float) -> None:
        self._starts_at = starts_at
        self._most = math.ceil(seconds / LEVEL_SECONDS) + 1
        self._squares, self._counts = array("d"), array("d")
        self._resampler = AudioResampler(format="fltp")

    def add(self, frame: av.AudioFrame) -> None:
        for plain in self._resampler.resample(frame):
            if plain.time is not None:
                self._measure(np.square(plain.to_ndarray()).mean(axis=0), plain.time - self._starts_at, plain.sample_rate)

    def _measure(self, power: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", at_seconds: float, rate: int) -> None:
        places = np.floor((at_seconds + np.arange(len(power)) / rate) / LEVEL_SECONDS + 1e-6).astype(np.int64)
        for place in np.unique(places):
            if 0 <= place < self._most:
                inside = power[places == place]
                self._grow(int(place))
                self._squares[int(place)] += float(inside.sum())
                self._counts[int(place)] += len(inside)

    def _grow(self, place: int) -> None:
        missing = place + 1 - len(self._squares)
        if missing > 0:
            self._squares.extend([0.0] * missing)
            self._counts.extend([0.0] * missing)

    def levels(self) -> list[float]:
        """DBFS for each `LEVEL_SECONDS`; where there was no sound, silence."""
        return [_decibels(square / count) if count else SILENT_DB for square, count in zip(self._squares, self._counts, strict=True)]


def _decibels(power: float) -> float:
    return round(max(SILENT_DB, 10 * math.log10(power)), 1) if power > 0 and math.isfinite(power) else SILENT_DB
