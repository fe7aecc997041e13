"""Runs of words that two long texts have in common, in order: as a person would match them, and in time that grows with their length.

Three words that come once in each text are matched first, as many as keep their order (the idea of patience diff, B. Cohen); what lies
between is matched by the longest common run (Ratcliff and Obershelp, `difflib`).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

# Pairs of words, above which the frequent ones of a stretch are left out: the time grows with their product.
MOST_PAIRS = 4_000_000
_WORDS = 3

Pair = tuple[int, int]


def common_pairs(one: Sequence[str], other: Sequence[str], *, least: int) -> tuple[Pair, ...]:
    """The places in both of every word that is in a common run of at least so many words, in order."""
    corners = [(0, 0), *_landmarks(one, other), (len(one), len(other))]
    pairs = [pair for start, end in pairwise(corners) for pair in _between(one, other, start, end)]
    return tuple(pair for run in _runs(pairs) if len(run) >= least for pair in run)


def _between(one: Sequence[str], other: Sequence[str], start: Pair, end: Pair) -> Iterator[Pair]:
    left, right = one[start[0] : end[0]], other[start[1] : end[1]]
    matcher = SequenceMatcher(None, left, right, autojunk=len(left) * len(right) > MOST_PAIRS)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            yield start[0] + block.a + step, start[1] + block.b + step


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    run: list[Pair] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    yield run


def _landmarks(one: Sequence[str], other: Sequence[str]) -> list[Pair]:
    """Where the rarest runs of three words begin in both: the longest selection that is in order in both."""
    there = _once(other)
    pairs = sorted((at, there[words]) for words, at in _once(one).items() if words in there)
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    found: list[Pair] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Runs of three words that come exactly once, and where."""
    found: dict[tuple[str, ...], int] = {}
    twice: set[tuple[str, ...]] = set()
    for at in range(len(words) - _WORDS + 1):
        run = tuple(words[at : at + _WORDS])
        if run in found:
            twice.add(run)
        found[run] = at
    return {run: at for run, at in found.items() if run not in twice}
