"""A transcript in numbers: words, pace, pauses, questions, figures, keywords. What they are good for is judged in `domain.clips`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.transcripts.keywords import Keyword, keywords_of
from domain.transcripts.splitting import is_word
from domain.transcripts.timing import words_of
from domain.transcripts.values import Transcript, Word

WINDOW_SECONDS = 30.0
# Between two phrases people rest for a quarter of a second or more; what a listener notices as a pause is longer.
PAUSE_SECONDS = 0.6
_QUESTION = re.compile(r"[?？؟՞፧]['\"”’»)\]」』）]*$")
_GREEK_QUESTION = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff][;\u037e]$")
_MARKED = re.compile(r"[.!?…。！？؟।۔]['\"”’»)\]」』）]*$")
_NUMBER = re.compile(r"\d+(?:[.,:٫٬]\d+)*")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Words per minute in one stretch of the video."""

    start_seconds: float
    end_seconds: float
    words_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Rests of `PAUSE_SECONDS` or more between two words: how many, their share of the time from first word to last, the longest."""

    count: int
    share: float
    longest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What can be counted of a transcript; what cannot be had is None.

    `seconds` reach from the first word to the last one's end, `speech_seconds` are those without pauses. `words_per_minute` and
    `letters_per_second` are over speech (letters: for scripts whose words are not told apart by spaces). `pauses` of captions without times
    of words are gaps between captions: `has_own_times` says which. `questions` need marks: None where nobody punctuates.
    """

    words: int
    letters: int
    sentences: int
    seconds: float
    speech_seconds: float
    has_own_times: bool
    words_per_minute: float | None
    letters_per_second: float | None
    pace: tuple[Pace, ...]
    pauses: Pauses | None
    questions: int | None
    numbers: int
    keywords: tuple[Keyword, ...]


def statistics_of(transcript: Transcript, *, duration_seconds: float | None = None) -> Statistics:
    """The numbers of what is said until the end of the video."""
    words = [word for word in words_of(transcript, duration_seconds=duration_seconds) if is_word(word.text)]
    texts = [sentence.text for sentence in transcript.sentences]
    rests = list(_rests(words))
    span = max((word.end_seconds for word in words), default=0.0) - (words[0].start_seconds if words else 0.0)
    speech = span - sum(rests)
    letters = sum(len(_LETTER.findall(word.text)) for word in words)
    return Statistics(
        words=len(words),
        letters=letters,
        sentences=len(texts),
        seconds=round(span, 3),
        speech_seconds=round(speech, 3),
        has_own_times=bool(transcript.timed),
        words_per_minute=round(60 * len(words) / speech, 1) if speech > 0 else None,
        letters_per_second=round(letters / speech, 2) if speech > 0 else None,
        pace=tuple(_pace(words)),
        pauses=_pauses(rests, span),
        questions=_questions(texts),
        numbers=sum(len(_NUMBER.findall(text)) for text in texts),
        keywords=keywords_of(texts),
    )


def _rests(words: Sequence[Word]) -> Iterator[float]:
    latest = words[0].end_seconds if words else 0.0
    for word in words[1:]:
        if (rest := word.start_seconds - latest) >= PAUSE_SECONDS:
            yield rest
        latest = max(latest, word.end_seconds)


def _pauses(rests: Sequence[float], span: float) -> Pauses | None:
    if span <= 0:
        return None
    return Pauses(count=len(rests), share=round(sum(rests) / span, 4), longest_seconds=round(max(rests, default=0.0), 3))


def _pace(words: Sequence[Word]) -> Iterator[Pace]:
    """Windows from the first word on; a rest of a window that is shorter than half of one belongs to the window before it."""
    if not words:
        return
    start, end = words[0].start_seconds, max(word.end_seconds for word in words)
    count = max(1, round((end - start) / WINDOW_SECONDS))
    inside = [0] * count
    for word in words:
        inside[min(int((word.start_seconds - start) / WINDOW_SECONDS), count - 1)] += 1
    for number, spoken in enumerate(inside):
        first = start + number * WINDOW_SECONDS
        last = end if number == count - 1 else first + WINDOW_SECONDS
        if last > first:
            yield Pace(start_seconds=round(first, 3), end_seconds=round(last, 3), words_per_minute=round(60 * spoken / (last - first), 1))


def _questions(texts: Sequence[str]) -> int | None:
    asked = sum(_QUESTION.search(text) is not None or _GREEK_QUESTION.search(text) is not None for text in texts)
    return asked if asked or any(_MARKED.search(text) for text in texts) else None
