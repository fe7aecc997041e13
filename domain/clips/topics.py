"""The topics of a transcript, as runs of its sentences. Finding them is in `segmenting`, which loads numpy; this does not."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from domain.transcripts import Chapter, Sentence

METHOD = "kernel-change-points/1"
# Sentences begin a little before or after the second that a maker names.
_CHAPTER_SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Topics:
    """`starts`: the first sentence of each topic but the first. `strengths`: what each saves, in penalties: 1 or more."""

    sentences: int
    starts: tuple[int, ...] = ()
    strengths: tuple[float, ...] = ()
    method: str = METHOD

    def of(self, sentence: int) -> int:
        """The topic that a sentence is of, counted from 0."""
        return bisect_right(self.starts, sentence)

    def crossed(self, first: int, last: int) -> tuple[float, ...]:
        """The strengths of the boundaries between two sentences."""
        return self.strengths[self.of(first) : self.of(last)]

    def with_chapters(self, chapters: Sequence[Chapter], sentences: Sequence[Sentence]) -> "Topics":
        """The same with a boundary wherever a chapter begins: its maker says so, which is as good as any found (strength 1)."""
        begins = [each.start_seconds for each in sentences]
        strengths = dict(zip(self.starts, self.strengths, strict=True))
        for chapter in chapters:
            at = bisect_left(begins, chapter.start_seconds - _CHAPTER_SLACK_SECONDS)
            if 0 < at < len(sentences):
                strengths.setdefault(at, 1.0)
        starts = tuple(sorted(strengths))
        return Topics(self.sentences, starts, tuple(strengths[at] for at in starts), self.method)
