"""What is cut out inside a clip: silence, told by the level of the sound, and fillers, told by their words. What stays are pieces.

Layouts and windows of the pieces are given in `framing`, joins of their sound in `joins`. A cut never falls inside a word that stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.clips.analysis import LEVEL_SECONDS
from domain.clips.fillers import is_filler
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.transcripts import Word

PAUSE_SECONDS = 0.9
# Pauses of so long are made on purpose, where such ones shall stay.
DELIBERATE_SECONDS = 2.0
# What is cut must be worth a join, what stays without a word must be worth looking at.
SHORTEST_CUT_SECONDS, SHORTEST_PIECE_SECONDS = 0.1, 0.3
# Sound that differs by less between its loud and its quiet parts has no silence that a level could tell.
LEAST_RANGE_DB = 15.0
# Of the way from the quiet to the loud; below it is silence.
_THRESHOLD_SHARE = 0.4
_QUIET, _LOUD = 0.05, 0.9
_QUIETEST_DB, _LOUDEST_SILENCE_DB = -75.0, -25.0
# A filler that takes longer, or no time at all, has no exact times.
_FILLER_SECONDS = (0.04, 1.5)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """What to take out. `margin_seconds`: what stays of a pause at each side of a cut."""

    is_silence_removed: bool = False
    are_fillers_removed: bool = False
    margin_seconds: float = 0.15
    are_long_pauses_kept: bool = False

    @classmethod
    def of(cls, look: Look) -> "Cutting":
        return cls(
            is_silence_removed=look.is_silence_removed,
            are_fillers_removed=look.are_fillers_removed,
            margin_seconds=look.margin_seconds,
            are_long_pauses_kept=look.are_long_pauses_kept,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The sound of the whole video, one level (dBFS) per `LEVEL_SECONDS`, and what is said in it.

    `has_exact_times`: words have times of their own (`Transcript.timed`); interpolated ones are good enough to keep, not to cut by.
    """

    levels_db: Sequence[float]
    words: Sequence[Word]
    has_exact_times: bool
    language: str | None


def kept_pieces(span: Span, heard: Heard, cutting: Cutting) -> tuple[Piece, ...]:
    """What stays of a span, in order; all of it where nothing is to be taken out, or where what would be told by is not known."""
    removed = list(_removed(span, heard, cutting))
    if not removed:
        return (Piece(start_seconds=span[0], end_seconds=span[1]),)
    said = [(word.start_seconds, word.end_seconds) for word in heard.words if not _is_cut(word, heard, cutting)]
    kept = [each for each in _between(_united(removed), span) if _is_worth_it(each, said)]
    return tuple(Piece(start_seconds=start, end_seconds=end) for start, end in kept)


def pauses(levels_db: Sequence[float], span: Span) -> list[Span]:
    """Where in a span nobody is heard for `PAUSE_SECONDS`: below a threshold between what is quiet and what is loud in the whole video."""
    threshold = threshold_db(levels_db)
    if threshold is None:
        return []
    first, last = round(span[0] / LEVEL_SECONDS), min(len(levels_db), round(span[1] / LEVEL_SECONDS))
    loud = [first - 1, *(at for at in range(first, last) if levels_db[at] >= threshold), last]
    gaps = (((before + 1) * LEVEL_SECONDS, after * LEVEL_SECONDS) for before, after in pairwise(loud))
    return [(max(start, span[0]), min(end, span[1])) for start, end in gaps if end - start >= PAUSE_SECONDS - LEVEL_SECONDS / 2]


def threshold_db(levels_db: Sequence[float]) -> float | None:
    """None where quiet and loud do not differ enough: under music, or in a noise, silence cannot be told."""
    ordered = sorted(max(_QUIETEST_DB, level) for level in levels_db)
    if not ordered:
        return None
    quiet, loud = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (_QUIET, _LOUD))
    return None if loud - quiet < LEAST_RANGE_DB else min(_LOUDEST_SILENCE_DB, quiet + _THRESHOLD_SHARE * (loud - quiet))


def _removed(span: Span, heard: Heard, cutting: Cutting) -> Iterable[Span]:
    said = [(word.start_seconds, word.end_seconds) for word in heard.words if not _is_cut(word, heard, cutting)]
    if cutting.is_silence_removed:
        for pause in pauses(heard.levels_db, span):
            if cutting.are_long_pauses_kept and pause[1] - pause[0] >= DELIBERATE_SECONDS:
                continue
            margins = (pause[0] + cutting.margin_seconds, pause[1] - cutting.margin_seconds)
            yield from (each for each in _between(_united(said), margins) if each[1] - each[0] >= SHORTEST_CUT_SECONDS)
    for filler in (word for word in heard.words if _is_cut(word, heard, cutting)):
        if span[0] <= filler.start_seconds and filler.end_seconds <= span[1]:
            yield _around(filler, said, span, cutting.margin_seconds)


def _is_cut(word: Word, heard: Heard, cutting: Cutting) -> bool:
    least, most = _FILLER_SECONDS
    is_exact = heard.has_exact_times and least <= word.end_seconds - word.start_seconds <= most
    return cutting.are_fillers_removed and is_exact and is_filler(word.text, heard.language)


def _around(filler: Word, said: Sequence[Span], span: Span, margin: float) -> Span:
    """With the silence around it, less a margin beside each of its neighbours: one pause stays, not two."""
    before = max((end for _, end in said if end <= filler.start_seconds + 1e-6), default=span[0])
    after = min((start for start, _ in said if start >= filler.end_seconds - 1e-6), default=span[1])
    return min(filler.start_seconds, max(before, span[0]) + margin), max(filler.end_seconds, min(after, span[1]) - margin)


def _united(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _between(spans: Sequence[Span], whole: Span) -> list[Span]:
    """What `spans` leave of the whole."""
    edges = [whole[0], *(edge for each in spans for edge in each), whole[1]]
    clamped = [min(max(edge, whole[0]), whole[1]) for edge in edges]
    return [(start, end) for start, end in zip(clamped[::2], clamped[1::2], strict=True) if end > start]


def _is_worth_it(part: Span, said: Sequence[Span]) -> bool:
    return part[1] - part[0] >= SHORTEST_PIECE_SECONDS or any(start < part[1] and end > part[0] for start, end in said)
