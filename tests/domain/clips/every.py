"""All candidates of a video, near duplicates among them, as ranking finds them before it takes the best."""

from collections.abc import Sequence

from domain.clips import choosing
from domain.clips.asked import Wanted
from domain.clips.candidates import Candidate
from domain.clips.signals import Signals
from domain.clips.source import Source
from domain.transcripts import Sentence


def said(sentences: Sequence[Sentence], duration: float, language: str | None = "en") -> Source:
    """A video of which only the words are known."""
    return Source(sentences=tuple(sentences), duration_seconds=duration, language=language)


def every(source: Source, wanted: Wanted) -> list[Candidate]:
    return choosing.every(source, wanted, Signals(source, wanted, choosing.topics_in(source)))
