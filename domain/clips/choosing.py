"""Choosing what to cut out: runs of whole sentences within the bounds and within one topic, ranked by signals that are shown.

The ranking score orders the candidates of one video. Its weights are ours, they were fitted to nothing, and it predicts no views. What
signals there are is in `signals`, where topics end in `segmenting`, where a cut may fall in `room`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.clips.asked import LONGEST_SECONDS, SHORTEST_SECONDS, Wanted
from domain.clips.candidates import Candidate as Candidate
from domain.clips.diversity import aim, unlike
from domain.clips.room import LEAD_SECONDS as LEAD_SECONDS
from domain.clips.room import TAIL_SECONDS as TAIL_SECONDS
from domain.clips.room import edges
from domain.clips.runs import Absent, Run
from domain.clips.signals import Signals, score_of
from domain.clips.source import Source
from domain.clips.topics import Topics
from domain.errors import FieldProblem, Unacceptable

METHOD = "clip-ranking/2"
# Fewer sentences have no topics to tell apart; numpy is not loaded for them.
_LEAST_SENTENCES = 6


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first, no two nearly the same. `absent`: signals that cannot be had for this video. `topics`: where they end."""

    candidates: tuple[Candidate, ...]
    absent: tuple[Absent, ...]
    topics: Topics
    method: str = METHOD


def rank(source: Source, wanted: Wanted) -> Ranking:
    """The candidates of a video: `wanted.count` of them, or 4 to 9, as far as it has so many that are unlike each other.

    Raises Unacceptable where there is none, saying what would help.
    """
    signals = Signals(source, wanted, topics_in(source))
    found = every(source, wanted, signals)
    if not found:
        raise _none(source, wanted)
    return Ranking(tuple(unlike(found, aim(source.duration_seconds, wanted.count))), signals.absent, signals.topics)


def every(source: Source, wanted: Wanted, signals: Signals) -> list[Candidate]:
    """Every run that may be chosen, best first; of equals the earlier, then the shorter."""
    topics = signals.topics
    fitting = [run for run in runs(source, longest_seconds=wanted.max_seconds) if run.seconds >= wanted.min_seconds]
    # Where no topic holds a clip that is long enough, one may reach into the next.
    inside = [run for run in fitting if topics.of(run.first) == topics.of(run.last)]
    found = [_candidate(run, source, signals) for run in inside or fitting]
    return sorted(found, key=lambda each: (-each.ranking_score, each.start_seconds, each.end_seconds))


def topics_in(source: Source) -> Topics:
    """Where its topics end; a maker's chapters end topics as well."""
    if len(source.sentences) < _LEAST_SENTENCES:
        found = Topics(len(source.sentences))
    else:
        from domain.clips.segmenting import topics_of  # loads numpy, which the process that is forked must not have

        found = topics_of([each.text for each in source.sentences], source.language_code, source.vectors)
    return found.with_chapters(source.chapters, source.sentences)


def runs(source: Source, *, longest_seconds: float) -> Iterator[Run]:
    """Every run of neighbouring sentences that is not too long, with the room around it, to the millisecond."""
    starts, ends = edges(source)
    for first, start in enumerate(starts):
        for last in range(first, len(ends)):
            run = Run(first, last, round(start, 3), round(ends[last], 3))
            if run.seconds > longest_seconds:
                break
            yield run


def _candidate(run: Run, source: Source, signals: Signals) -> Candidate:
    reasons, absent = signals.of(run)
    return Candidate(
        first=run.first,
        last=run.last,
        start_seconds=run.start_seconds,
        end_seconds=run.end_seconds,
        text=" ".join(each.text for each in source.sentences[run.first : run.last + 1]),
        ranking_score=score_of(reasons),
        reasons=reasons,
        absent=signals.absent + absent,
        topic=signals.topics.of(run.first),
    )


def _none(source: Source, wanted: Wanted) -> Unacceptable:
    """Why there is no candidate, and what would help."""
    if not source.sentences:
        return Unacceptable(
            "the captions hold no spoken words: there are no sentences to choose from",
            (FieldProblem("captions", "send captions of what is said in the video"),),
        )
    lengths = list(_lengths(source, wanted.max_seconds))
    below = max((each for each in lengths if each < wanted.min_seconds), default=None)
    above = min((each for each in lengths if each > wanted.max_seconds), default=None)
    near = [f"{each:.1f} s" for each in (below, above) if each is not None]
    advice = []
    if below is not None and int(below) >= SHORTEST_SECONDS:
        advice.append(FieldProblem("min_seconds", f"choose {int(below)} or less"))
    if above is not None and int(above) + 1 <= LONGEST_SECONDS:
        advice.append(FieldProblem("max_seconds", f"choose {int(above) + 1} or more"))
    why = f"no run of whole sentences has {wanted.min_seconds:g} to {wanted.max_seconds:g} s; the nearest have {' and '.join(near)}"
    return Unacceptable(why, tuple(advice))


def _lengths(source: Source, most: float) -> Iterator[float]:
    """Of every run that is not too long, and of the shortest from each sentence that is."""
    starts, ends = edges(source)
    for first, start in enumerate(starts):
        for end in ends[first:]:
            yield end - start
            if end - start > most:
                break
