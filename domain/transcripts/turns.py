"""Speaker turns as captions mark them. Where nothing is marked there are none: voices are not told apart by their sound."""

from collections.abc import Sequence

from domain.transcripts.timing import Timed
from domain.transcripts.told import Mark
from domain.transcripts.values import Turn


def turns_of(words: Sequence[Timed]) -> tuple[Turn, ...]:
    """The turns in order. One lasts until the next mark; one that a dash begins, until its caption ends. Before the first mark is none.

    The same name twice in a row is one turn.
    """
    cast = _Cast()
    found: list[Turn] = []
    mark: Mark | None = None
    cue = 0
    for each in words:
        is_over = mark is Mark.DASH and each.word.cue != cue
        mark = each.said.mark or (None if is_over else mark)
        cue = each.word.cue
        if mark is None:
            continue
        if each.said.mark and not (found and each.said.label and found[-1].label == each.said.label):
            found.append(_begun(each, cast))
        else:
            found[-1] = _longer(found[-1], each.word.end_seconds)
    return tuple(found)


class _Cast:
    """Numbers for speakers: one for each name, and a new one whenever no name is said."""

    def __init__(self) -> None:
        self._named: dict[str, int] = {}
        self._count = 0

    def number(self, label: str | None) -> int:
        if label is not None and label in self._named:
            return self._named[label]
        number = self._count
        self._count += 1
        if label is not None:
            self._named[label] = number
        return number


def _begun(each: Timed, cast: _Cast) -> Turn:
    label = each.said.label
    return Turn(start_seconds=each.word.start_seconds, end_seconds=each.word.end_seconds, speaker=cast.number(label), label=label)


def _longer(turn: Turn, end_seconds: float) -> Turn:
    return Turn(start_seconds=turn.start_seconds, end_seconds=max(turn.end_seconds, end_seconds), speaker=turn.speaker, label=turn.label)
