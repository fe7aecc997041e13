"""YouTube's own caption formats as cues: json3, and XML (srv3 and the oldest one, srv1). Words keep their offsets and their confidence."""

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from domain.media import Cue
from domain.transcripts.timing import longest_seconds
from gateways.media.cue_text import LONGEST_SECONDS, Segment, cue_of, demand_few, refused

_CONFIDENCE = 255.0


@dataclass(frozen=True, slots=True)
class _Event:
    """What is shown at once; times are seconds. `ends` is None where the file does not say."""

    starts: float
    ends: float | None
    segments: tuple[Segment, ...]


def is_json3(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def is_timed_text(text: str) -> bool:
    head = text.lstrip()[:1000]
    return head.startswith("<") and ("<timedtext" in head or "<transcript" in head)


def read_json3(text: str) -> Iterator[Cue]:
    """The cues of a json3 file. Raises Unacceptable where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise refused("it begins like JSON and is none", "send YouTube's json3 as it was downloaded") from None
    events = found.get("events") if isinstance(found, dict) else None
    if not isinstance(events, list):
        raise refused("it has no list of events, as YouTube's json3 has", "send it as it was downloaded")
    return _cues([_event(each, number) for number, each in enumerate(events, 1) if isinstance(each, dict) and each.get("segs")])


def read_timed_text(text: str) -> Iterator[Cue]:
    """The cues of YouTube's XML. Raises Unacceptable where it is broken, or declares a document type."""
    if "<!" in text:
        raise refused("it declares a document type or hides parts", "send YouTube's captions as they were downloaded")
    try:
        root = ET.fromstring(text)  # noqa: S314 - see above
    except (ET.ParseError, ValueError):
        raise refused("it begins like XML and is none", "send YouTube's captions as they were downloaded") from None
    rows = [*root.iter("p")] if root.tag == "timedtext" else [*root.iter("text")]
    read = _paragraph if root.tag == "timedtext" else _text
    return _cues([read(row, number) for number, row in enumerate(rows, 1)])


def _event(each: dict[str, object], number: int) -> _Event:
    starts = _seconds(each.get("tStartMs", 0), number, 1000)
    lasts = each.get("dDurationMs")
    rows = each["segs"] if isinstance(each["segs"], list) else []
    segments = tuple(_segment(row, starts, number) for row in rows if isinstance(row, dict) and isinstance(row.get("utf8"), str))
    return _Event(starts, None if lasts is None else starts + _seconds(lasts, number, 1000), segments)


def _segment(row: dict[str, object], starts: float, number: int) -> Segment:
    sure, offset = row.get("acAsrConf"), row.get("tOffsetMs")
    probability = sure / _CONFIDENCE if isinstance(sure, int) and not isinstance(sure, bool) and 0 <= sure <= _CONFIDENCE else None
    moment = None if offset is None else starts + _seconds(offset, number, 1000)
    return Segment(text=str(row["utf8"]), start_seconds=moment, probability=probability or None)


def _paragraph(row: ET.Element, number: int) -> _Event:
    starts = _seconds(row.get("t", "0"), number, 1000)
    lasts = row.get("d")
    segments = [Segment(text=row.text or "")]
    for part in row.findall("s"):
        offset = part.get("t")
        moment = None if offset is None else starts + _seconds(offset, number, 1000)
        segments.append(Segment(text=part.text or "", start_seconds=moment))
    return _Event(starts, None if lasts is None else starts + _seconds(lasts, number, 1000), tuple(segments))


def _text(row: ET.Element, number: int) -> _Event:
    starts = _seconds(row.get("start", "0"), number, 1)
    lasts = row.get("dur")
    return _Event(starts, None if lasts is None else starts + _seconds(lasts, number, 1), (Segment(text=row.text or ""),))


def _cues(events: Sequence[_Event]) -> Iterator[Cue]:
    """An event without an end lasts until the next begins; the last one, as long as its words can."""
    demand_few(len(events))
    has_times = any(segment.start_seconds is not None for event in events for segment in event.segments)
    for event, after in zip_longest(events, events[1:]):
        text = "".join(segment.text for segment in event.segments)
        ends = event.ends
        if ends is None:
            ends = after.starts if after else event.starts + sum(map(longest_seconds, text.split()))
        yield cue_of(event.starts, ends, _timed(event) if has_times else event.segments)


def _timed(event: _Event) -> Iterator[Segment]:
    """Where words have times, the first one of an event has none because it is said when the event begins."""
    is_first = True
    for segment in event.segments:
        is_timed = is_first and segment.start_seconds is None and segment.text.strip() != ""
        yield replace(segment, start_seconds=event.starts) if is_timed else segment
        is_first = is_first and segment.text.strip() == ""


def _seconds(value: object, number: int, unit: int) -> float:
    try:
        found = float(value) / unit if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not abs(found) < LONGEST_SECONDS:
        raise refused(f"caption {number} has no time that can be read", "send the file as it was downloaded")
    return found
