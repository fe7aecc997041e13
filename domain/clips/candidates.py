"""A part of a video that could be a clip. How candidates are found and ranked is in `choosing`."""

from dataclasses import dataclass

from domain.clips.runs import Absent, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Sentences `first` to `last` (counted from 0), and why they rank where they do. `topic`: that of the first sentence, from 0.

    `absent`: signals that tell nothing of this part, or of this video, each with why.
    """

    first: int
    last: int
    start_seconds: float
    end_seconds: float
    text: str
    ranking_score: float
    reasons: tuple[Reason, ...]
    absent: tuple[Absent, ...] = ()
    topic: int = 0

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds
