"""Which of many candidates are shown: good ones that are unlike each other (maximal marginal relevance, Carbonell and Goldstein 1998)."""

from collections.abc import Sequence

from domain.clips.candidates import Candidate
from domain.features.writing import fold, tokens

# How many, where nobody says: one for so many seconds of video, within these bounds.
FLOOR, CEILING, SECONDS_EACH = 4, 9, 360.0
# Two that begin and end this close to each other in all are one (ClipsAI's figure); so are two that share so much time or so many words.
NEAR_SECONDS, SHARED_TIME, SHARED_WORDS = 15.0, 0.25, 0.6
# How much being like another one takes away, of a score of 1.
LIKENESS_WEIGHT = 0.15
_SAME_TOPIC = 0.5


def aim(duration_seconds: float, count: int | None) -> int:
    """How many are wanted: what was asked for, else 4 to 9 by the length of the video."""
    return count if count is not None else min(CEILING, max(FLOOR, round(duration_seconds / SECONDS_EACH)))


def unlike(candidates: Sequence[Candidate], wanted: int) -> list[Candidate]:
    """At most so many, best first, no two nearly the same. `candidates`: best first."""
    words = _Words()
    left = dict.fromkeys(range(len(candidates)), 0.0)
    chosen: list[Candidate] = []
    while left and len(chosen) < wanted:
        best = max(left, key=lambda at: (candidates[at].ranking_score - LIKENESS_WEIGHT * left[at], -at))
        taken = candidates[best]
        chosen.append(taken)
        left = {
            at: max(likeness, _likeness(taken, other, words))
            for at, likeness in left.items()
            if at != best and not is_near((other := candidates[at]), taken) and words.shared(other, taken) < SHARED_WORDS
        }
    return sorted(chosen, key=lambda each: (-each.ranking_score, each.start_seconds))


def is_near(one: Candidate, other: Candidate) -> bool:
    """Whether both are the same part, or a quarter of the shorter lies in the other."""
    apart = abs(one.start_seconds - other.start_seconds) + abs(one.end_seconds - other.end_seconds)
    shared = min(one.end_seconds, other.end_seconds) - max(one.start_seconds, other.start_seconds)
    return apart < NEAR_SECONDS or shared >= SHARED_TIME * min(one.seconds, other.seconds)


def _likeness(one: Candidate, other: Candidate, words: "_Words") -> float:
    return max(words.shared(one, other), _SAME_TOPIC if one.topic == other.topic else 0.0)


class _Words:
    """The words of candidates, looked up once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], frozenset[str]] = {}

    def shared(self, one: Candidate, other: Candidate) -> float:
        """Of the words of both, those that stand in both (Jaccard)."""
        first, second = self._of(one), self._of(other)
        both = len(first & second)
        return both / (len(first) + len(second) - both) if both else 0.0

    def _of(self, candidate: Candidate) -> frozenset[str]:
        key = (candidate.first, candidate.last)
        if key not in self._found:
            self._found[key] = frozenset(tokens(fold(candidate.text)))
        return self._found[key]
