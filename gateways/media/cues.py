"""Caption files as cues: WebVTT and SubRip, told by their content. How captions are drawn is in `captions`.

Our own reader, because pysubs2 takes WebVTT's notes and names of cues for text, drops a last line that is a number, and passes over
timing lines that it does not understand: captions would be wrong or missing, and nobody would know.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.errors import FieldProblem, Unacceptable
from domain.media import CAPTION_FORMATS, Cue
from gateways.files.text import survey

FILE_BYTES = 5_000_000
MOST_CUES = 20_000
_LINE_CHARACTERS = 2000
_ARROW = "-->"
_TIME = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*{_ARROW}\s*{_TIME}(?:\s.*)?\s*\Z", re.ASCII)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>")  # also WebVTT's times inside a cue
_OVERRIDE = re.compile(r"\{\\[^}]*\}")  # ASS, which SubRip files carry along
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_ACCEPTED = f"send {' or '.join(CAPTION_FORMATS.values())}"


@dataclass(slots=True)
class _Open:
    """A cue whose lines are still being read."""

    start_seconds: float
    end_seconds: float
    lines: list[str] = field(default_factory=list)


def read_captions(content: bytes) -> tuple[Cue, ...]:
    """The file's cues in its own order, without markup; empty ones are left out. Raises Unacceptable, naming the line at fault."""
    text = _text(content)
    is_vtt = re.match(r"WEBVTT(?=[ \t\n]|\Z)", text) is not None
    if not is_vtt and _ARROW not in text:
        raise _refused("it is no caption file that we know", _ACCEPTED)
    return _some(_cleaned(_cues(text, is_vtt=is_vtt), is_vtt=is_vtt))


def read_plain(content: bytes) -> tuple[Cue, ...]:
    """The same of SubRip without markup, as ffmpeg writes it."""
    return _some(Cue(each.start_seconds, each.end_seconds, _tidy("\n".join(each.lines))) for each in _cues(_text(content), is_vtt=False))


def _some(cues: Iterator[Cue]) -> tuple[Cue, ...]:
    found = tuple(cue for cue in cues if cue.text and cue.end_seconds > cue.start_seconds)
    if not found:
        raise _refused("it holds no caption", _ACCEPTED)
    return found


def _text(content: bytes) -> str:
    if len(content) > FILE_BYTES:
        raise _refused(f"it has more than {FILE_BYTES:,} bytes", "split it")
    encoding = survey(lambda: iter((content,))).encoding
    if content[:2].count(0) == 1:  # UTF-16 without a mark
        encoding = "utf-16-le" if content[1] == 0 else "utf-16-be"
    return content.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _cues(text: str, *, is_vtt: bool) -> Iterator[_Open]:
    """Line by line: a timing line opens a cue, the next one closes it. In WebVTT so does an empty line, for a note may follow."""
    now: _Open | None = None
    count, before = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if _ARROW in line:
            if now:
                yield _without_next_name(now, before, is_vtt=is_vtt)
            now, count = _opened(line, number), count + 1
            _demand_few(count)
        elif now and (line.strip() or not is_vtt):
            now.lines.append(line[:_LINE_CHARACTERS])
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
        raise _refused(f"line {number} is no time from a start to an end: {shown}", "mend the line")
    return _Open(start, end)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000


def _cleaned(cues: Iterator[_Open], *, is_vtt: bool) -> Iterator[Cue]:
    for cue in cues:
        text = _OVERRIDE.sub("", _TAG.sub("", "\n".join(cue.lines)))
        # Escapes last: what was escaped is text and no tag.
        yield Cue(cue.start_seconds, cue.end_seconds, _tidy(html.unescape(text) if is_vtt else text))


def _tidy(text: str) -> str:
    lines = (" ".join(_NOT_TEXT.sub(" ", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _demand_few(count: int) -> None:
    if count > MOST_CUES:
        raise _refused(f"it has more than {MOST_CUES:,} captions", "split it")


def _refused(detail: str, advice: str) -> Unacceptable:
    return Unacceptable(f"the captions cannot be read: {detail}", (FieldProblem("captions", f"{detail}; {advice}"),))
