"""Transcripts and captions as files: WebVTT, SubRip, plain text. What is drawn into a picture is in `gateways.media`."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from domain.media import Cue
from domain.transcripts.values import Transcript, Word

# A rest that begins a new paragraph of plain text.
PARAGRAPH_SECONDS = 2.0
# SubRip has no escapes: an invisible sign (word joiner) keeps readers from taking text for tags, overrides or times.
_UNSEEN = "\u2060"
_OBEYED = re.compile(r"(?<=[<{\\])|(?<=--)(?=>)|(?<=\d:\d\d:\d\d)(?=[,.])")
# Control characters, and overrides of the direction of writing.
_TURNING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2060-\u2069\ufeff]")


def webvtt(captions: Sequence[Cue], *, words: Sequence[Word] = ()) -> str:
    """The captions as a WebVTT file. `words`: those of the captions, where they have times of their own, which are written into the text.

    Times are rounded to 1 ms; a caption of no length gets 1 ms, because readers drop it otherwise.
    """
    inside: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        inside[word.cue].append(word)
    blocks = []
    for number, cue in enumerate(captions):
        start, end = _span(cue)
        text = _timed(inside[number], start, end) if number in inside else _escaped(_lines(cue.text))
        if text:
            blocks.append(f"{_stamp(start)} --> {_stamp(end)}\n{text}\n")
    return "\n".join(["WEBVTT\n", *blocks])


def srt(captions: Sequence[Cue]) -> str:
    """The captions as a SubRip file, in plain text; times as in `webvtt`."""
    shown = [(cue, text) for cue in captions if (text := _guarded(_lines(cue.text)))]
    blocks = []
    for number, (cue, text) in enumerate(shown, 1):
        start, end = (_stamp(each).replace(".", ",") for each in _span(cue))
        blocks.append(f"{number}\n{start} --> {end}\n{text}\n")
    return "\n".join(blocks)


def plain_text(transcript: Transcript) -> str:
    """What is said, one paragraph for each turn and after each long rest; chapters as headings, names before their turns."""
    return "\n\n".join(" ".join(part) for part in _paragraphs(transcript)) + "\n" if transcript.sentences else ""


def _paragraphs(transcript: Transcript) -> Iterator[list[str]]:
    heads = sorted(
        [*((each.start_seconds, 0, each.title) for each in transcript.chapters),
         *((each.start_seconds, 1, f"{each.label}:" if each.label else "") for each in transcript.turns)]
    )  # fmt: skip
    now: list[str] = []
    latest = 0.0
    for sentence in transcript.sentences:
        middle = (sentence.start_seconds + sentence.end_seconds) / 2
        begun = []
        while heads and heads[0][0] <= middle:
            begun.append(heads.pop(0))
        if now and (begun or sentence.start_seconds - latest >= PARAGRAPH_SECONDS):
            yield now
            now = []
        yield from ([title] for _, kind, title in begun if kind == 0)
        now += [label for _, kind, label in begun[-1:] if kind == 1 and label]
        now.append(sentence.text)
        latest = sentence.end_seconds
    yield now


def _timed(words: Sequence[Word], start: int, end: int) -> str:
    """The words with the time of each before it; the first has that of its caption where the two are the same."""
    found, latest = "", start
    for word in words:
        moment = round(word.start_seconds * 1000)
        stamp = f"<{_stamp(moment)}>" if latest < moment < end else ""
        latest = max(latest, moment)
        space = "" if word.is_joined or not found else " "
        found += f"{space}{stamp}{_escaped(word.text)}"
    return found


def _span(cue: Cue) -> tuple[int, int]:
    """Milliseconds."""
    start = max(0, round(cue.start_seconds * 1000))
    return start, max(start + 1, round(cue.end_seconds * 1000))


def _lines(text: str) -> str:
    """Without empty lines (one would end the caption), control characters and marks that turn the direction of what follows."""
    lines = (" ".join(_TURNING.sub("", line).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _guarded(text: str) -> str:
    return _OBEYED.sub(_UNSEEN, text)


def _stamp(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
