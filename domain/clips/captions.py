"""Captions of a clip: the words said in it, few at a time, timed from its start. Drawing them is in `gateways.media`."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from domain.media import Cue
from domain.sentence_ends import is_ended
from domain.transcripts import Word

# What is read at a glance on a phone held upright.
MOST_WORDS, MOST_CHARS = 5, 24
PAUSE_SECONDS = 0.6
# A caption stays a little after its last word, unless the next one is there.
LINGER_SECONDS = 0.3
SHORTEST_SECONDS = 0.25


def captions_of(words: Sequence[Word], *, start_seconds: float, end_seconds: float) -> tuple[Cue, ...]:
    """The captions of a span. Words that begin outside it belong to its neighbours."""
    inside = [word for word in words if start_seconds <= word.start_seconds < end_seconds]
    groups = list(_groups(inside))
    found = []
    for group, following in zip_longest(groups, groups[1:]):
        until = following[0].start_seconds if following else end_seconds
        end = min(until, end_seconds, max(group[-1].end_seconds + LINGER_SECONDS, group[0].start_seconds + SHORTEST_SECONDS))
        text = " ".join(word.text for word in group)
        found.append(Cue(round(group[0].start_seconds - start_seconds, 3), round(end - start_seconds, 3), text))
    return tuple(each for each in found if each.end_seconds > each.start_seconds)


def _groups(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words that are shown together: of one breath, and not too many."""
    group: list[Word] = []
    for word in words:
        if group and _is_over(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_over(group: Sequence[Word], word: Word) -> bool:
    last = group[-1]
    chars = sum(len(each.text) + 1 for each in group) + len(word.text)
    is_full = len(group) >= MOST_WORDS or chars > MOST_CHARS
    is_phrase = is_ended(last.text) or (last.text[-1] in ",;:" and len(group) >= MOST_WORDS // 2)
    return is_full or is_phrase or word.start_seconds - last.end_seconds >= PAUSE_SECONDS
