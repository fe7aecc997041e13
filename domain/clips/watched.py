"""What viewers did with the whole video: the part that is watched again, and how its owner's viewers stayed."""

from bisect import bisect_left
from collections.abc import Sequence

from domain.clips.runs import Measure, Run
from domain.clips.source import Source

# Every video is watched from its start, and its first marks say no more than that.
FIRST_SHARE = 0.02
_LEAST_POINTS = 2


def most_replayed(source: Source) -> Measure | str:
    """The mean of the heat-map over the part; its share: of the stretches of this video, how many are watched again less."""
    if source.heat is None:
        return "no heat-map of this video is known: send one as heat"
    if not source.heat:
        return "the platform shows no heat-map of this video"
    marks = sorted(source.heat, key=lambda mark: mark.start_seconds)
    usual = sorted(mark.intensity_share for mark in marks if mark.start_seconds >= FIRST_SHARE * source.duration_seconds)
    if len(set(usual)) < _LEAST_POINTS:
        return "the heat-map of this video is flat"
    steps = [(mark.start_seconds, mark.end_seconds, mark.intensity_share) for mark in marks]

    def measure(run: Run) -> tuple[float, float] | str:
        mean = _mean_of_steps(steps, run)
        return "the heat-map does not cover this part" if mean is None else (mean, _rank(usual, mean))

    return measure


def retention(source: Source) -> Measure | str:
    """The mean relative retention over the part, by the owner's own report: 0.5 is the middle of videos as long."""
    points = sorted(source.retention or (), key=lambda point: point.elapsed_share)
    if len(points) < _LEAST_POINTS:
        return "no retention report of this video's owner is at hand"
    seconds = [point.elapsed_share * source.duration_seconds for point in points]
    # A point stands for the stretch up to it.
    edges = [0.0, *seconds]
    steps = [(start, end, point.relative_retention) for start, end, point in zip(edges, seconds, points, strict=False) if end > start]

    def measure(run: Run) -> tuple[float, float] | str:
        mean = _mean_of_steps(steps, run)
        return "the report does not cover this part" if mean is None else (mean, min(1.0, max(0.0, mean)))

    return measure


def _mean_of_steps(steps: Sequence[tuple[float, float, float]], run: Run) -> float | None:
    """The mean of (start, end, value) over the run, by time; None where they leave half of it out."""
    covered = total = 0.0
    for start, end, value in steps[max(0, bisect_left(steps, (run.start_seconds,)) - 1) :]:
        if start >= run.end_seconds:
            break
        seconds = max(0.0, min(end, run.end_seconds) - max(start, run.start_seconds))
        covered += seconds
        total += seconds * value
    return total / covered if covered >= run.seconds / 2 > 0 else None


def _rank(ordered: Sequence[float], value: float) -> float:
    return bisect_left(ordered, value) / len(ordered)
