"""What the sandbox's Dodo keeps, and the webhooks that wait."""

import json
import threading
from dataclasses import dataclass, field
from itertools import count

from sandbox.dodo import shapes
from sandbox.dodo.shapes import Words, written
from sandbox.serving import Answered
from sandbox.world import Clock


class No(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answered.of_json({"code": code, "message": message}, status=status)


@dataclass
class Books:
    """Objects by id. `waiting` holds webhooks not yet sent: (id, body)."""

    clock: Clock
    kept: dict[str, Words] = field(default_factory=dict)
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _numbers: "count[int]" = field(default_factory=lambda: count(1), repr=False)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_sandbox{next(self._numbers):06d}"

    def get(self, key: str) -> Words:
        if key not in self.kept:
            raise No(404, "NOT_FOUND", f"{key} was not found")
        return self.kept[key]

    def tell(self, word: str, kind: str, thing: Words) -> None:
        told = {"payload_type": kind, **thing}
        body = {"business_id": shapes.BUSINESS, "type": word, "timestamp": written(self.clock.now()), "data": told}
        self.waiting.append((self.new_id("msg"), json.dumps(body).encode()))
