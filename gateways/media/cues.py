"""Caption files as cues, told by their content. WebVTT and SubRip are read here, others in the modules beside; drawing is in `captions`.

Our own reader, because pysubs2 takes WebVTT's notes and names of cues for text, drops a last line that is a number, and passes over
timing lines that it does not understand: captions would be wrong or missing, and nobody would know.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.media import Cue
from gateways.media.cue_markup import plain, webvtt_cue
from gateways.media.cue_text import (
    ACCEPTED,
    FILE_BYTES,
    LINE_CHARACTERS,
    MOST_CUES,
    Segment,
    cue_of,
    decoded,
    demand_few,
    demand_short,
    refused,
)
from gateways.media.cues_ass import is_ass, read_ass
from gateways.media.cues_youtube import is_json3, is_timed_text, read_json3, read_timed_text

__all__ = ["FILE_BYTES", "MOST_CUES", "read_captions", "read_plain"]

_ARROW = "-->"
_TIME = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*{_ARROW}\s*{_TIME}(?:\s.*)?\s*\Z", re.ASCII)
_OTHERS = ((is_ass, read_ass), (is_json3, read_json3), (is_timed_text, read_timed_text))


@dataclass(slots=True)
class _Open:
    """A cue whose lines are still being read."""

    start_seconds: float
    end_seconds: float
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def read_captions(content: bytes) -> tuple[Cue, ...]:
    """The file's cues in its own order, without markup; empty ones are left out. Raises Unacceptable, naming the line at fault.

    A cue whose file has times of words, or names who speaks, is a SpokenCue.
    """
    text = decoded(content)
    if re.match(r"WEBVTT(?=[ \t\n]|\Z)", text):
        return _some(webvtt_cue(each.start_seconds, each.end_seconds, each.text) for each in _cues(text, is_vtt=True))
    for is_one, read in _OTHERS:
        if is_one(text):
            return _some(read(text))
    if _ARROW not in text:
        raise refused("it is no caption file that we know", ACCEPTED)
    return _some(_cue(each, plain(each.text)) for each in _cues(text, is_vtt=False))


def read_plain(content: bytes) -> tuple[Cue, ...]:
    """The same of SubRip without markup, as ffmpeg writes it."""
    return _some(_cue(each, each.text) for each in _cues(decoded(content), is_vtt=False))


def _cue(read: _Open, text: str) -> Cue:
    return cue_of(read.start_seconds, read.end_seconds, (Segment(text=text),))


def _some(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    found = tuple(cue for cue in cues if cue.text and cue.end_seconds > cue.start_seconds)
    if not found:
        raise refused("it holds no caption", ACCEPTED)
    return found


def _cues(text: str, *, is_vtt: bool) -> Iterator[_Open]:
    """Line by line: a timing line opens a cue, the next one closes it. In WebVTT so does an empty line, for a note may follow
    (one of spaces is text: YouTube begins its cues so).
    """
    now: _Open | None = None
    count, before = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if _ARROW in line:
            if now:
                yield _without_next_name(now, before, is_vtt=is_vtt)
            now, count = _opened(line, number), count + 1
            demand_few(count)
        elif now and (line or not is_vtt):
            now.lines.append(line[:LINE_CHARACTERS])
            demand_short(len(now.lines))
        elif now:
            yield now
            now = None
        before = line
    if now:
        yield now


def _without_next_name(cue: _Open, before: str, *, is_vtt: bool) -> _Open:
    """SubRip numbers its cues: the number right before a timing line belongs to the cue that begins there."""
    if not is_vtt and cue.lines and before.strip().isdecimal():
        cue.lines.pop()
    return cue


def _opened(line: str, number: int) -> _Open:
    match = _TIMING.match(line)
    times = match.groups() if match else ()
    if match is None or (end := _seconds(*times[4:])) < (start := _seconds(*times[:4])):
        shown = line.strip()[:60]
        raise refused(f"line {number} is no time from a start to an end: {shown}", "mend the line")
    return _Open(start, end)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000
