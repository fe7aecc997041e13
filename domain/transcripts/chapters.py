"""The maker's own chapters: of a chapter file, or of a list of times in the description. Topics that we find are not here."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from domain.media import Cue
from domain.transcripts.values import Chapter

# https://support.google.com/youtube/answer/9884579: three or more, rising, the first at 0:00, each 10 seconds or longer.
LEAST_CHAPTERS, LEAST_SECONDS = 3, 10.0
MOST_CHAPTERS, TITLE_CHARACTERS = 1_000, 200
_TIME = r"(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)"
_BEFORE = re.compile(rf"\W{{0,3}}(?:\d{{1,3}}[.)]\s+\W?)?{_TIME}(?!\d|:\d)(.*)")
_AFTER = re.compile(rf"(.*?\S)\W*\b{_TIME}\W{{0,2}}")
_LINE_CHARACTERS = 500


def chapters_of_cues(cues: Sequence[Cue], *, duration_seconds: float | None = None) -> tuple[Chapter, ...]:
    """The chapters of a WebVTT chapter file, in order; one ends at the latest when the next one begins, and none begins after the end."""
    until = float("inf") if duration_seconds is None else duration_seconds
    inside = sorted((cue for cue in cues if cue.text.strip() and cue.start_seconds < until), key=lambda cue: cue.start_seconds)
    found = []
    for cue, after in zip_longest(inside[:MOST_CHAPTERS], inside[1:MOST_CHAPTERS]):
        start, end = max(0.0, cue.start_seconds), min(cue.end_seconds, until, after.start_seconds if after else until)
        if end > start:
            found.append(Chapter(start_seconds=start, end_seconds=end, title=_title(cue.text)))
    return tuple(found)


def chapters_of_description(description: str, *, duration_seconds: float) -> tuple[Chapter, ...]:
    """The chapters that YouTube makes of a description: lines with a time and a title. None where its rules are not kept."""
    lines = [line.strip()[:_LINE_CHARACTERS] for line in description.splitlines()]
    for read in (_time_first, _time_last):
        found = [each for line in lines if (each := read(line))]
        if _is_list(found, duration_seconds):
            return tuple(_chapters(found, duration_seconds))
    return ()


def _time_first(line: str) -> tuple[float, str] | None:
    match = _BEFORE.match(line)
    return (_seconds(*match.groups()[:3]), match[4]) if match else None


def _time_last(line: str) -> tuple[float, str] | None:
    match = _AFTER.fullmatch(line)
    return (_seconds(*match.groups()[1:]), match[1]) if match else None


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return float(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds))


def _is_list(found: Sequence[tuple[float, str]], duration_seconds: float) -> bool:
    moments = [seconds for seconds, _ in found]
    if not LEAST_CHAPTERS <= len(found) <= MOST_CHAPTERS or moments[0] != 0:
        return False
    return all(after - before >= LEAST_SECONDS for before, after in pairwise([*moments, duration_seconds]))


def _chapters(found: Sequence[tuple[float, str]], duration_seconds: float) -> Iterator[Chapter]:
    for (start, title), end in zip(found, [*(seconds for seconds, _ in found[1:]), duration_seconds], strict=True):
        yield Chapter(start_seconds=start, end_seconds=end, title=_title(title))


def _title(text: str) -> str:
    """What is left of the line beside its time, without the dash or colon between; may be empty."""
    return re.sub(r"^[\s\-‐‑–—:|.)\]]+|[\s\-‐‑–—:|(\[]+$", "", " ".join(text.split()))[:TITLE_CHARACTERS]
