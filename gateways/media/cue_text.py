"""What every reader of captions shares: limits, decoding, and a cue put together of pieces of text with what is known of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from domain.errors import FieldProblem, Unacceptable
from domain.media import CAPTION_FORMATS, Cue, CueWord, SpokenCue
from domain.transcripts.splitting import are_joined
from gateways.files.text import survey

FILE_BYTES = 10_000_000
MOST_CUES = 50_000
MOST_LINES = 20_000
LONGEST_SECONDS = 10_000 * 3600.0
LINE_CHARACTERS = 2000
VOICE_CHARACTERS = 60
ACCEPTED = f"send {', '.join(CAPTION_FORMATS.values())}"
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_PIECE = re.compile(r"\n|\S+|[^\S\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Text of one cue that the file says the same of: `start_seconds` is when its first word is said."""

    text: str
    start_seconds: float | None = None
    probability: float | None = None
    voice: str | None = None


def decoded(content: bytes) -> str:
    """The file's text, its lines parted by a line feed. UTF-8 and UTF-16, with or without a mark; else Windows-1252."""
    if len(content) > FILE_BYTES:
        raise refused(f"it has more than {FILE_BYTES:,} bytes", "split it")
    encoding = survey(lambda: iter((content,))).encoding
    if len(content) > 1 and content[:2].count(0) == 1:  # UTF-16 without a mark
        encoding = "utf-16-le" if content[1] == 0 else "utf-16-be"
    return content.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def cue_of(start_seconds: float, end_seconds: float, segments: Iterable[Segment]) -> Cue:
    """The cue that segments make: a SpokenCue where any of them has a time or a voice. White space is squeezed, empty lines go."""
    row = _Row()
    for segment in segments:
        row.take(segment)
    text = "\n".join(line for line in ("".join(parts) for parts in row.lines) if line)
    if any(word.start_seconds is not None or word.voice for word in row.words):
        return SpokenCue(start_seconds, end_seconds, text, tuple(row.words))
    return Cue(start_seconds, end_seconds, text)


def demand_few(count: int) -> None:
    if count > MOST_CUES:
        raise refused(f"it has more than {MOST_CUES:,} captions", "split it")


def demand_short(lines: int) -> None:
    if lines > MOST_LINES:
        raise refused(f"one caption has more than {MOST_LINES:,} lines", "split it")


def refused(detail: str, advice: str) -> Unacceptable:
    return Unacceptable(f"the captions cannot be read: {detail}", (FieldProblem("captions", f"{detail}; {advice}"),))


@dataclass(slots=True)
class _Row:
    """Words as they come. A piece that goes on without white space belongs to the word before, but for scripts that write none."""

    words: list[CueWord] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=lambda: [[]])
    is_apart: bool = True

    def take(self, segment: Segment) -> None:
        start, probability = segment.start_seconds, segment.probability
        voice = segment.voice[:VOICE_CHARACTERS] if segment.voice else None
        for piece in _PIECE.findall(_NOT_TEXT.sub(" ", segment.text)):
            if piece == "\n":
                self.lines.append([])
                self.is_apart = True
            elif piece.isspace():
                self.is_apart = True
            else:
                self._add(CueWord(text=piece, start_seconds=start, probability=probability, voice=voice))
                start = None

    def _add(self, word: CueWord) -> None:
        line = self.lines[-1]
        if not self.is_apart and not are_joined(self.words[-1].text, word.text):
            before = self.words[-1]
            self.words[-1] = replace(before, text=before.text + word.text, voice=before.voice or word.voice)
            line.append(word.text)
            return
        line.append(f" {word.text}" if line and self.is_apart else word.text)
        self.words.append(word)
        self.is_apart = False
