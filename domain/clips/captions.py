"""Captions of a clip as text: a cue per page of words. Which words share a page is in `pages`, files of them in `domain.transcripts`."""

from collections.abc import Sequence

from domain.clips.pages import joined, pages_of
from domain.media import Cue, ShownWord


def cues_of(words: Sequence[ShownWord], *, seconds: float) -> tuple[Cue, ...]:
    """A plain cue for each page of words, never two at once, none after the clip's end (`seconds`)."""
    return tuple(Cue(page.start_seconds, page.end_seconds, joined(page.words)) for page in pages_of(words, seconds=seconds))
