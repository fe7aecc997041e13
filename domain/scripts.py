"""A known script and what was heard of it: which of its words are surely said when, and which stretches of sound to align closely.

Long sound is not aligned in one go: where the maker left the script, or somebody else speaks, everything after would slip. So the script's
words are heard first, freely; those heard in the script's order are anchors; stretches of sound between anchors are then aligned with their
words by force (P. Moreno et al., A recursive algorithm for the forced alignment of very long audio segments, ICSLP 1998).
Listening and aligning themselves are in `gateways.speech`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from domain.common_runs import common_pairs
from domain.quiet import Span
from domain.speech import HeardWord

# So many words in the script's order are no chance; a script that has fewer must be heard as it is.
RUN_WORDS = 3
# Nobody says a word in less, or stays with one for longer; a pause comes on top.
QUICKEST_SECONDS, SLOWEST_SECONDS, PAUSE_SECONDS = 0.06, 0.9, 2.0
# A stretch ends at the first clear pause after so long; after so long again, between any two words.
STRETCH_SECONDS, LONGEST_SECONDS, CLEAR_SECONDS = 20.0, 45.0, 0.2
MARGIN_SECONDS = 0.3
# Before the first anchor and after the last one no more words than these are tried.
EDGE_WORDS = 12
# Hearing and alignment mean the same place.
AGREEMENT_SECONDS = 0.3

Placed = Mapping[int, Span]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A word of the script, by its place in it, and when it was heard."""

    place: int
    span: Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the sound, and which of the script's words (by their places) are said in it, in order."""

    span: Span
    places: tuple[int, ...]


def anchors(script: Sequence[str], heard: Sequence[HeardWord]) -> tuple[Anchor, ...]:
    """The script's words that were heard in runs, in order."""
    pairs = common_pairs(script, [each.text for each in heard], least=min(RUN_WORDS, len(script)))
    return tuple(Anchor(place, Span(heard[at].start_seconds, heard[at].end_seconds)) for place, at in pairs)


def stretches(script_words: int, found: Sequence[Anchor], seconds: float) -> tuple[Stretch, ...]:
    """What to align closely. Words for which the anchors leave no room, or too much, are in none of them."""
    if not found:
        return ()
    head, tail = range(found[0].place), range(found[-1].place + 1, script_words)
    start = max(0.0, found[0].span.start_seconds - _edge(head))
    made: list[Stretch] = []
    places = [*_tried(head), found[0].place]
    for before, after in pairwise(found):
        gap = after.span.start_seconds - before.span.end_seconds
        between = range(before.place + 1, after.place)
        if _parts(between, gap, before.span.end_seconds - start):
            margin = max(0.0, min(MARGIN_SECONDS, gap / 2))
            made.append(Stretch(Span(start, before.span.end_seconds + margin), tuple(places)))
            start, places = after.span.start_seconds - margin, []
        elif gap >= QUICKEST_SECONDS * len(between):
            places += between
        places.append(after.place)
    end = min(seconds, found[-1].span.end_seconds + _edge(tail))
    return (*made, Stretch(Span(start, end), (*places, *_tried(tail))))


def _parts(between: range, gap: float, so_far: float) -> bool:
    """Whether a stretch ends between two anchors."""
    if between:
        return gap > SLOWEST_SECONDS * len(between) + PAUSE_SECONDS
    return gap > PAUSE_SECONDS or so_far > LONGEST_SECONDS or (so_far > STRETCH_SECONDS and gap >= CLEAR_SECONDS)


def _tried(edge: range) -> range:
    return edge if len(edge) <= EDGE_WORDS else range(0)


def _edge(edge: range) -> float:
    return MARGIN_SECONDS + SLOWEST_SECONDS * len(_tried(edge))


def confirmed(found: Sequence[Anchor], placed: Placed) -> int:
    """How many anchors the alignment puts where they were heard."""
    both = ((each.span.start_seconds, placed[each.place].start_seconds) for each in found if each.place in placed)
    return sum(abs(heard - aligned) <= AGREEMENT_SECONDS for heard, aligned in both)


def in_order(placed: Placed) -> dict[int, Span]:
    """Without those that would begin before the one before them ends: stretches may overlap by their margins."""
    kept: dict[int, Span] = {}
    end = 0.0
    for place in sorted(placed):
        span = placed[place]
        if span.start_seconds >= end and span.seconds > 0:
            kept[place], end = span, span.end_seconds
    return kept


def timed(tokens: Sequence[str], owners: Sequence[int], placed: Placed) -> tuple[HeardWord, ...]:
    """Every token with its time. `owners`: which token each of the script's words belongs to; one at least is placed.

    A token of which no word is placed shares the room between its neighbours, or, where they leave none, the neighbour's own, by letters.
    """
    spans: list[Span | None] = [None] * len(tokens)
    for token, places in groupby(sorted(placed), key=lambda place: owners[place]):
        each = list(places)
        spans[token] = Span(placed[each[0]].start_seconds, placed[each[-1]].end_seconds)
    for first, last in list(_gaps(spans)):
        spans[first:last] = _shared(tokens, spans, first, last)
    return tuple(
        HeardWord(start_seconds=span.start_seconds, end_seconds=span.end_seconds, text=token)
        for token, span in zip(tokens, spans, strict=True)
        if span is not None
    )


def _gaps(spans: Sequence[Span | None]) -> Iterator[tuple[int, int]]:
    at = 0
    for is_missing, run in groupby(spans, key=lambda each: each is None):
        count = sum(1 for _ in run)
        if is_missing:
            yield at, at + count
        at += count


def _shared(tokens: Sequence[str], spans: list[Span | None], first: int, last: int) -> list[Span | None]:
    """The missing ones' spans. A neighbour that has to give of its own is shortened in `spans`."""
    before = spans[first - 1] if first else None
    after = spans[last] if last < len(spans) else None
    start = before.end_seconds if before else None
    end = after.start_seconds if after else None
    if start is not None and end is not None and end - start >= QUICKEST_SECONDS * (last - first):
        return _split(Span(start, end), tokens[first:last])
    if before is not None:
        room = Span(before.start_seconds, before.end_seconds if end is None else end)
        spans[first - 1], *shared = _split(room, tokens[first - 1 : last])
        return shared
    if after is None:
        raise ValueError("no word of the script is placed")
    *shared, spans[last] = _split(after, tokens[first : last + 1])
    return shared


def _split(room: Span, tokens: Sequence[str]) -> list[Span | None]:
    """By letters; what has none gets the least share."""
    sizes = [max(1, sum(each.isalnum() for each in token)) for token in tokens]
    edges = [room.start_seconds + room.seconds * sum(sizes[:at]) / sum(sizes) for at in range(len(sizes) + 1)]
    return [Span(start, end) for start, end in pairwise(edges)]
