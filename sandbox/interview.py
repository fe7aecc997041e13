"""A long talk of two people, composed: subjects, cuts, pauses and fillers, all of them at known times, and captions exact to the word.

What is said is in `interview_text`. Voices are synthesised, both people are the portrait of `portraits`; nobody was filmed or recorded.
"""

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sandbox.interview_text import GUEST, HOST, SUBJECTS, Line, Subject
from sandbox.portraits import Picture, Scene, Stood, compose
from sandbox.speech import RATE_HZ, Spoken, speak

NAMES = ("Host", "Guest")
PAUSE_SECONDS, MEANT_SECONDS, BREAK_SECONDS = 0.35, 1.6, 1.0
_NOISE = 12.0
_SEED = 20261125


@dataclass(frozen=True, slots=True)
class Said:
    """A line with its place in the whole, in seconds, and the subject (counted from 0) that it is about."""

    line: Line
    subject: int
    start_seconds: float
    end_seconds: float
    words: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Interview:
    """The files that were written, and what is in them."""

    video: Path
    captions: Path
    said: tuple[Said, ...]
    cuts: tuple[float, ...]
    seconds: float


def write_interview(
    folder: Path, *, subjects: Sequence[Subject] = SUBJECTS, size: tuple[int, int] = (1280, 720), rate: int = 25
) -> Interview:
    """Write `interview.mp4` and `interview.vtt`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [(number, line) for number, subject in enumerate(subjects) for line in subject.lines]
    said, samples = _laid(lines, speak([line.text for _, line in lines]))
    sound, captions = folder / "interview.wav", folder / "interview.vtt"
    _write_sound(sound, samples)
    captions.write_text("\n".join(["WEBVTT\n", *(_cue(each) for each in said)]), encoding="utf-8")
    scenes = list(_scenes(said, len(samples) / RATE_HZ, _loudness(samples, rate), rate, subjects, size))
    video = compose(folder / "interview.mp4", scenes, size=size, rate=rate, sound=sound)
    sound.unlink()
    cuts = np.cumsum([each.seconds for each in scenes])[:-1]
    return Interview(video, captions, tuple(said), tuple(float(each) for each in cuts), len(samples) / RATE_HZ)


def _laid(lines: Sequence[tuple[int, Line]], spoken: Sequence[Spoken]) -> tuple[list[Said], "np.ndarray[Any, np.dtype[np.int16]]"]:
    """Lines one after the other over a faint noise, as rooms have it; the guest's voice is lower than the host's."""
    at, said, parts = PAUSE_SECONDS, list[Said](), [np.zeros(round(PAUSE_SECONDS * RATE_HZ))]
    for place, ((number, line), each) in enumerate(zip(lines, spoken, strict=True)):
        stretch = 1.0 if line.who == HOST else 1.12
        voice = np.frombuffer(each.samples, np.int16).astype(np.float64)
        heard = np.interp(np.arange(0, len(voice) - 1, 1 / stretch), np.arange(len(voice)), voice)
        seconds = len(heard) / RATE_HZ
        said.append(Said(line, number, at, at + seconds, tuple((at + start * stretch, word) for start, word in each.words)))
        is_last = place + 1 < len(lines) and lines[place + 1][0] != number
        rest = BREAK_SECONDS if is_last else MEANT_SECONDS if line.is_followed_by_silence else PAUSE_SECONDS
        rest_samples = round(rest * RATE_HZ)
        parts += [heard, np.zeros(rest_samples)]
        at += seconds + rest_samples / RATE_HZ
    whole = np.concatenate(parts)
    noise = np.random.default_rng(_SEED).normal(0, _NOISE, len(whole))
    return said, np.clip(whole + noise, -32768, 32767).astype(np.int16)


def _write_sound(path: Path, samples: "np.ndarray[Any, np.dtype[np.int16]]") -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())


def _loudness(samples: "np.ndarray[Any, np.dtype[np.int16]]", rate: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """One share for each picture: how far a mouth that says this is open."""
    step = RATE_HZ // rate
    whole = np.abs(samples[: len(samples) // step * step].astype(np.float64)).reshape(-1, step).mean(axis=1)
    return np.asarray(np.clip(whole / max(1.0, float(np.percentile(whole, 95))), 0, 1), np.float64)


def _cue(said: Said) -> str:
    first, *rest = said.words
    text = " ".join([first[1], *(f"<{_stamp(at)}>{word}" for at, word in rest)])
    return f"{_stamp(said.start_seconds)} --> {_stamp(said.end_seconds)}\n<v {NAMES[said.line.who]}>{text}\n"


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _scenes(
    said: Sequence[Said], seconds: float, open_by: "np.ndarray[Any, np.dtype[np.float64]]", rate: int, subjects: Sequence[Subject],
    size: tuple[int, int],
) -> Iterator[Scene]:  # fmt: skip
    """A shot per line; whole pictures, so that what is seen stays with what is heard."""
    edges = [0, *(round((one.end_seconds + other.start_seconds) / 2 * rate) for one, other in pairwise(said))]
    edges.append(round(seconds * rate))
    for each, (start, end) in zip(said, pairwise(edges), strict=True):
        mouths = open_by[start:end]
        slide = subjects[each.subject].slide
        stage = each.subject if slide is None else _slide(slide, size)
        yield Scene(seconds=(end - start) / rate, stood=_Shot(each.line, mouths, rate, is_slide=slide is not None), stage=stage)


@dataclass(frozen=True, slots=True)
class _Shot:
    """Who stands where in a line: both in a question, one alone, who walks, in `close` ones, in a corner beside a slide."""

    line: Line
    mouths: "np.ndarray[Any, np.dtype[np.float64]]"
    rate: int
    is_slide: bool

    def __call__(self, at: float) -> list[Stood]:
        number = min(round(at * self.rate), len(self.mouths) - 1)
        mouth = float(self.mouths[number]) if number >= 0 else 0.0
        if self.is_slide:
            return [Stood(0.88, 0.80, 0.34, mouth)]
        if self.line.is_close:
            return [Stood(0.42 + 0.02 * at, 0.56, 0.8, mouth)]
        opened = (mouth, 0.0) if self.line.who == HOST else (0.0, mouth)
        return [Stood(0.25, 0.58, 0.62, opened[HOST]), Stood(0.75, 0.58, 0.62, opened[GUEST])]


def _slide(words: Sequence[str], size: tuple[int, int]) -> Picture:
    """Dark words on white, sharp and still, as a shared screen is."""
    width, height = size
    picture = np.full((height, width, 3), 244, np.uint8)
    unit = height / 720
    cv2.rectangle(picture, (0, 0), (width, round(90 * unit)), (120, 70, 30), -1)
    for number, text in enumerate(words):
        color = (255, 255, 255) if number == 0 else (60, 40, 30)
        place = round(60 * unit), round((62 + 130 * number) * unit)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_DUPLEX, 1.5 * unit, color, max(1, round(2 * unit)), cv2.LINE_AA)
    return picture
