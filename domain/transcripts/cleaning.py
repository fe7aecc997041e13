"""Captions in order, each line told once: what rolls on from cue to cue, twins and overlaps. How words get their times is in `timing`."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from domain.media import Cue
from domain.transcripts.names import with_names
from domain.transcripts.told import Line, Told, told

# Captions roll when a line stays while the next one comes below it; in so many places, and so large a share of them, it is no chance.
ROLLING_PLACES, ROLLING_SHARE = 2, 0.3


def clean(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """In order, without empty ones, what was shown twice once, and one at a time."""
    return tuple(Cue(each.start_seconds, each.end_seconds, each.text) for each in cleaned(cues))


def cleaned(cues: Sequence[Cue]) -> tuple[Told, ...]:
    """The same, with what the file says of every word; marks of speakers stand at the words and no longer in the text."""
    inside = (cue for cue in sorted(cues, key=lambda cue: cue.start_seconds) if cue.end_seconds > 0 or cue.start_seconds >= 0)
    once = _once([each for each in map(told, inside) if each.lines])
    return _one_at_a_time([each for each in with_names(once) if each.lines])


def _once(cues: list[Told]) -> list[Told]:
    """What rolls over from one cue into the next is told by the first of them."""
    if not cues:
        return []
    repeated = [_repeated(first.lines, second.lines) for first, second in pairwise(cues)]
    is_rolling = _is_rolling(cues, repeated)
    found = [cues[0]]
    for before, cue, lines in zip(cues, cues[1:], repeated, strict=False):
        is_twin = cue.text == before.text and cue.start_seconds < before.end_seconds
        if is_twin or is_rolling:
            cue = replace(cue, lines=() if is_twin else cue.lines[lines:])
        found.append(cue)
    return [each for each in found if each.lines]


def _is_rolling(cues: Sequence[Told], repeated: Sequence[int]) -> bool:
    """By how often it happens; once is enough where the file times the new line's words and not those of the old one."""
    rolled = [(cue.lines, lines) for cue, lines in zip(cues[1:], repeated, strict=True) if 0 < lines < len(cue.lines)]
    if any(lines[count].is_timed and not any(line.is_timed for line in lines[:count]) for lines, count in rolled):
        return True
    return len(rolled) >= max(ROLLING_PLACES, ROLLING_SHARE * len(repeated))


def _repeated(before: Sequence[Line], after: Sequence[Line]) -> int:
    """How many whole lines at the top of a cue are the last ones of the cue before it."""
    first, second = [line.text for line in before], [line.text for line in after]
    most = min(len(first), len(second))
    return next((count for count in range(most, 0, -1) if first[-count:] == second[:count]), 0)


def _one_at_a_time(cues: Sequence[Told]) -> tuple[Told, ...]:
    """A cue ends when the next one begins; what begins together is one cue."""
    alone: list[Told] = []
    for cue in cues:
        if alone and cue.start_seconds <= alone[-1].start_seconds:
            first = alone.pop()
            cue = Told(first.start_seconds, max(first.end_seconds, cue.end_seconds), first.lines + cue.lines)
        elif alone and alone[-1].end_seconds > cue.start_seconds:
            alone[-1] = replace(alone[-1], end_seconds=cue.start_seconds)
        alone.append(replace(cue, end_seconds=max(cue.end_seconds, cue.start_seconds)))
    return tuple(alone)
