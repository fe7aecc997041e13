"""Transcripts: cues of captions become words with times, words become sentences. Reading cues out of files is in `gateways.media`.

Times inside a cue are interpolated by characters: a cue says when it is shown, not when each of its words is spoken. Where sentences end
is in `domain.sentence_ends`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise, zip_longest

from domain.errors import FieldProblem, Unacceptable
from domain.media import Cue, SubtitleStream
from domain.sentence_ends import ends_sentence

VERSION = "sentences/1"
# A rest of nobody's speech that no sentence lasts through.
SILENCE_SECONDS = 3.0
# A mark that comes so long after a sentence began is waited for. Where none does, nobody punctuates here:
# what grew long is cut at the next pause or cue; in the end, at any word.
PATIENCE_SECONDS = 30.0
LONG_SECONDS, LONGEST_SECONDS = 8.0, 16.0
PAUSE_SECONDS = 0.6
# Captions roll when a line stays while the next one comes below it; in so many places, and so large a share of them, it is no chance.
ROLLING_PLACES, ROLLING_SHARE = 2, 0.3
# Subtitle codecs whose cues are text; others are pictures of text.
TEXT_CODECS = frozenset({"mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"})
ENGLISH = ("en", "eng")

_SOUND = re.compile(r"(?:[\[(♪♫][^\])♪♫]*[\])♪♫]*\s*)+")
_BREAK = re.compile(r"\s*\n\s*")


class Source(StrEnum):
    """Where a transcript comes from: captions that were sent, a track of the file, the platform's captions, a script aligned, listening."""

    UPLOAD = "upload"
    TRACK = "track"
    PLATFORM = "platform"
    SCRIPT = "script"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it is said; `cue` counts the cues it was taken from."""

    start_seconds: float
    end_seconds: float
    text: str
    cue: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of words that belong together. `is_complete`: it begins after an end, and ends with a mark of its own."""

    start_seconds: float
    end_seconds: float
    text: str
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A part of a video under one title: the maker's own, or a topic's."""

    start_seconds: float
    end_seconds: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A part that one speaker says; speakers are counted from 0 in the order in which they speak first."""

    start_seconds: float
    end_seconds: float
    speaker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What is said in a video: the cues as cleaned, and the sentences made of them.

    `timed`: words with times of their own, where the source has them; else they are interpolated from the cues. `turns`: where speakers
    can be told apart. `model` and `error_rate` are those of whoever listened: the share of words that it gets wrong on such speech.
    """

    source: Source
    language: str | None
    cues: tuple[Cue, ...]
    sentences: tuple[Sentence, ...]
    version: str = VERSION
    timed: tuple[Word, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    turns: tuple[Turn, ...] = ()
    model: str | None = None
    error_rate: float | None = None

    @property
    def words(self) -> int:
        return sum(len(sentence.text.split()) for sentence in self.sentences)


def transcribe(cues: Sequence[Cue], *, source: Source, language: str | None, duration_seconds: float | None) -> Transcript:
    """The transcript that cues make. What they say after the video's end is not in it."""
    cleaned = clean(cues)
    sentences = sentences_of(words_of(cleaned, duration_seconds=duration_seconds))
    return Transcript(source=source, language=language, cues=cleaned, sentences=sentences)


def choose_track(subtitles: Sequence[SubtitleStream]) -> SubtitleStream:
    """The first English track of text by its language tag, else the first of text. Raises Unacceptable where there is none."""
    readable = [each for each in subtitles if each.codec in TEXT_CODECS]
    if not readable:
        what = "only subtitles that are pictures" if subtitles else "no subtitle track"
        raise Unacceptable(
            f"the video has {what}, and no captions were sent: what is said is not known (we do not listen to speech yet)",
            (FieldProblem("captions", "send captions (WebVTT or SubRip) with the video"),),
        )
    return next((each for each in readable if is_english(each.language)), readable[0])


def is_english(language: str | None) -> bool:
    return language is not None and re.split(r"[-_]", language.lower())[0] in ENGLISH


def is_same_language(one: str | None, other: str | None) -> bool:
    """Whether two tags say so: files tag by three letters, people by two."""
    return one is not None and (one == other or (is_english(one) and is_english(other)))


def is_speech(cue: Cue) -> bool:
    """Whether somebody says it; `[applause]` and notes of music are shown, but nobody says them."""
    return _SOUND.fullmatch(cue.text) is None


def clean(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """In order, without empty ones, what was shown twice once, and one at a time."""
    lined = [replace(each, text="\n".join(_lines(each.text))) for each in cues]
    told = _once([each for each in sorted(lined, key=lambda cue: cue.start_seconds) if each.text])
    return _one_at_a_time([replace(each, text=_BREAK.sub(" ", each.text)) for each in told if each.text])


def _lines(text: str) -> list[str]:
    squeezed = (" ".join(line.replace(">>", " ").split()) for line in text.replace("\r", "\n").split("\n"))
    return [line for line in squeezed if line]


def _once(cues: list[Cue]) -> list[Cue]:
    """What rolls over from one cue into the next is told by the first of them."""
    if not cues:
        return []
    repeated = [_repeated(first.text.split("\n"), second.text.split("\n")) for first, second in pairwise(cues)]
    with_news = sum(0 < lines < len(cue.text.split("\n")) for cue, lines in zip(cues[1:], repeated, strict=True))
    is_rolling = with_news >= max(ROLLING_PLACES, ROLLING_SHARE * len(repeated))
    told = [cues[0]]
    for before, cue, lines in zip(cues, cues[1:], repeated, strict=False):
        is_twin = cue.text == before.text and cue.start_seconds < before.end_seconds
        if is_twin or is_rolling:
            cue = replace(cue, text="" if is_twin else "\n".join(cue.text.split("\n")[lines:]))
        told.append(cue)
    return told


def _repeated(before: list[str], after: list[str]) -> int:
    """How many whole lines at the top of a cue are the last ones of the cue before it."""
    most = min(len(before), len(after))
    return next((count for count in range(most, 0, -1) if before[-count:] == after[:count]), 0)


def _one_at_a_time(cues: list[Cue]) -> tuple[Cue, ...]:
    """A cue ends when the next one begins; what begins together is one cue."""
    alone: list[Cue] = []
    for cue in cues:
        if alone and cue.start_seconds <= alone[-1].start_seconds:
            first = alone.pop()
            cue = Cue(first.start_seconds, max(first.end_seconds, cue.end_seconds), f"{first.text} {cue.text}")
        elif alone and alone[-1].end_seconds > cue.start_seconds:
            alone[-1] = replace(alone[-1], end_seconds=cue.start_seconds)
        alone.append(replace(cue, end_seconds=max(cue.end_seconds, cue.start_seconds)))
    return tuple(alone)


def words_of(cues: Sequence[Cue], *, duration_seconds: float | None = None) -> tuple[Word, ...]:
    """Every spoken word with its time, by its place among the characters of its cue; none that begins after the end."""
    found: list[Word] = []
    for number, cue in enumerate(cues):
        if not is_speech(cue):
            continue
        share = (cue.end_seconds - cue.start_seconds) / len(cue.text)
        for match in re.finditer(r"\S+", cue.text):
            start, end = (cue.start_seconds + share * at for at in match.span())
            if duration_seconds is None or start < duration_seconds:
                found.append(Word(start, end if duration_seconds is None else min(end, duration_seconds), match.group(), number))
    return tuple(found)


def sentences_of(words: Sequence[Word]) -> tuple[Sentence, ...]:
    """Words cut into sentences: at marks that end one; at silences; and where no mark comes, at pauses and cues."""
    is_end = [ends_sentence(word.text, after.text if after else None) for word, after in zip_longest(words, words[1:])]
    next_end = _next_ends(words, is_end)
    found: list[Sentence] = []
    first, after_end = 0, True
    for at, word in enumerate(words):
        is_last = at == len(words) - 1
        if is_end[at] or is_last or _breaks(words[first], word, words[at + 1], next_end[at]):
            text = " ".join(each.text for each in words[first : at + 1])
            is_complete = after_end and is_end[at]
            found.append(Sentence(words[first].start_seconds, word.end_seconds, text, is_complete))
            first, after_end = at + 1, is_end[at]
    return tuple(found)


def _next_ends(words: Sequence[Word], is_end: Sequence[bool]) -> list[float]:
    """For each word: when the next sentence ends by its mark."""
    found, upcoming = [0.0] * len(words), math.inf
    for at in range(len(words) - 1, -1, -1):
        upcoming = words[at].end_seconds if is_end[at] else upcoming
        found[at] = upcoming
    return found


def _breaks(first: Word, last: Word, following: Word, next_end: float) -> bool:
    """Whether the words from `first` to `last` are cut off here, although no mark ends them."""
    pause = following.start_seconds - last.end_seconds
    if pause >= SILENCE_SECONDS:
        return True
    if next_end - first.start_seconds <= PATIENCE_SECONDS:
        return False
    seconds = last.end_seconds - first.start_seconds
    is_seam = last.cue != following.cue or pause >= PAUSE_SECONDS
    return seconds >= LONGEST_SECONDS or (seconds >= LONG_SECONDS and is_seam)
