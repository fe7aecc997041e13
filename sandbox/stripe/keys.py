"""Idempotency keys as Stripe keeps them (https://docs.stripe.com/api/idempotent_requests): the first answer again, failures included.

Nothing is kept of what was refused before it was tried. A key is forgotten after a day and then is new.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.serving import Answered
from sandbox.stripe.refusals import Refusal
from sandbox.world import Clock

KEPT_SECONDS = 86_400
LONGEST = 255


@dataclass
class _Kept:
    print: str
    at: float
    answer: Answered | None = None


@dataclass
class Keys:
    """Per secret key of the API."""

    clock: Clock
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, owner: str, key: str, print_of_call: str) -> Answered | None:
        """The kept answer; None: go on, then `keep` or `drop`. Raises Refusal: in flight (409), or used for something else (400)."""
        if len(key) > LONGEST:
            raise Refusal(400, "invalid_request_error", f"Idempotency keys may be at most {LONGEST} characters long.")
        now = self.clock.now().timestamp()
        with self._lock:
            there = self._kept.get((owner, key))
            if there is None or there.at + KEPT_SECONDS <= now:
                self._kept[owner, key] = _Kept(print_of_call, now)
                return None
            if there.answer is None:
                said = "There is currently another in-progress request using this Idempotent Key. Please try again later."
                raise Refusal(409, "idempotency_error", said, code="idempotency_key_in_use")
            if there.print != print_of_call:
                said = "Keys for idempotent requests can only be used with the same parameters they were first used with."
                raise Refusal(400, "idempotency_error", said)
            return Answered(there.answer.status, there.answer.body, {**there.answer.headers, "Idempotent-Replayed": "true"})

    def keep(self, owner: str, key: str, answer: Answered) -> None:
        with self._lock:
            self._kept[owner, key].answer = answer

    def drop(self, owner: str, key: str) -> None:
        with self._lock:
            self._kept.pop((owner, key), None)

    def written(self) -> list[list[Any]]:
        """What `take_up` reads; calls in flight are not in it."""
        with self._lock:
            return [
                [owner, key, each.print, each.at, each.answer.status, each.answer.body.decode("utf-8"), dict(each.answer.headers)]
                for (owner, key), each in self._kept.items()
                if each.answer is not None
            ]

    def take_up(self, written: Sequence[Sequence[Any]]) -> None:
        with self._lock:
            for owner, key, print_of_call, at, status, body, headers in written:
                self._kept[owner, key] = _Kept(print_of_call, at, Answered(status, body.encode("utf-8"), headers))
