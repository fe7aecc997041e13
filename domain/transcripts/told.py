"""A caption on its way to words: its lines, each a row of words with what the file says of them. Cleaning is in `cleaning`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.media import Cue, CueWord, SpokenCue
from domain.transcripts.splitting import are_joined

_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_OPENING = tuple("[(♪♫")
_AFTER_SOUND = re.compile(r"[\])]\s*[^\s\])\[(♪♫]")
_CHANGE = re.compile(r">{2,}")


class Mark(StrEnum):
    """What stands before a word: a name or voice, a sign that somebody else speaks (`>>`), a dash of dialogue."""

    NAME = "name"
    CHANGE = "change"
    DASH = "dash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A word of a caption. `is_joined`: no space before it. `mark`: somebody begins to speak with it; `label` is the name given."""

    text: str
    is_joined: bool = False
    start_seconds: float | None = None
    end_seconds: float | None = None
    mark: Mark | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a caption, without marks of speakers in its words."""

    words: tuple[Said, ...]

    @property
    def text(self) -> str:
        return written(self.words)

    @property
    def is_timed(self) -> bool:
        return any(word.start_seconds is not None for word in self.words)


@dataclass(frozen=True, slots=True)
class Told:
    """A caption: when it is shown, and its lines."""

    start_seconds: float
    end_seconds: float
    lines: tuple[Line, ...]

    @property
    def words(self) -> tuple[Said, ...]:
        """All of them; a line is joined to the one before where its script puts no spaces between words."""
        found: list[Said] = []
        for line in self.lines:
            is_joined = bool(found and line.words) and are_joined(found[-1].text, line.words[0].text)
            found += [replace(line.words[0], is_joined=True), *line.words[1:]] if is_joined else line.words
        return tuple(found)

    @property
    def text(self) -> str:
        return written(self.words)


def written(words: Sequence[Said]) -> str:
    return "".join(word.text if word.is_joined or not at else f" {word.text}" for at, word in enumerate(words))


def is_speech(cue: Cue) -> bool:
    """Whether somebody says it; `[applause]` and notes of music are shown, but nobody says them."""
    return is_said(cue.text)


def is_said(text: str) -> bool:
    return not text.startswith(_OPENING) or _AFTER_SOUND.search(text) is not None


def told(cue: Cue) -> Told:
    """A cue with its words as the file tells them; times before the start of the video are its start."""
    known = list(cue.words) if isinstance(cue, SpokenCue) else []
    lines = [_line(line, known) for line in cue.text.replace("\r", "\n").split("\n")]
    lines = _without_sounds([line for line in lines if line.words])
    return Told(max(0.0, cue.start_seconds), max(0.0, cue.end_seconds), tuple(lines))


def _line(text: str, known: list[CueWord]) -> Line:
    """The words of a line; those known of the whole cue are used up from the front."""
    found: list[Said] = []
    for token in text.split():
        words = _known(token, known) or [Said(text=token)]
        found += [words[0], *(replace(word, is_joined=True) for word in words[1:])]
    return Line(tuple(_marked(found) if ">>" in text else found))


def _known(token: str, known: list[CueWord]) -> list[Said]:
    """What the file says of a token's words, as long as they are those of the text."""
    found: list[Said] = []
    rest = token
    while known and rest and rest.startswith(known[0].text):
        word = known.pop(0)
        mark = None if word.voice is None else Mark.NAME
        found.append(Said(text=word.text, start_seconds=word.start_seconds, end_seconds=word.end_seconds, mark=mark, label=word.voice))
        rest = rest[len(word.text) :]
    return found if not rest else []


def _marked(words: Sequence[Said]) -> Iterator[Said]:
    """`>>` is taken out, and the word after it is marked."""
    is_new, is_apart = False, False
    for word in words:
        parts = _CHANGE.split(word.text)
        for number, part in enumerate(parts):
            is_new, is_apart = is_new or number > 0, is_apart or number > 0
            if part:
                own = word if not number else replace(word, is_joined=False)
                fresh = replace(own, text=part, is_joined=own.is_joined and not is_apart)
                yield replace(fresh, mark=fresh.mark or Mark.CHANGE) if is_new else fresh
                is_new, is_apart = False, False


def _without_sounds(lines: list[Line]) -> list[Line]:
    """Where something is said too, a cue's notes of sounds (`[music]`) are no words."""
    spoken = [Line(tuple(_spoken(line))) if "[" in line.text else line for line in lines]
    spoken = [line for line in spoken if line.words and is_said(line.text)]
    return spoken or lines


def _spoken(line: Line) -> Iterator[Said]:
    text, at = line.text, 0
    sounds = [each.span() for each in _BRACKETED.finditer(text)]
    for word in line.words:
        at = text.index(word.text, at)
        if not any(start <= at and at + len(word.text) <= end for start, end in sounds):
            yield word
        at += len(word.text)
