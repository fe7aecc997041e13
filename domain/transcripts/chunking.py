"""A transcript in pieces of whole sentences, for whoever reads only so much at once."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.transcripts.splitting import count_words
from domain.transcripts.timing import words_of
from domain.transcripts.values import Sentence, Transcript, Word, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Sentences `first` to `last` of the transcript (counted from 0). Of a sentence that alone is too long, a chunk holds a part."""

    start_seconds: float
    end_seconds: float
    text: str
    words: int
    first: int
    last: int


def chunks(transcript: Transcript, *, max_words: int, overlap: int = 0) -> tuple[Chunk, ...]:
    """Chunks of at most `max_words`; each begins with as many whole sentences of the one before as have up to `overlap` words.

    `overlap` is below `max_words`, else ValueError. A longer sentence is cut between words, and overlaps with nothing.
    """
    if not 0 <= overlap < max_words:
        raise ValueError(f"an overlap of {overlap} words does not fit into chunks of {max_words}")
    parts = list(_parts(transcript, max_words))
    found: list[Chunk] = []
    group: list[Chunk] = []
    for part in parts:
        if group and _words(group) + part.words > max_words:
            found.append(_together(group))
            group = _kept(group, min(overlap, max_words - part.words))
        group.append(part)
    return (*found, _together(group)) if group else ()


def _parts(transcript: Transcript, max_words: int) -> Iterator[Chunk]:
    """The sentences as chunks; one that is too long is several."""
    counts = [count_words(sentence.text) for sentence in transcript.sentences]
    words = deque(words_of(transcript) if max(counts, default=0) > max_words else ())
    for number, (sentence, count) in enumerate(zip(transcript.sentences, counts, strict=True)):
        inside = _taken(words, sentence)
        if count <= max_words:
            yield _chunk(sentence, count, number)
            continue
        for at in range(0, len(inside), max_words):
            piece = inside[at : at + max_words]
            part = Sentence(piece[0].start_seconds, piece[-1].end_seconds, text_of(piece), is_complete=False)
            yield _chunk(part, len(piece), number)


def _taken(words: deque[Word], sentence: Sentence) -> list[Word]:
    """The sentence's words, from the front of those that are left: as many as have its letters."""
    left, found = len("".join(sentence.text.split())), []
    while words and left > 0:
        found.append(words.popleft())
        left -= len(found[-1].text)
    return found


def _chunk(sentence: Sentence, words: int, number: int) -> Chunk:
    return Chunk(
        start_seconds=sentence.start_seconds, end_seconds=sentence.end_seconds, text=sentence.text, words=words, first=number, last=number
    )


def _kept(group: Sequence[Chunk], room: int) -> list[Chunk]:
    kept: list[Chunk] = []
    for part in reversed(group):
        if room <= 0 or _words(kept) + part.words > room:
            break
        kept.insert(0, part)
    return kept


def _words(group: Sequence[Chunk]) -> int:
    return sum(part.words for part in group)


def _together(group: Sequence[Chunk]) -> Chunk:
    return Chunk(
        start_seconds=group[0].start_seconds,
        end_seconds=group[-1].end_seconds,
        text=" ".join(part.text for part in group),
        words=_words(group),
        first=group[0].first,
        last=group[-1].last,
    )
