"""Choosing what to cut out: runs of whole sentences within the bounds, ranked by named, cheap signals. What a signal is, is in `signals`.

The ranking score orders the candidates of one video. It is ours, it was fitted to nothing, and it predicts no views.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.clips.asked import LONGEST_SECONDS, SHORTEST_SECONDS, Wanted
from domain.clips.signals import Reason, Run, reasons_of
from domain.errors import FieldProblem, Unacceptable
from domain.transcripts import Sentence

METHOD = "clip-ranking/1"
# Room before the first word and after the last one; never more than the silence that is there.
LEAD_SECONDS, TAIL_SECONDS = 0.35, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A part of a video that could be a clip: sentences `first` to `last` (counted from 0), and why it ranks where it does."""

    first: int
    last: int
    start_seconds: float
    end_seconds: float
    text: str
    ranking_score: float
    reasons: tuple[Reason, ...]

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def choose_clip(sentences: Sequence[Sentence], *, duration_seconds: float, wanted: Wanted, is_english: bool) -> Candidate:
    """The candidate that ranks first; the same words and bounds give the same one. Raises Unacceptable, saying what would help."""
    if not sentences:
        raise Unacceptable(
            "the captions hold no spoken words: there are no sentences to choose from",
            (FieldProblem("captions", "send captions of what is said in the video"),),
        )
    found = rank_clips(sentences, duration_seconds=duration_seconds, wanted=wanted, is_english=is_english)
    if not found:
        raise _nothing_fits(sentences, duration_seconds, wanted)
    return found[0]


def rank_clips(sentences: Sequence[Sentence], *, duration_seconds: float, wanted: Wanted, is_english: bool) -> list[Candidate]:
    """Every run of whole sentences that is within the bounds, best first; of equals the earlier, then the shorter."""
    whole = (wanted.min_seconds, wanted.max_seconds)
    found = [
        _candidate(run, duration_seconds, whole, is_english=is_english)
        for run in runs(sentences, duration_seconds, longest_seconds=wanted.max_seconds)
        if run.seconds >= wanted.min_seconds
    ]
    return sorted(found, key=lambda each: (-each.ranking_score, each.start_seconds, each.end_seconds))


def runs(sentences: Sequence[Sentence], duration_seconds: float, *, longest_seconds: float) -> Iterator[Run]:
    """Every run of neighbouring sentences that is not too long, with the room around it."""
    for first in range(len(sentences)):
        for last in range(first, len(sentences)):
            run = _run(sentences, first, last, duration_seconds)
            if run.seconds > longest_seconds:
                break
            yield run


def _run(sentences: Sequence[Sentence], first: int, last: int, duration_seconds: float) -> Run:
    start, end = sentences[first].start_seconds, sentences[last].end_seconds
    before = sentences[first - 1].end_seconds if first else 0.0
    after = sentences[last + 1].start_seconds if last + 1 < len(sentences) else duration_seconds
    return Run(
        first=first,
        sentences=tuple(sentences[first : last + 1]),
        start_seconds=max(0.0, start - max(0.0, min(LEAD_SECONDS, start - before))),
        end_seconds=min(duration_seconds, end + max(0.0, min(TAIL_SECONDS, after - end))),
    )


def _candidate(run: Run, duration_seconds: float, bounds: tuple[float, float], *, is_english: bool) -> Candidate:
    reasons = reasons_of(run, duration_seconds=duration_seconds, bounds=bounds, is_english=is_english)
    score = sum(each.weight * each.share for each in reasons) / sum(each.weight for each in reasons)
    return Candidate(
        first=run.first,
        last=run.first + len(run.sentences) - 1,
        start_seconds=round(run.start_seconds, 3),
        end_seconds=round(run.end_seconds, 3),
        text=" ".join(each.text for each in run.sentences),
        ranking_score=round(score, 4),
        reasons=reasons,
    )


def _nothing_fits(sentences: Sequence[Sentence], duration_seconds: float, wanted: Wanted) -> Unacceptable:
    """Why no run of whole sentences is within the bounds, and which bound to move."""
    below, above = _nearest(sentences, duration_seconds, wanted)
    near = [f"{each:.1f} s" for each in (below, above) if each is not None]
    advice = []
    if below is not None and int(below) >= SHORTEST_SECONDS:
        advice.append(FieldProblem("min_seconds", f"choose {int(below)} or less"))
    if above is not None and int(above) + 1 <= LONGEST_SECONDS:
        advice.append(FieldProblem("max_seconds", f"choose {int(above) + 1} or more"))
    why = f"no run of whole sentences has {wanted.min_seconds:g} to {wanted.max_seconds:g} s; the nearest have {' and '.join(near)}"
    return Unacceptable(why, tuple(advice))


def _nearest(sentences: Sequence[Sentence], duration_seconds: float, wanted: Wanted) -> tuple[float | None, float | None]:
    """The longest run that is too short, and the shortest one that is too long."""
    below: float | None = None
    above: float | None = None
    for first in range(len(sentences)):
        for last in range(first, len(sentences)):
            seconds = _run(sentences, first, last, duration_seconds).seconds
            if seconds > wanted.max_seconds:
                above = seconds if above is None else min(above, seconds)
                break
            below = seconds if below is None else max(below, seconds)
    return below, above
