"""What a transcript is made of: words with times, sentences, chapters, turns. How they come about is in the modules beside this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.media import Cue
from domain.transcripts.splitting import count_words

VERSION = "sentences/2"


class Source(StrEnum):
    """Where a transcript comes from: captions that were sent, a track of the file, the platform's captions, a script aligned, listening."""

    UPLOAD = "upload"
    TRACK = "track"
    PLATFORM = "platform"
    SCRIPT = "script"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it is said; `cue` counts the cues it was taken from. `is_joined`: no space stands between it and the word before."""

    start_seconds: float
    end_seconds: float
    text: str
    cue: int
    is_joined: bool = False


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
    """A part that one speaker says; speakers are counted from 0 in the order in which they speak first.

    `label` is the name that the captions give. Without one, marks say only that somebody else speaks now, and not who: each such turn has a
    number of its own.
    """

    start_seconds: float
    end_seconds: float
    speaker: int
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What is said in a video: the cues as cleaned, and the sentences made of them.

    `timed`: every word, where the source has times of most of them; else they are interpolated from the cues. `turns`: where speakers
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
        """How many; in scripts without spaces they are told apart by `domain.transcripts.splitting`."""
        return count_words(" ".join(sentence.text for sentence in self.sentences))


def text_of(words: Sequence[Word]) -> str:
    """The words as they are written, with spaces where the source has some."""
    return "".join(word.text if word.is_joined or not at else f" {word.text}" for at, word in enumerate(words))
