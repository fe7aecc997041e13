"""Which words of a clip are shown together: three or four, cut at sentence ends and pauses. Drawing them is in `gateways.media`."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from domain.clips.breaking import columns, is_unspaced, phrases
from domain.clips.pieces import Piece, on_clip
from domain.clips.profanity import masked
from domain.media import ShownWord
from domain.sentence_ends import ends_sentence
from domain.transcripts import Word

# What is read at a glance on a phone held upright; a column is the width of a letter (`breaking.columns`).
MOST_WORDS, MOST_COLUMNS = 4, 24
PAUSE_SECONDS = 0.6
# A page stays a little after its last word, unless the next one is there.
LINGER_SECONDS = 0.3
SHORTEST_SECONDS = 0.25

# A page of so many words is liked best; the sum over all pages of a sentence of how far they are from it is made as small as it can be.
_LIKED_WORDS = 3.4
_AFTER_COMMA = -1.0
# So many columns of a script without spaces count as a word.
_WORD_COLUMNS = 6
_MOST_PARTS = 16
_COMMAS = tuple(",;:،、，；：")
_OTHER_ENDS = tuple("؟۔।॥։።။។")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """Words that are on the screen together, and when (seconds of the clip)."""

    start_seconds: float
    end_seconds: float
    words: tuple[ShownWord, ...]


def shown_words(
    words: Sequence[Word], pieces: Sequence[Piece], *, is_masked: bool = False, language: str | None = None
) -> tuple[ShownWord, ...]:
    """The words of a clip's pieces, in the clip's own seconds, with the pages that they are shown on.

    A word belongs to the piece that its middle lies in; words of removed parts are dropped. Words of scripts without spaces are cut into
    phrases, each timed by its share of the width. `is_masked`: swear words of `language` keep their first letter only (`profanity`).
    """
    inside = list(_parts(_on_clip(words, pieces)))
    shown = [replace(each, text=masked(each.text, language)) for each in inside] if is_masked else inside
    pages = [page for run in _runs(shown) for page in _divided(run)]
    return tuple(replace(word, page=number) for number, page in enumerate(pages) for word in page)


def pages_of(words: Sequence[ShownWord], *, seconds: float) -> tuple[ShownPage, ...]:
    """The pages that the words say they are on, in order, never two at once; `seconds` is the length of the clip."""
    groups: list[list[ShownWord]] = []
    for before, word in zip_longest((None, *words[:-1]) if words else (), words):
        if before is None or before.page != word.page:
            groups.append([])
        groups[-1].append(word)
    found = []
    for group, following in zip_longest(groups, groups[1:]):
        start, until = group[0].start_seconds, min(following[0].start_seconds if following else math.inf, seconds)
        end = min(until, max(group[-1].end_seconds + LINGER_SECONDS, start + SHORTEST_SECONDS))
        found.append(ShownPage(start_seconds=start, end_seconds=round(end, 3), words=tuple(group)))
    return tuple(page for page in found if page.end_seconds > page.start_seconds)


def joined(words: Sequence[ShownWord]) -> str:
    """The text of words that stand beside each other."""
    return "".join(f"{'' if word.is_joined or not at else ' '}{word.text}" for at, word in enumerate(words))


def _on_clip(words: Sequence[Word], pieces: Sequence[Piece]) -> Iterator[ShownWord]:
    ordered = sorted(words, key=_middle)
    middles = [_middle(each) for each in ordered]
    passed = 0.0
    for piece in pieces:
        for word in ordered[bisect_left(middles, piece.start_seconds) : bisect_left(middles, piece.end_seconds)]:
            start, end = (passed + on_clip((piece,), each) for each in (word.start_seconds, word.end_seconds))
            yield ShownWord(start_seconds=round(start, 3), end_seconds=round(end, 3), text=word.text, page=0)
        passed += piece.seconds


def _middle(word: Word) -> float:
    return (word.start_seconds + word.end_seconds) / 2


def _parts(words: Iterable[ShownWord]) -> Iterator[ShownWord]:
    """A listener gives words without spaces one by one; a longer text of that kind has spaces only where it means them."""
    was_bare = False
    for word in words:
        first, *others = _phrases(word)
        is_bare = not others and is_unspaced(word.text)
        yield replace(first, is_joined=was_bare and is_bare)
        yield from others
        was_bare = is_bare


def _phrases(word: ShownWord) -> Iterator[ShownWord]:
    """Each timed by its share of the width."""
    parts = phrases(word.text)
    widths = [columns(part) for part in parts]
    share = (word.end_seconds - word.start_seconds) / max(1, sum(widths))
    at = word.start_seconds
    for part, width in zip(parts, widths, strict=True):
        end = at + share * width
        yield ShownWord(start_seconds=round(at, 3), end_seconds=round(end, 3), text=part, page=0, is_joined=True)
        at = end


def _runs(words: Sequence[ShownWord]) -> Iterator[list[ShownWord]]:
    """Words of one breath: until a sentence ends, or nobody speaks."""
    run: list[ShownWord] = []
    for word, following in zip_longest(words, words[1:]):
        run.append(word)
        if following is None or _is_over(word, following):
            yield run
            run = []


def _is_over(word: ShownWord, following: ShownWord) -> bool:
    is_sentence = ends_sentence(word.text, following.text) or word.text.endswith(_OTHER_ENDS)
    return is_sentence or following.start_seconds - word.end_seconds >= PAUSE_SECONDS


def _divided(run: Sequence[ShownWord]) -> list[Sequence[ShownWord]]:
    """The run as pages, the least disliked of all ways."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        starts = [start for start in range(max(0, end - _MOST_PARTS), end) if start == end - 1 or _fits(run[start:end])]
        best.append(min((best[start][0] + _cost(run[start:end]), start) for start in starts))
    ends = [len(run)]
    while ends[-1]:
        ends.append(best[ends[-1]][1])
    return [run[start:end] for start, end in pairwise(reversed(ends))]


def _fits(words: Sequence[ShownWord]) -> bool:
    return _amount(words) <= MOST_WORDS and columns(joined(words)) <= MOST_COLUMNS


def _amount(words: Sequence[ShownWord]) -> float:
    return sum(columns(each.text) / _WORD_COLUMNS if is_unspaced(each.text) else 1.0 for each in words)


def _cost(words: Sequence[ShownWord]) -> float:
    return (_amount(words) - _LIKED_WORDS) ** 2 + (_AFTER_COMMA if words[-1].text.endswith(_COMMAS) else 0.0)
