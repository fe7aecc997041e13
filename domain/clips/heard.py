"""What is heard in a part besides its words: laughter, sudden loudness, speakers taking turns. Levels are measured in `gateways.media`."""

import re
import statistics
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise

from domain.clips.analysis import LEVEL_SECONDS
from domain.clips.hook_words import LAUGHTER
from domain.clips.runs import Measure, Run
from domain.clips.source import Source
from domain.features.writing import fold
from domain.transcripts import is_speech

# A burst is so much louder than the usual talk (its median, without silence), and so far from the one before.
BURST_DB, APART_SECONDS = 6.0, 4.0
_QUIET_DB = -60.0
_SMOOTH = 5
# Laughter that comes right after the last word belongs to it.
_AFTER_SECONDS = 1.5
_BRACKETED = re.compile(r"[\[(（【]([^\])）】]+)[\])）】]")
_LAUGHTER = re.compile(LAUGHTER)
# Two are as good as many.
_ENOUGH = 2.0


def laughter(source: Source) -> Measure | str:
    """How often the captions write of laughter, applause or cheers."""
    sounds = [(cue, _BRACKETED.findall(cue.text)) for cue in source.cues]
    if not any(names or not is_speech(cue) for cue, names in sounds):
        return "the captions name no sounds"
    times = sorted(cue.start_seconds for cue, names in sounds if any(_LAUGHTER.search(fold(name)) for name in names))
    return _counted(times, after=_AFTER_SECONDS)


def loud_bursts(source: Source) -> Measure | str:
    """How often it grows suddenly louder than the usual talk of this video."""
    if source.analysis is None:
        return "the video has not been looked at yet"
    if not source.analysis.levels_db:
        return "the video has no sound"
    return _counted(bursts(source.analysis.levels_db), after=0.0)


def bursts(levels_db: tuple[float, ...]) -> list[float]:
    """The moments (seconds) at which half a second of sound is a peak, `BURST_DB` above the median of what is not silent."""
    powers = list(accumulate((10 ** (level / 10) for level in levels_db), initial=0.0))
    heard = [level for level in levels_db if level > _QUIET_DB]
    if not heard or len(levels_db) < _SMOOTH:
        return []
    least = _SMOOTH * 10 ** ((statistics.median(heard) + BURST_DB) / 10)
    sums = [powers[at + _SMOOTH] - powers[at] for at in range(len(levels_db) - _SMOOTH + 1)]
    apart = round(APART_SECONDS / LEVEL_SECONDS)
    found: list[int] = []
    for at in sorted((at for at, power in enumerate(sums) if power >= least), key=lambda at: (-sums[at], at)):
        place = bisect_left(found, at)
        if all(abs(at - other) >= apart for other in found[max(0, place - 1) : place + 1]):
            found.insert(place, at)
    return [(at + _SMOOTH / 2) * LEVEL_SECONDS for at in found]


def speaker_turns(source: Source) -> Measure | str:
    """How often another one begins to speak."""
    if not source.turns:
        return "the speakers were not told apart"
    return _counted([after.start_seconds for before, after in pairwise(source.turns) if before.speaker != after.speaker], after=0.0)


def _counted(times: list[float], *, after: float) -> Measure:
    def measure(run: Run) -> tuple[float, float]:
        count = bisect_right(times, run.end_seconds + after) - bisect_left(times, run.start_seconds)
        return float(count), min(1.0, count / _ENOUGH)

    return measure
