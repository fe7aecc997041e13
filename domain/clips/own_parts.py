"""A part that a user chose: its ends are moved so that no word is cut. Parts that we choose are in `choosing`."""

from collections.abc import Sequence

from domain.clips.asked import LONGEST_SECONDS, SHORTEST_SECONDS
from domain.errors import FieldProblem, Unacceptable
from domain.transcripts import Word, text_of

# Room before the first word and after the last one, where it is silent there.
LEAD_SECONDS, TAIL_SECONDS = 0.2, 0.3


def fitted(span: tuple[float, float], words: Sequence[Word], *, duration_seconds: float, pointer: str = "") -> tuple[float, float]:
    """The span, its ends moved outward to the edges of the words they fall into. Raises Unacceptable at `pointer`."""
    start, end = span
    if not 0 <= start < end <= duration_seconds + 0.5:
        detail = f"choose a part between 0 and {duration_seconds:.1f} s"
        raise Unacceptable("the part is not in the video", (FieldProblem(pointer, detail),))
    cut = [word for word in words if word.start_seconds < start < word.end_seconds or word.start_seconds < end < word.end_seconds]
    start = min([start, *(max(0.0, word.start_seconds - LEAD_SECONDS) for word in cut if word.start_seconds < start < word.end_seconds)])
    end = max([end, *(word.end_seconds + TAIL_SECONDS for word in cut if word.start_seconds < end < word.end_seconds)])
    start, end = round(start, 3), round(min(end, duration_seconds), 3)
    if not SHORTEST_SECONDS <= end - start <= LONGEST_SECONDS:
        detail = f"choose a part of {SHORTEST_SECONDS:.0f} to {LONGEST_SECONDS:.0f} seconds"
        raise Unacceptable(f"the part has {end - start:.1f} s", (FieldProblem(pointer, detail),))
    return start, end


def said_in(span: tuple[float, float], words: Sequence[Word]) -> str:
    """The words of a part."""
    return text_of([word for word in words if span[0] <= word.start_seconds < span[1]])
