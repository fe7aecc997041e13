"""Captions of a clip as text: a cue per page of words. Which words share a page is in `pages`, files of them in `domain.transcripts`."""

from collections.abc import Sequence

from domain.clips.pages import joined, pages_of, shown_words
from domain.clips.pieces import Piece
from domain.media import Cue, ShownWord
from domain.transcripts import Word


def captions_of(words: Sequence[Word], *, start_seconds: float, end_seconds: float) -> tuple[Cue, ...]:
    """The captions of a span as it is, nothing removed. Words that are said outside it belong to its neighbours."""
    span = Piece(start_seconds=start_seconds, end_seconds=end_seconds)
    return cues_of(shown_words(words, (span,)), seconds=span.seconds)


def cues_of(words: Sequence[ShownWord], *, seconds: float) -> tuple[Cue, ...]:
    """A plain cue for each page of words, never two at once, none after the clip's end (`seconds`)."""
    return tuple(Cue(page.start_seconds, page.end_seconds, joined(page.words)) for page in pages_of(words, seconds=seconds))
