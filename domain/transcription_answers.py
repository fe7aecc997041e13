"""What a transcription API answers (OpenAI's `verbose_json`), as words with times. Asking for it is in `gateways.speech.whisper_api`.

Its words come without marks, its text with them: a mark goes to the word that it stands at.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from domain.language_names import code_of
from domain.quiet import Span
from domain.speech import HeardWord, Speech

# Whisper's times are in steps of 20 ms, and it hears a little past the end.
SLACK_SECONDS = 1.0
_HUGE = 1e9
_MARKS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """What was heard in one piece of a sound, in seconds of the whole; `language`: ISO 639-1, where the API says one that we know."""

    words: tuple[HeardWord, ...]
    language: str | None


def read_piece(answer: object, span: Span) -> HeardPiece:
    """The answer about one piece. Raises ValueError, with what is wrong with it, for anything else than words with times."""
    if not isinstance(answer, Mapping):
        raise ValueError("it answered something else than a transcript")
    text, told = answer.get("text"), answer.get("language")
    words = tuple(_word(each, span) for each in _told_words(answer))
    if not words and isinstance(text, str) and text.strip():
        raise ValueError("it gives no times of words: ask for a model that does (such as whisper-1)")
    words = marked(words, text.split()) if isinstance(text, str) else words
    return HeardPiece(words, code_of(told) if isinstance(told, str) else None)


def joined(pieces: Sequence[HeardPiece], *, model: str, language: str | None) -> Speech:
    """One piece after the other. The language is the given one, else that of the piece in which most is said."""
    most = max(pieces, key=lambda each: len(each.words), default=None)
    heard = language or (most.language if most is not None and most.words else None)
    return Speech(words=tuple(word for each in pieces for word in each.words), language=heard, model=model)


def marked(words: Sequence[HeardWord], tokens: Sequence[str]) -> tuple[HeardWord, ...]:
    """The words as the text writes them. Where both differ by more than marks and capitals, a word stays as it is."""
    plain, written = ([_plain(each) for each in texts] for texts in ([word.text for word in words], tokens))
    found = list(words)
    for block in SequenceMatcher(None, plain, written, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            found[block.a + step] = replace(words[block.a + step], text=tokens[block.b + step])
    return tuple(found)


def _plain(text: str) -> str:
    return _MARKS.sub("", text.lower())


def _told_words(answer: Mapping[object, object]) -> Iterator[object]:
    """Some servers put them below the segments."""
    words = answer.get("words")
    if isinstance(words, list) and words:
        yield from words
        return
    segments = answer.get("segments")
    for each in segments if isinstance(segments, list) else ():
        inside = each.get("words") if isinstance(each, Mapping) else None
        yield from inside if isinstance(inside, list) else ()


def _word(told: object, span: Span) -> HeardWord:
    if not isinstance(told, Mapping):
        raise ValueError("one of its words is none")
    text, start, end = told.get("word"), _number(told.get("start")), _number(told.get("end"))
    if not isinstance(text, str) or start is None or end is None:
        raise ValueError("one of its words has no text or no time")
    if not 0 <= start <= end <= span.seconds + SLACK_SECONDS:
        raise ValueError(f"it puts a word at {start:g} to {end:g} s of a sound of {span.seconds:.1f} s")
    sure = _number(told.get("probability"))
    return HeardWord(
        start_seconds=span.start_seconds + min(start, span.seconds),
        end_seconds=span.start_seconds + min(end, span.seconds),
        text=text.strip(),
        probability=sure if sure is not None and 0 <= sure <= 1 else None,
    )


def _number(value: object) -> float | None:
    """None for what is no finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > _HUGE:
        return None
    return None if math.isnan(value) else float(value)
