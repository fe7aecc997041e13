"""Answers that a worker has given, to be given again while they are true. What is kept is proven by the database in every call.

An answer about a release hangs on the release, on whether newer data are there, and on what was asked; the text of a release never changes.
So one statement, which checks the key and reads which release is the newest, tells whether the answer of before is the answer of now
(`store.glance`). An answer is found only by the caller whom it was given to.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

from store.database import Entry
from store.glance import Glance

MOST_BYTES = 32_000_000
Place: TypeAlias = tuple[Entry, str, Hashable]


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, its tag, and what must still be so for it to be true."""

    proof: Glance
    body: bytes
    tag: str


class Answers:
    """The answers of one worker, up to so many bytes; the one that was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes, self._lock = most_bytes, 0, threading.Lock()
        self._kept: OrderedDict[Place, Answer] = OrderedDict()

    def get(self, place: Place) -> Answer | None:
        with self._lock:
            found = self._kept.get(place)
            if found is not None:
                self._kept.move_to_end(place)
            return found

    def put(self, place: Place, answer: Answer) -> None:
        with self._lock:
            self._drop(self._kept.pop(place, None))
            self._kept[place] = answer
            self._bytes += len(answer.body)
            while self._bytes > self._most:
                self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, answer: Answer | None) -> None:
        self._bytes -= len(answer.body) if answer else 0
