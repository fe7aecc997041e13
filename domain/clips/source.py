"""What clips of one video are chosen by: its words, and whatever else is known of it. What is not known is None or empty, never a guess."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.clips.analysis import MediaAnalysis
from domain.effects.verdicts import Verdict
from domain.media import Cue
from domain.platforms.ytdlp import HeatMark
from domain.transcripts import Chapter, Sentence, Turn, Word, is_english


class KnownEffect(Protocol):
    """An effect of a release (`domain.effects.verdicts.Effect` is one). `estimate`: log points of reach when the feature is present."""

    @property
    def feature(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def estimate(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class RetentionPoint:
    """How a video holds its viewers so far in (share of its length), against videos as long: 0 to 1, 0.5 is the middle (YouTube's)."""

    elapsed_share: float
    relative_retention: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A video. `cues` are those of its transcript, with `[laughter]`; `words` are timed or interpolated.

    `vectors`: one per sentence, of an embedding. `answers`: a judge's, by the first and last sentence of the candidate that was asked
    about, then by question.
    """

    sentences: tuple[Sentence, ...]
    duration_seconds: float
    language: str | None = None
    words: tuple[Word, ...] = ()
    cues: tuple[Cue, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    turns: tuple[Turn, ...] = ()
    analysis: MediaAnalysis | None = None
    heat: tuple[HeatMark, ...] | None = None
    retention: tuple[RetentionPoint, ...] | None = None
    effects: tuple[KnownEffect, ...] = ()
    answers: Mapping[tuple[int, int], Mapping[str, str]] | None = None
    vectors: Sequence[Sequence[float]] | None = None

    @property
    def language_code(self) -> str | None:
        """ISO 639-1, whatever tag the language came with; None where it is unknown."""
        if self.language is None:
            return None
        return "en" if is_english(self.language) else re.split(r"[-_]", self.language.lower())[0]
