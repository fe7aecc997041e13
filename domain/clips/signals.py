"""The signals by which candidates are ranked: each cheap, named, and shown with what was measured. How they are summed is in `choosing`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.transcripts import Sentence

WEIGHTS = {"whole_sentences": 3.0, "opens_by_itself": 2.0, "question_or_number": 1.0, "words_per_second": 1.5, "longest_pause": 1.0,
           "length": 1.5, "position": 0.5}  # fmt: skip
# From here on talk is dense enough; less than the first figure is mostly silence.
SLOW_WORDS, DENSE_WORDS = 0.5, 2.2
PAUSE_SECONDS = (0.7, 3.0)
# The best length within the bounds: a third of the way, 30 s of 15 to 60.
BEST_LENGTH_SHARE = 1 / 3
# English words that point back at something that was said before the clip.
_POINTING_BACK = (
    "and but so because or also then therefore however which he she it they them his her its their that those these it's that's they're"
    " he's she's anyway plus yeah yes no well again otherwise instead"
)
_DANGLING = frozenset(_POINTING_BACK.split())
_WORD = re.compile(r"[\w'’]+")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbouring sentences, and the span that is cut out for them."""

    first: int
    sentences: tuple[Sentence, ...]
    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One signal: what was measured (`value`, in its own unit), how good that is (`share`, 0 to 1), and how much it weighs."""

    name: str
    value: float
    share: float
    weight: float


def reasons_of(run: Run, *, duration_seconds: float, bounds: tuple[float, float], is_english: bool) -> tuple[Reason, ...]:
    """Every signal that can be told of this run. Words that point back are known for English only."""
    measured = {
        "whole_sentences": _complete_share(run.sentences),
        "question_or_number": _asks_or_counts(run.sentences[0].text),
        "words_per_second": _density(run),
        "longest_pause": _longest_pause(run.sentences),
        "length": _length(run.seconds, *bounds),
        "position": (run.start_seconds, 1 - min(1.0, run.start_seconds / duration_seconds)),
    }
    if is_english:
        measured["opens_by_itself"] = _opens(run.sentences[0].text)
    return tuple(
        Reason(name=name, value=round(measured[name][0], 3), share=round(measured[name][1], 4), weight=weight)
        for name, weight in WEIGHTS.items()
        if name in measured
    )


def _complete_share(sentences: Sequence[Sentence]) -> tuple[float, float]:
    """Of the first and the last one: a clip that begins or ends in the middle is worse than one with a cut inside."""
    share = (sentences[0].is_complete + sentences[-1].is_complete) / 2
    return share, share


def _opens(text: str) -> tuple[float, float]:
    words = _WORD.findall(text.lower().replace("’", "'"))
    is_free = bool(words) and words[0] not in _DANGLING
    return float(is_free), float(is_free)


def _asks_or_counts(text: str) -> tuple[float, float]:
    has_one = text.rstrip("\"'”’»)]").endswith("?") or _NUMBER.search(text) is not None
    return float(has_one), float(has_one)


def _density(run: Run) -> tuple[float, float]:
    words = sum(len(sentence.text.split()) for sentence in run.sentences)
    per_second = words / run.seconds if run.seconds > 0 else 0.0
    return per_second, _between(per_second, SLOW_WORDS, DENSE_WORDS)


def _longest_pause(sentences: Sequence[Sentence]) -> tuple[float, float]:
    gaps = [after.start_seconds - before.end_seconds for before, after in pairwise(sentences)]
    longest = max([0.0, *gaps])
    return longest, 1 - _between(longest, *PAUSE_SECONDS)


def _length(seconds: float, least: float, most: float) -> tuple[float, float]:
    best = least + (most - least) * BEST_LENGTH_SHARE
    room = (best - least) if seconds < best else (most - best)
    return seconds, 1.0 if room <= 0 else max(0.0, 1 - abs(seconds - best) / room)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
