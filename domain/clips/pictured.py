"""What is seen in a part: faces, cuts, motion, as one look at the whole video measured them. Looking is in `gateways.media`."""

from bisect import bisect_left
from itertools import accumulate

from domain.clips.runs import Measure, Run, between
from domain.clips.source import Source

_NOT_LOOKED_AT = "the video has not been looked at yet"
# Cuts per minute: from a still camera to a montage of shots of four seconds.
CUTS_PER_MINUTE = (0.0, 15.0)


def face(source: Source) -> Measure | str:
    """Of the pictures looked at, those that show a face."""
    if source.analysis is None:
        return _NOT_LOOKED_AT
    if not source.analysis.has_faces_known:
        return "faces were not looked for"
    return _mean(source, [float(bool(sample.faces)) for sample in source.analysis.samples], ranked=False)


def cuts(source: Source) -> Measure | str:
    """Cuts per minute."""
    if source.analysis is None:
        return _NOT_LOOKED_AT
    times = source.analysis.cuts

    def measure(run: Run) -> tuple[float, float]:
        rate = 60 * (bisect_left(times, run.end_seconds) - bisect_left(times, run.start_seconds)) / run.seconds
        return rate, between(rate, *CUTS_PER_MINUTE)

    return measure


def motion(source: Source) -> Measure | str:
    """How much the picture changes; its share: of this video's pictures, how many change less."""
    if source.analysis is None:
        return _NOT_LOOKED_AT
    return _mean(source, [sample.motion for sample in source.analysis.samples], ranked=True)


def _mean(source: Source, values: list[float], *, ranked: bool) -> Measure | str:
    if source.analysis is None or not values:
        return "no picture of the video could be looked at"
    times = [sample.at_seconds for sample in source.analysis.samples]
    sums = list(accumulate(values, initial=0.0))
    ordered = sorted(values)

    def measure(run: Run) -> tuple[float, float] | str:
        first, last = bisect_left(times, run.start_seconds), bisect_left(times, run.end_seconds)
        if first == last:
            return "no picture of this part was looked at"
        mean = (sums[last] - sums[first]) / (last - first)
        return mean, bisect_left(ordered, mean) / len(ordered) if ranked else mean

    return measure
