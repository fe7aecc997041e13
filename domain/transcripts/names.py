"""Who speaks, by what captions write before a line: `NAME:`, and dashes of dialogue. `>>` and voices of the file are read in `told`.

A colon or a dash alone proves nothing ("Warning: hot", "- and then"), so the whole file is looked at before one is believed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.transcripts.told import Line, Mark, Said, Told

_DASH = re.compile(r"[-‐‑–—]")
_LOUD = re.compile(r"(?:(?:DR|MRS?|MS)\. )?[^\W\d_a-z][^\W_a-z.'’-]*(?: [^\W_a-z.'’-]+| \d{1,2}){0,3}:")
_NAMED = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*| \d{1,2}){0,3}:")
_LONGEST_NAME = 40
# So many names, each said so often, make a conversation. Names in capitals are hardly anything else.
_LEAST_NAMES, _LEAST_LINES = 2, 2
_OTHER_HEADS = "note notes warning tip tips step part chapter question answer example result summary ps update edit p.s"
_NO_NAMES = frozenset(_OTHER_HEADS.split())


def with_names(cues: Sequence[Told]) -> list[Told]:
    """The same cues; names and dashes that tell who speaks are taken out of the words, and stand as their marks."""
    names = _believed(cues)
    has_dashes = any(sum(_is_dashed(line) for line in cue.lines) > 1 for cue in cues)
    return [replace(cue, lines=tuple(_lines(cue, names, has_dashes=has_dashes))) for cue in cues]


def _believed(cues: Sequence[Told]) -> frozenset[str]:
    said = Counter(name for cue in cues for line in cue.lines if (name := _name(line)))
    loud = {name for name in said if _LOUD.fullmatch(f"{name}:")}
    often = {name for name, count in said.items() if count >= _LEAST_LINES}
    return frozenset().union(*(group for group in (loud, often) if len(group) >= _LEAST_NAMES))


def _name(line: Line) -> str | None:
    """What stands before a colon at the start of a line, where it may be a name and something is said after it."""
    head = line.text[: _LONGEST_NAME + 1]
    match = _LOUD.match(head) or _NAMED.match(head)
    if match is None or match.end() == len(line.text) or not line.text[match.end()].isspace():
        return None
    name = match.group()[:-1]
    return None if name.split()[0].casefold() in _NO_NAMES else name


def _is_dashed(line: Line) -> bool:
    return len(line.text) > 1 and _DASH.match(line.text) is not None


def _lines(cue: Told, names: frozenset[str], *, has_dashes: bool) -> Iterator[Line]:
    for line in cue.lines:
        words = line.words
        if has_dashes and _is_dashed(line):
            words = _marked(_without(words, 1), Mark.DASH, None)
        if (name := _name(Line(words))) in names:
            words = _marked(_without(words, len(f"{name}:")), Mark.NAME, name)
        if words:
            yield Line(words)


def _without(words: Sequence[Said], characters: int) -> tuple[Said, ...]:
    """The words after so many characters of their text; a mark at what goes passes to what stays."""
    mark = next((word for word in words if word.mark), None)
    left, found = characters, list(words)
    while found and left > 0:
        length = len(found[0].text)
        if length > left:
            found[0] = replace(found[0], text=found[0].text[left:])
        else:
            found.pop(0)
        left -= length + 1
    if found and mark and found[0].mark is None and mark not in found:
        found[0] = replace(found[0], mark=mark.mark, label=mark.label)
    return tuple(found)


def _marked(words: tuple[Said, ...], mark: Mark, label: str | None) -> tuple[Said, ...]:
    if not words or (words[0].label and label is None):
        return words
    return (replace(words[0], mark=mark, label=label, is_joined=False), *words[1:])
