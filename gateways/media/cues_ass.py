"""Subtitles of (Advanced) SubStation Alpha as cues: text, actors and karaoke times. Styles, drawings and overrides are taken away.

Our own reader, because pysubs2 knows no karaoke and passes over lines it does not understand. Nothing of a file reaches a renderer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from domain.media import Cue
from gateways.media.cue_text import LINE_CHARACTERS, Segment, cue_of, demand_few, refused

_SECTION = re.compile(r"\[(Script Info|V4\+? Styles|V4\+\+ Styles|Events)\]", re.IGNORECASE)
_TIME = re.compile(r"(-?)(\d{1,4}):([0-5]?\d):([0-5]?\d)[.:](\d{1,3})", re.ASCII)
_BLOCK = re.compile(r"(\{[^{}]*\})")
_KARAOKE = re.compile(r"\\(?:kf|ko|k|K)(\d{1,6})")
_DRAWING = re.compile(r"\\p(\d)")
_DEFAULT = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


def is_ass(text: str) -> bool:
    """Whether it begins as such a file does, comments aside."""
    lines = (line.strip().lstrip("\ufeff") for line in text[:10_000].split("\n"))
    first = next((line for line in lines if line and not line.startswith(";")), "")
    return _SECTION.fullmatch(first) is not None


def read_ass(text: str) -> Iterator[Cue]:
    """The dialogue in the file's order. Raises Unacceptable, naming the line at fault."""
    names: Sequence[str] = _DEFAULT
    section, count = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        kind, _, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip().lower()
        elif section != "[events]":
            continue
        elif kind.strip().lower() == "format":
            names = [name.strip().lower() for name in rest.split(",")]
        elif kind.strip().lower() == "dialogue":
            count += 1
            demand_few(count)
            yield _cue(_fields(names, rest, number), number)


def _fields(names: Sequence[str], rest: str, number: int) -> Mapping[str, str]:
    """The columns of an event; the last one, its text, may hold commas."""
    values = rest.strip().split(",", len(names) - 1)
    if len(values) != len(names) or not {"start", "end", "text"} <= set(names):
        raise refused(f"line {number} has not the columns that its format names", "mend the line")
    return dict(zip(names, values, strict=True))


def _cue(fields: Mapping[str, str], number: int) -> Cue:
    start, end = _seconds(fields["start"], number), _seconds(fields["end"], number)
    voice = " ".join(fields.get("name", fields.get("actor", "")).split()) or None
    return cue_of(start, end, _segments(fields["text"][:LINE_CHARACTERS], start, end, voice))


def _segments(text: str, start: float, end: float, voice: str | None) -> Iterator[Segment]:
    moment, passed, is_drawing = None, 0, False
    for part in _BLOCK.split(text):
        if not _BLOCK.fullmatch(part):
            if not is_drawing:
                yield Segment(text=_unescaped(part), start_seconds=moment, voice=voice)
            moment = None
            continue
        for found in _KARAOKE.finditer(part):
            moment = min(start + passed / 100, end)
            passed += int(found[1])
        for found in _DRAWING.finditer(part):
            is_drawing = found[1] != "0"


def _unescaped(text: str) -> str:
    return text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")


def _seconds(text: str, number: int) -> float:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise refused(f"line {number} is no time from a start to an end: {text.strip()[:60]}", "mend the line")
    sign, hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    found = (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000
    return -found if sign else found
