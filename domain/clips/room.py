"""Where a run of sentences may be cut: a little before its first word and after its last one, in silence, never inside a word."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from domain.clips.analysis import LEVEL_SECONDS
from domain.clips.source import Source
from domain.transcripts import Word

# Room before the first word and after the last one; never more than what nobody says anything in, and none of another shot,
# which would flash up.
LEAD_SECONDS, TAIL_SECONDS = 0.35, 0.45
# Levels that differ by less are as quiet as each other.
_ALIKE_DB = 3.0


def edges(source: Source) -> tuple[list[float], list[float]]:
    """For each sentence: where a clip that begins with it is cut, and where one that ends with it is. Seconds of the video."""
    said = sorted(source.words, key=lambda word: word.start_seconds)
    begins, ends = [word.start_seconds for word in said], sorted(word.end_seconds for word in said)
    cuts = source.analysis.cuts if source.analysis else ()
    starts, stops = [], []
    for at, sentence in enumerate(source.sentences):
        before = source.sentences[at - 1].end_seconds if at else 0.0
        after = source.sentences[at + 1].start_seconds if at + 1 < len(source.sentences) else source.duration_seconds
        first, last = _outside(said, begins, sentence.start_seconds)[0], _outside(said, begins, sentence.end_seconds)[1]
        earliest = max(0.0, first - LEAD_SECONDS, before, _last(ends, first), _last(cuts, first))
        latest = min(source.duration_seconds, last + TAIL_SECONDS, after, _next(begins, last), _next(cuts, last))
        starts.append(_quietest(source, min(first, earliest), first, is_start=True))
        stops.append(_quietest(source, last, max(last, latest), is_start=False))
    return starts, stops


def _outside(words: Sequence[Word], begins: Sequence[float], at: float) -> tuple[float, float]:
    """Where the word that is said at a moment begins and ends; the moment itself where none is."""
    place = bisect_left(begins, at) - 1
    if place >= 0 and words[place].start_seconds < at < words[place].end_seconds:
        return words[place].start_seconds, words[place].end_seconds
    return at, at


def _last(ends: Sequence[float], at: float) -> float:
    """When the last word before a moment has been said."""
    place = bisect_right(ends, at) - 1
    return ends[place] if place >= 0 else 0.0


def _next(begins: Sequence[float], at: float) -> float:
    place = bisect_left(begins, at)
    return begins[place] if place < len(begins) else float("inf")


def _quietest(source: Source, low: float, high: float, *, is_start: bool) -> float:
    """The quietest moment between two, of equally quiet ones the farthest from the words; the farthest where nobody listened."""
    farthest = low if is_start else high
    levels = source.analysis.levels_db if source.analysis else ()
    first, last = int(low / LEVEL_SECONDS), int(high / LEVEL_SECONDS)
    if last == first or last >= len(levels):
        return farthest
    quiet = min(levels[first : last + 1]) + _ALIKE_DB
    places = [place for place in range(first, last + 1) if levels[place] <= quiet]
    return max(low, places[0] * LEVEL_SECONDS) if is_start else min(high, (places[-1] + 1) * LEVEL_SECONDS)
