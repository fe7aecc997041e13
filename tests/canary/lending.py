"""Ids that are not the caller's: a neighbour's, or nobody's of the same make."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from store.ids import new_id
from tests.canary.routes import Ids

# Whoever has one of these may use it, by design: they are not ids.
BEARERS = ("file_token", "feed_token")
# Names of a neighbour's that stand where an id does. Other words of its are never sent: what came back of them would prove nothing.
NAMES = ("key", "hashtag", "external_id", "sound_id")
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class Lent(Mapping[str, Sequence[str]]):
    """A caller's ids, most of them another's: a neighbour's, or nobody's. Both of a pair draw the same lots, name by name."""

    def __init__(self, own: Ids, theirs: Ids, draw: int, *, is_nobody: bool) -> None:
        self._own, self._theirs, self._draw, self._is_nobody = own, theirs, draw, is_nobody
        self._made: dict[str, Sequence[str]] = {}

    def __getitem__(self, name: str) -> Sequence[str]:
        if name not in self._made:
            chance = random.Random(f"{self._draw} {name}")
            word = chance.choice(self._theirs.get(name, [""]))
            is_lent = (name in NAMES or _is_id(word)) and name not in BEARERS and chance.random() < 0.85
            self._made[name] = [_unheard_of(word) if self._is_nobody else word] if is_lent else self._own[name]
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def _is_id(word: str) -> bool:
    return _ID.fullmatch(word) is not None


def _unheard_of(known: str) -> str:
    """Of the same make as this id or name, and nobody's."""
    return str(new_id()) if _is_id(known) else f"nobodys_{known}"
