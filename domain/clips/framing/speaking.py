"""Who speaks: mouths that move while there is sound. A stand-in for models that hear and see (TalkNet, Light-ASD), at no cost.

Without sound nobody is known to speak. Who has the picture keeps it until somebody else's mouth moved clearly more for a while.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from domain.clips.analysis import LEVEL_SECONDS, MediaAnalysis
from domain.clips.framing.tracks import Track

_WINDOW_SECONDS = 1.2
_STEP_SECONDS = 0.2
# How much more another mouth must move, how much at least, and for how long.
_RATIO, _LEAST, _HELD_SECONDS = 1.5, 0.02, 0.6
_SHORTEST_SECONDS = 1.5
# Sound that lies so far below the loudest tenth of it is a pause.
_VOICE_DB = 20.0
_AUDIBLE_DB = -60.0

# A speaker (an index of the tracks) from a second on.
Turns = list[tuple[float, int]]


def turns_of(tracks: Sequence[Track], analysis: MediaAnalysis, start: float, end: float) -> Turns:
    """Who speaks from when on. Empty where it cannot be told: no sound, or no mouth that moves."""
    if not tracks or not (levels := analysis.levels(start, end)):
        return []
    loud = sorted(levels)[int(0.9 * (len(levels) - 1))]
    if loud < _AUDIBLE_DB:
        return []
    activities = [_Activity(track, analysis, loud - _VOICE_DB) for track in tracks]
    found: Turns = []
    challenger, since = None, start
    for step in range(max(1, round((end - start) / _STEP_SECONDS))):
        at = start + step * _STEP_SECONDS
        strengths = [each.around(at) for each in activities]
        best = max(range(len(tracks)), key=lambda number: strengths[number])
        now = found[-1][1] if found else None
        if best == now or strengths[best] < _LEAST or (now is not None and strengths[best] < _RATIO * strengths[now]):
            challenger = None
            continue
        if challenger != best:
            challenger, since = best, at
        if now is None or (at - since >= _HELD_SECONDS and since - found[-1][0] >= _SHORTEST_SECONDS):
            found.append((since if found else start, best))
            challenger = None
    return found


def share_of(turns: Turns, number: int, start: float, end: float) -> float:
    """Of a part, how much one of them has the word."""
    edges = [at for at, _ in turns] + [end]
    spoken = sum(max(0.0, edges[at + 1] - max(start, turn[0])) for at, turn in enumerate(turns) if turn[1] == number)
    return spoken / max(1e-6, end - start)


class _Activity:
    """Mean mouth motion of a track about a moment, counted only while there is a voice."""

    def __init__(self, track: Track, analysis: MediaAnalysis, voice_db: float) -> None:
        levels = analysis.levels_db
        voiced = [
            (at, face.mouth_motion)
            for at, face in zip(track.times, track.faces, strict=True)
            if max(levels[max(0, round((at - 0.2) / LEVEL_SECONDS)) : round(at / LEVEL_SECONDS) + 1], default=-200.0) >= voice_db
        ]
        self._times = [at for at, _ in voiced]
        self._sums = [0.0, *accumulate(motion for _, motion in voiced)]

    def around(self, at: float) -> float:
        first, last = bisect_left(self._times, at - _WINDOW_SECONDS / 2), bisect_right(self._times, at + _WINDOW_SECONDS / 2)
        return (self._sums[last] - self._sums[first]) / (last - first) if last > first else 0.0
