"""When each word is said: by the times of its file where there are some, else by its place among the characters of its cue."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from domain.media import Cue
from domain.transcripts.splitting import Splitter, splitter_of
from domain.transcripts.told import Said, Told, is_said, told
from domain.transcripts.values import Transcript, Word

# Files say when a word begins and seldom when it ends. Nobody draws out an ordinary word for longer than this: what is left is a pause.
LONGEST_SECONDS, SECONDS_PER_LETTER, SECONDS_PER_SIGN = 0.35, 0.12, 0.45
# A piece that the file times, in a script without spaces, is taken for a word as long as it is shorter than this.
LONGEST_TIMED = 9
# From so large a share of words with times of their own, a transcript is timed by its source.
TIMED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Timed:
    """A word with its time, what was said of it, and whether the time is the file's own."""

    word: Word
    said: Said
    is_own: bool


def words_of(spoken: Transcript | Sequence[Cue], *, duration_seconds: float | None = None) -> tuple[Word, ...]:
    """Every spoken word of a transcript, or of cleaned cues, with its time; none that begins after the end.

    The transcript's own times of words come first. Without them, words are timed by their place among the characters of their cue.
    """
    if isinstance(spoken, Transcript) and spoken.timed:
        return tuple(_inside(spoken.timed, duration_seconds))
    cues = spoken.cues if isinstance(spoken, Transcript) else spoken
    return tuple(each.word for each in timed([told(cue) for cue in cues], duration_seconds=duration_seconds))


def timed(cues: Sequence[Told], *, duration_seconds: float | None = None) -> tuple[Timed, ...]:
    """The words of cleaned cues, cut by their script, in order."""
    split = splitter_of(" ".join(cue.text for cue in cues))
    found: list[Timed] = []
    for number, cue in enumerate(cues):
        if is_said(cue.text):
            found += _of_cue(cue, number, split)
    ended = _ended(found)
    words = _inside([each.word for each in ended], duration_seconds)
    return tuple(each if word is each.word else replace(each, word=word) for each, word in zip(ended, words, strict=False))


def own_words(words: Sequence[Timed]) -> tuple[Word, ...]:
    """The words, where their source times most of them; else none."""
    is_timed = sum(each.is_own for each in words) >= max(1, TIMED_SHARE * len(words))
    return tuple(each.word for each in words) if is_timed else ()


def longest_seconds(text: str) -> float:
    """How long a word may last at the slowest: letters that are a syllable or more (Han, digits) take longer than others."""
    signs = sum(letter.isdigit() or (letter.isalpha() and ord(letter) >= 0x2E80) for letter in text)
    return LONGEST_SECONDS + SECONDS_PER_LETTER * (len(text) - signs) + SECONDS_PER_SIGN * signs


def _of_cue(cue: Told, number: int, split: Splitter) -> Iterator[Timed]:
    words = list(_split(cue.words, split))
    places = _places(words)
    clock = _Clock(cue, [(place[0], word.start_seconds) for place, word in zip(places, words, strict=True)])
    for word, (first, last) in zip(words, places, strict=True):
        start, end = clock.at(first), clock.at(last)
        if word.end_seconds is not None:
            end = min(max(word.end_seconds, start), end)
        is_own = word.start_seconds is not None
        yield Timed(Word(start, end, word.text, number, is_joined=word.is_joined), word, is_own)


def _split(words: Sequence[Said], split: Splitter) -> Iterator[Said]:
    """Words cut by their script; the first piece keeps the start and the mark, the last one the end."""
    for word in words:
        pieces = [word.text] if word.start_seconds is not None and len(word.text) < LONGEST_TIMED else split(word.text)
        if len(pieces) == 1:
            yield word
            continue
        for at, piece in enumerate(pieces):
            first, last = at == 0, at == len(pieces) - 1
            yield Said(
                text=piece,
                is_joined=word.is_joined if first else True,
                start_seconds=word.start_seconds if first else None,
                end_seconds=word.end_seconds if last else None,
                mark=word.mark if first else None,
                label=word.label if first else None,
            )


def _places(words: Sequence[Said]) -> list[tuple[int, int]]:
    """Where each word begins and ends among the characters of its cue."""
    found, at = [], 0
    for number, word in enumerate(words):
        at += 0 if word.is_joined or not number else 1
        found.append((at, at + len(word.text)))
        at += len(word.text)
    return found


class _Clock:
    """Seconds by characters: straight between the places whose times are known."""

    def __init__(self, cue: Told, known: Sequence[tuple[int, float | None]]) -> None:
        self._places, self._seconds = [0], [cue.start_seconds]
        for place, seconds in known:
            if seconds is None:
                continue
            moment = min(max(seconds, self._seconds[-1]), cue.end_seconds)
            if place == self._places[-1]:
                self._seconds[-1] = moment
            else:
                self._places.append(place)
                self._seconds.append(moment)
        self._places.append(max(len(cue.text), self._places[-1] + 1))
        self._seconds.append(max(cue.end_seconds, self._seconds[-1]))

    def at(self, place: int) -> float:
        low = min(bisect_right(self._places, place), len(self._places) - 1) - 1
        span = self._places[low + 1] - self._places[low]
        share = (self._seconds[low + 1] - self._seconds[low]) / span
        return self._seconds[low] + share * (place - self._places[low])


def _ended(words: Sequence[Timed]) -> list[Timed]:
    """Words whose start is the file's own last until the next one begins, and no longer than words do."""
    found = []
    for each, after in zip_longest(words, words[1:]):
        word = each.word
        if each.is_own and each.said.end_seconds is None:
            is_near = after is not None and after.word.cue == word.cue
            end = after.word.start_seconds if is_near else word.end_seconds
            word = replace(word, end_seconds=min(end, word.start_seconds + longest_seconds(word.text)))
        found.append(each if word is each.word else replace(each, word=word))
    return found


def _inside(words: Sequence[Word], duration_seconds: float | None) -> Iterator[Word]:
    for word in words:
        if duration_seconds is None or word.end_seconds <= duration_seconds:
            yield word
        elif word.start_seconds < duration_seconds:
            yield replace(word, end_seconds=min(word.end_seconds, duration_seconds))
