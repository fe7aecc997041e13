"""Captions of a clip as text: a cue per page of words, and the files SubRip and WebVTT. Which words share a page is in `pages`."""

import unicodedata
from collections.abc import Sequence

import regex

from domain.clips.pages import joined, pages_of, shown_words
from domain.clips.pieces import Piece
from domain.media import Cue, ShownWord
from domain.transcripts import Word

# Players obey tags (`<i>`), overrides (`{\an8}`) and times in SubRip, which has no escape: a word joiner keeps them from being any.
_OBEYED = regex.compile(r"(?<=[<{\\])|(?<=--)(?=>)|(?<=\d:\d\d:\d\d)(?=[,.])")
_JOINER = "\u2060"


def captions_of(words: Sequence[Word], *, start_seconds: float, end_seconds: float) -> tuple[Cue, ...]:
    """The captions of a span as it is, nothing removed. Words that are said outside it belong to its neighbours."""
    span = Piece(start_seconds=start_seconds, end_seconds=end_seconds)
    return cues_of(shown_words(words, (span,)), seconds=span.seconds)


def cues_of(words: Sequence[ShownWord], *, seconds: float) -> tuple[Cue, ...]:
    """A plain cue for each page of words, never two at once, none after the clip's end (`seconds`)."""
    return tuple(Cue(page.start_seconds, page.end_seconds, joined(page.words)) for page in pages_of(words, seconds=seconds))


def webvtt(captions: Sequence[Cue]) -> str:
    """The captions as a WebVTT file (W3C; times as hours:minutes:seconds.milliseconds)."""
    blocks = [f"{_span(each, '.')}\n{_escaped(_plain(each.text))}\n" for each in captions]
    return "\n".join(["WEBVTT\n", *blocks])


def srt(captions: Sequence[Cue]) -> str:
    """The captions as a SubRip file: numbered from 1, times with a comma."""
    blocks = [f"{number}\n{_span(each, ',')}\n{_OBEYED.sub(_JOINER, _plain(each.text))}\n" for number, each in enumerate(captions, 1)]
    return "\n".join(blocks)


def _plain(text: str) -> str:
    """On one line, without control characters and marks that turn the direction of what follows."""
    kept = (each for each in " ".join(text.split()) if unicodedata.category(each) not in ("Cc", "Cf") or each in "\u200c\u200d")
    return "".join(kept)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _span(cue: Cue, point: str) -> str:
    return f"{_stamp(cue.start_seconds, point)} --> {_stamp(cue.end_seconds, point)}"


def _stamp(seconds: float, point: str) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
