"""Sounds as listeners get them (16 kHz, 16 bit, one channel): real recordings, and synthesised speech with the time of every word."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.speech import RATE_HZ, speak
from tests.gateways.media.making import ffmpeg

PAUSE_SECONDS = 0.4
TALK = (
    "Why do some videos travel further than others?",
    "We looked at forty channels for a year.",
    "A question in the title helped, and a number did too.",
    "Brackets changed nothing that we could measure.",
    "In 1969 about 600 million people watched the first steps on the moon.",
    "Whyral reads self-published podcasts and TikTok clips.",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sound, and when each of its words begins."""

    path: Path
    words: tuple[tuple[float, str], ...]
    seconds: float

    @property
    def script(self) -> list[str]:
        return [word for _, word in self.words]


def listenable(source: Path, path: Path, *, seconds: float = 3600) -> Path:
    """Any media file's sound as a listener wants it, or its first seconds."""
    plain = ("-map", "0:a:0", "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-map_metadata", "-1")
    ffmpeg("-t", str(seconds), "-i", str(source), *plain, str(path))
    return path


def said(folder: Path, sentences: Sequence[str] = TALK) -> Said:
    """Sentences one after the other, with a pause after each."""
    samples, words = bytearray(), list[tuple[float, str]]()
    for each in speak(sentences):
        offset = len(samples) / 2 / RATE_HZ
        words += ((offset + start, word) for start, word in each.words)
        samples += each.samples + bytes(2 * round(PAUSE_SECONDS * RATE_HZ))
    with wave.open(str(folder / "spoken.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(bytes(samples))
    return Said(listenable(folder / "spoken.wav", folder / "sound.wav"), tuple(words), len(samples) / 2 / RATE_HZ)
