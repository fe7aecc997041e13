"""What a clip shall be: its bounds in seconds, and how many are wanted. Which part of a video fits them is in `domain.clips.choosing`."""

from dataclasses import dataclass

from domain.errors import FieldProblem, Unacceptable

DEFAULT_SECONDS = (15.0, 60.0)
SHORTEST_SECONDS, LONGEST_SECONDS = 3.0, 180.0
MOST_CLIPS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """The shortest and the longest clip that is wanted, and how many (None: as many as the video is good for)."""

    min_seconds: float
    max_seconds: float
    count: int | None = None

    @classmethod
    def of(cls, min_seconds: float | None = None, max_seconds: float | None = None, count: int | None = None) -> "Wanted":
        """Bounds as asked for; one that is left out gives way to the other. Raises Unacceptable, naming every bound at fault."""
        named = {"min_seconds": min_seconds, "max_seconds": max_seconds}
        detail = f"choose from {SHORTEST_SECONDS:.0f} to {LONGEST_SECONDS:.0f} seconds"
        problems = [FieldProblem(name, detail) for name, value in named.items() if value is not None and not is_allowed(value)]
        if count is not None and not 1 <= count <= MOST_CLIPS:
            problems.append(FieldProblem("count", f"choose from 1 to {MOST_CLIPS} clips"))
        least, most = DEFAULT_SECONDS
        if min_seconds is None:
            min_seconds = least if max_seconds is None else min(least, max_seconds)
        if max_seconds is None:
            max_seconds = max(most, min(2 * min_seconds, LONGEST_SECONDS))
        if not problems and min_seconds > max_seconds:
            problems = [FieldProblem("min_seconds", f"choose at most max_seconds ({max_seconds:g})")]
        if problems:
            raise Unacceptable("the bounds of the clip cannot be accepted", tuple(problems))
        return cls(min_seconds, max_seconds, count)


def is_allowed(seconds: float) -> bool:
    return SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS


def check_length(duration_seconds: float, wanted: Wanted) -> None:
    """A video shorter than the shortest clip is refused before anything else is done."""
    if duration_seconds >= wanted.min_seconds:
        return
    why = f"the video has {duration_seconds:.1f} s, the clip shall have at least {wanted.min_seconds:g} s"
    longest = int(duration_seconds)
    advice = f"choose {longest} or less" if longest >= SHORTEST_SECONDS else f"send a video of {SHORTEST_SECONDS:.0f} s or more"
    raise Unacceptable(why, (FieldProblem("min_seconds", advice),))
