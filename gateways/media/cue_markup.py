"""Markup inside the cues of WebVTT: voices and times are read, the rest is taken away."""

import html
import re
from collections.abc import Iterator

from domain.media import Cue
from gateways.media.cue_text import Segment, cue_of

_TAG = re.compile(r"(</?[A-Za-z][^<>]*>|<\d[\d:.]*>)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>", re.IGNORECASE)
_TIME = re.compile(r"<(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)\.(\d{3})>", re.ASCII)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # ASS, which SubRip files carry along


def plain(text: str) -> str:
    """SubRip without its tags."""
    return _OVERRIDE.sub("", _TAG.sub("", text))


def webvtt_cue(start_seconds: float, end_seconds: float, text: str) -> Cue:
    """A cue of WebVTT with the times of its words and its voices. Times outside the cue, or going back, are passed over."""
    return cue_of(start_seconds, end_seconds, _segments(_OVERRIDE.sub("", text), start_seconds, end_seconds))


def _segments(text: str, start_seconds: float, end_seconds: float) -> Iterator[Segment]:
    latest, voice = -1.0, None
    for number, line in enumerate(text.split("\n")):
        moment = start_seconds if latest < 0 and _begins_unmarked(line, start_seconds, end_seconds) else None
        if number:
            yield Segment(text="\n")
        for part in _TAG.split(line):
            if (seconds := _time(part)) is not None:
                moment = seconds if max(latest, start_seconds) <= seconds <= end_seconds else None
                latest = latest if moment is None else moment
            elif found := _VOICE.fullmatch(part):
                voice = " ".join(html.unescape(found[1]).split())
            elif part.lower() == "</v>":
                voice = None
            elif part and not _TAG.fullmatch(part):
                # Escapes last: what was escaped is text and no tag.
                yield Segment(text=html.unescape(part), start_seconds=moment, voice=voice)
                moment = None if part.strip() else moment


def _begins_unmarked(line: str, start_seconds: float, end_seconds: float) -> bool:
    """Whether a line whose words are timed has a first word without: it is said when the cue begins (YouTube)."""
    first = _TIME.search(line)
    if first is None or not _TAG.sub("", line[: first.start()]).strip():
        return False
    return start_seconds <= (_time(first[0]) or 0.0) <= end_seconds


def _time(tag: str) -> float | None:
    """The seconds of a tag that is a time."""
    match = _TIME.fullmatch(tag)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction) / 1000
