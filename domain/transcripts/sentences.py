"""Words become sentences: at marks that end one, at silences, and where nobody punctuates, at pauses. Marks are in `sentence_ends`."""

import math
from collections.abc import Sequence
from itertools import zip_longest

from domain.sentence_ends import ends_sentence
from domain.transcripts.values import Sentence, Word, text_of

# A rest of nobody's speech that no sentence lasts through.
SILENCE_SECONDS = 3.0
# A mark that comes so long after a sentence began is waited for. Where none does, nobody punctuates here:
# what grew long is cut at the next pause or cue; in the end, at any word.
PATIENCE_SECONDS = 30.0
LONG_SECONDS, LONGEST_SECONDS = 8.0, 16.0
PAUSE_SECONDS = 0.6
# Where words have times of their own, a pause is heard and no gap between captions: it ends what nobody punctuates earlier.
SHORT_SECONDS = 2.0


def sentences_of(words: Sequence[Word], *, has_own_times: bool = False) -> tuple[Sentence, ...]:
    """Words cut into sentences: at marks that end one; at silences; and where no mark comes, at pauses and cues.

    `has_own_times`: pauses between words are real, and where one caption ends and the next begins means nothing.
    """
    is_end = [ends_sentence(word.text, after.text if after else None) for word, after in zip_longest(words, words[1:])]
    next_end = _next_ends(words, is_end)
    found: list[Sentence] = []
    first, after_end = 0, True
    for at, word in enumerate(words):
        if is_end[at] or at == len(words) - 1 or _breaks(words, first, at, next_end[at], has_own_times=has_own_times):
            is_complete = after_end and is_end[at]
            found.append(Sentence(words[first].start_seconds, word.end_seconds, text_of(words[first : at + 1]), is_complete))
            first, after_end = at + 1, is_end[at]
    return tuple(found)


def _next_ends(words: Sequence[Word], is_end: Sequence[bool]) -> list[float]:
    """For each word: when the next sentence ends by its mark."""
    found, upcoming = [0.0] * len(words), math.inf
    for at in range(len(words) - 1, -1, -1):
        upcoming = words[at].end_seconds if is_end[at] else upcoming
        found[at] = upcoming
    return found


def _breaks(words: Sequence[Word], first: int, at: int, next_end: float, *, has_own_times: bool) -> bool:
    """Whether the words from `first` to `at` are cut off here, although no mark ends them."""
    start, last, following = words[first].start_seconds, words[at], words[at + 1]
    pause = following.start_seconds - last.end_seconds
    if pause >= SILENCE_SECONDS:
        return True
    if next_end - start <= PATIENCE_SECONDS:
        return False
    seconds = last.end_seconds - start
    if has_own_times:
        return (seconds >= SHORT_SECONDS and pause >= PAUSE_SECONDS) or _is_best_place(words, first, at)
    is_seam = last.cue != following.cue or pause >= PAUSE_SECONDS
    return seconds >= LONGEST_SECONDS or (seconds >= LONG_SECONDS and is_seam)


def _is_best_place(words: Sequence[Word], first: int, at: int) -> bool:
    """Whether, of the places where long talk without any pause can be cut, none has more rest than this one."""
    start = words[first].start_seconds
    if words[at].end_seconds - start < LONG_SECONDS:
        return False
    best, rest = at, words[at + 1].start_seconds - words[at].end_seconds
    for place in range(at + 1, len(words) - 1):
        if words[place].end_seconds - start > LONGEST_SECONDS:
            break
        here = words[place + 1].start_seconds - words[place].end_seconds
        if here > rest:
            best, rest = place, here
    return best == at
