"""Stripe's own troubles, on demand: what `sandbox.faults` cannot do, because it is about what was done and what is kept.

| kind | what happens |
|---|---|
| `rate_limit` | 429 with `Stripe-Rate-Limited-Reason`; nothing done |
| `lock_timeout` | 429 with the code `lock_timeout`; nothing done |
| `in_use` | 409: a call with this key is under way elsewhere; nothing done |
| `refused` | 400 without a code; nothing done |
| `error` | 500; nothing done, nothing kept |
| `error_after` | done, then 500, and the key keeps the 500 |
| `lost` | done, and the key keeps the answer, yet the connection ends without one |
| `hold` | waits for `release()` before anything is done: meanwhile the key is in flight |
"""

import re
import threading
from dataclasses import dataclass, field, replace

from sandbox.stripe.refusals import Refusal

KINDS = ("rate_limit", "lock_timeout", "in_use", "refused", "error", "error_after", "lost", "hold")
LONGEST_HOLD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """`where`: a regular expression over "POST /v1/refunds"; `times` counts down, after `skip` that are let through."""

    where: str
    kind: str
    times: int = 1
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"trouble: {self.kind!r} is unknown, choose from {', '.join(KINDS)}")
        re.compile(self.where)


@dataclass
class Troubles:
    """What is switched on. `held`: set while somebody is held up."""

    _waiting: list[Trouble] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _gate: threading.Event = field(default_factory=threading.Event, repr=False)
    held: threading.Event = field(default_factory=threading.Event, repr=False)

    def add(self, trouble: Trouble) -> None:
        with self._lock:
            self._waiting.append(trouble)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
        self.release()

    def next_for(self, call: str) -> str | None:
        with self._lock:
            for place, trouble in enumerate(self._waiting):
                if not re.search(trouble.where, call):
                    continue
                if trouble.skip > 0:
                    self._waiting[place] = replace(trouble, skip=trouble.skip - 1)
                    continue
                left = replace(trouble, times=trouble.times - 1)
                self._waiting[place : place + 1] = [left] if left.times > 0 else []
                return trouble.kind
        return None

    def hold(self) -> None:
        self._gate.clear()
        self.held.set()
        self._gate.wait(LONGEST_HOLD_SECONDS)
        self.held.clear()

    def release(self) -> None:
        self._gate.set()


def before(kind: str | None) -> None:
    """Raises what is answered in place of doing anything."""
    if kind == "rate_limit":
        refusal = Refusal(429, "invalid_request_error", "Request rate limit exceeded.", code="rate_limit")
        refusal.headers = {"Stripe-Rate-Limited-Reason": "global-rate"}
        raise refusal
    if kind == "lock_timeout":
        said = "This object cannot be accessed right now because another API request or Stripe process is currently accessing it."
        raise Refusal(429, "invalid_request_error", said, code="lock_timeout")
    if kind == "in_use":
        said = "There is currently another in-progress request using this Idempotent Key. Please try again later."
        raise Refusal(409, "idempotency_error", said, code="idempotency_key_in_use")
    if kind == "refused":
        raise Refusal(400, "invalid_request_error", "This cannot be done.")
    if kind == "error":
        raise Refusal(500, "api_error", "An unknown error occurred")
