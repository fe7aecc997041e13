"""Faults that the sandbox can be told to have, per route: each is named, counted down, and then over.

`where` is a regular expression over "host/path". Early faults answer instead of the service, late ones spoil its answer. What each does to
an answer or a connection is in `sandbox.misbehaving`.
"""

import re
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.misbehaving import Spoiled
    from sandbox.serving import Answered, Asked, Handler

STATUS = {"429": 429, "500": 500, "502": 502, "503": 503, "403": 403, "401": 401}
EARLY = {*STATUS, "timeout", "reset", "captcha", "html", "empty", "gzip_bomb", "quota"}
LATE = {"cut", "cut_chunk", "types", "same_cursor", "drip"}
BOMB_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble. `times` counts down, after `skip` that are let through; `seconds` is how long a time-out or drip lasts;
    `retry_after` a header of refusals.
    """

    where: str
    kind: str
    times: int = 1
    seconds: float = 30.0
    retry_after: str | None = None
    body: str | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind not in EARLY | LATE:
            raise ValueError(f"fault: {self.kind!r} is unknown, choose from {', '.join(sorted(EARLY | LATE))}")
        try:
            re.compile(self.where)
        except re.error as error:
            raise ValueError(f"where: {self.where!r} is not a regular expression ({error})") from error

    @property
    def is_late(self) -> bool:
        return self.kind in LATE

    def spoil(self, answer: "Answered", asked: "Asked") -> "Answered | Spoiled":
        """A late fault: the service's answer, damaged; or what damages it on the wire."""
        from sandbox.misbehaving import spoil

        return spoil(self, answer, asked)

    def perform(self, handler: "Handler") -> None:
        """An early fault, on the wire."""
        from sandbox.misbehaving import perform

        perform(self, handler)


@dataclass
class Faults:
    """What is switched on now, oldest first."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"where": fault.where, "kind": fault.kind, "times": fault.times} for fault in self._waiting]

    def next_for(self, host: str, path: str) -> Fault | None:
        """The first that fits, counted down."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if re.search(fault.where, f"{host}{path}"):
                    if fault.skip > 0:
                        self._waiting[place] = replace(fault, skip=fault.skip - 1)
                        continue
                    left = replace(fault, times=fault.times - 1)
                    self._waiting[place : place + 1] = [left] if left.times > 0 else []
                    return fault
        return None
