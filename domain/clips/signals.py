"""The signals by which candidates are ranked, each named and weighed. What each measures is in the module of its group.

A signal that cannot be had, for a video or for one part of it, is absent with its reason: it is left out of the score and never zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.clips import heard, judging, pictured, said, watched, workspace
from domain.clips.asked import Wanted
from domain.clips.runs import Absent as Absent
from domain.clips.runs import Measure
from domain.clips.runs import Reason as Reason
from domain.clips.runs import Run as Run
from domain.clips.source import Source
from domain.clips.topics import Topics

# The best length within the bounds: a third of the way, 30 s of 15 to 60.
BEST_LENGTH_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal and its weight. `read` looks at the whole source once and gives what measures a run, or why it cannot be had."""

    name: str
    weight: float
    read: Callable[[Source], Measure | str]


# Weights are ours; they were fitted to nothing (docs/method.md, Clips).
SIGNALS = (
    Signal("whole_sentences", 3.0, said.complete),
    Signal("opens_by_itself", 2.0, said.opens_by_itself),
    Signal("hook", 2.0, said.hook),
    Signal("question", 0.5, said.question),
    Signal("number", 0.5, said.number),
    Signal("words_per_second", 1.5, said.words_per_second),
    Signal("longest_pause", 1.0, said.longest_pause),
    Signal("laughter", 1.0, heard.laughter),
    Signal("loud_bursts", 0.5, heard.loud_bursts),
    Signal("speaker_turns", 0.5, heard.speaker_turns),
    Signal("most_replayed", 3.0, watched.most_replayed),
    Signal("retention", 2.0, watched.retention),
    Signal("face", 1.0, pictured.face),
    Signal("cuts", 0.5, pictured.cuts),
    Signal("motion", 0.5, pictured.motion),
    Signal("proven_here", 2.0, workspace.proven_here),
    Signal("associated_here", 0.0, workspace.associated_here),
    Signal("judged", 3.0, judging.judged),
)


class Signals:
    """Every signal of one source, ready to measure runs."""

    def __init__(self, source: Source, wanted: Wanted, topics: Topics) -> None:
        found = [(signal, signal.read(source)) for signal in SIGNALS]
        self._measures = [(signal.name, signal.weight, measure) for signal, measure in found if not isinstance(measure, str)]
        self._measures += [("one_topic", 1.5, _one_topic(topics)), ("opens_topic", 1.0, _opens_topic(topics)),
                           ("length", 1.5, _length(wanted)), ("position", 0.5, _position(source.duration_seconds))]  # fmt: skip
        self.topics = topics
        self.absent = tuple(Absent(signal.name, measure) for signal, measure in found if isinstance(measure, str))

    def of(self, run: Run) -> tuple[tuple[Reason, ...], tuple[Absent, ...]]:
        """What every signal says of a run, and those that say nothing of this one."""
        reasons, absent = [], []
        for name, weight, measure in self._measures:
            told = measure(run)
            if isinstance(told, str):
                absent.append(Absent(name, told))
            else:
                reasons.append(Reason(name=name, value=round(told[0], 3), share=round(told[1], 4), weight=weight))
        return tuple(reasons), tuple(absent)


def score_of(reasons: Sequence[Reason]) -> float:
    """The weighted mean of the shares that are there."""
    return round(sum(each.weight * each.share for each in reasons) / sum(each.weight for each in reasons), 4)


def _one_topic(topics: Topics) -> Measure:
    """How many boundaries between topics it crosses."""

    def measure(run: Run) -> tuple[float, float]:
        crossed = topics.of(run.last) - topics.of(run.first)
        return float(crossed), float(crossed == 0)

    return measure


def _opens_topic(topics: Topics) -> Measure:
    """How many sentences of its topic come before it: none at best, five or more at worst."""
    begins = (0, *topics.starts)

    def measure(run: Run) -> tuple[float, float]:
        before = run.first - begins[topics.of(run.first)]
        return float(before), max(0.0, 1 - before / 5)

    return measure


def _length(wanted: Wanted) -> Measure:
    least, most = wanted.min_seconds, wanted.max_seconds
    best = least + (most - least) * BEST_LENGTH_SHARE

    def measure(run: Run) -> tuple[float, float]:
        room = (best - least) if run.seconds < best else (most - best)
        return run.seconds, 1.0 if room <= 0 else max(0.0, 1 - abs(run.seconds - best) / room)

    return measure


def _position(duration_seconds: float) -> Measure:
    return lambda run: (run.start_seconds, 1 - min(1.0, run.start_seconds / duration_seconds))
