"""Orders at Bright Data: trigger, wait, fetch. What the records mean is in `domain.platforms.instagram`.

An order is paid for, whether its snapshot is ever fetched or not: trigger and snapshot name one bill. Both are asked durably, so that a run
that was killed goes on with the snapshot it has. A snapshot that failed, or that nothing can be made of, is ordered once more under a key
of its own, which names the one before.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from domain.errors import SourceUnavailable
from domain.platforms.records import Record, list_of, record_of
from domain.ports import Errand
from domain.sources import Answer, Ask, Bucket, SourceName
from gateways.bounded_http import BoundedHttp
from gateways.readable import checked

SOURCE = SourceName.BRIGHTDATA
_API = "/datasets/v3"
# How much longer each pause is than the one before.
_SLOWER = 1.5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a snapshot is waited for; afterwards the next run goes on with it."""

    first_seconds: float = 2.0
    longest_seconds: float = 20.0
    total_seconds: float = 240.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. `most`: how many records it can deliver, and so what it can cost."""

    operation: str
    dataset_id: str
    inputs: tuple[Mapping[str, object], ...]
    most: int
    discover_by: str | None = None
    limit_per_input: int | None = None

    @property
    def params(self) -> dict[str, str]:
        words = {"dataset_id": self.dataset_id, "format": "json", "include_errors": "true"}
        if self.discover_by:
            words |= {"type": "discover_new", "discover_by": self.discover_by}
        return words | ({"limit_per_input": str(self.limit_per_input)} if self.limit_per_input else {})

    @property
    def key(self) -> str:
        words = json.dumps([self.params, self.inputs], sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Placed:
    """An order under way."""

    order: Order
    snapshot_id: str
    bill: str | None

    @property
    def ask(self) -> Ask:
        """For what it delivers."""
        operation, most = f"{self.order.operation}.snapshot", self.order.most
        return Ask(SOURCE, operation, self.snapshot_id, Bucket.BRIGHTDATA_RECORDS, most, is_durable=True, bill=self.bill)


class Unusable(SourceUnavailable):
    """The snapshot failed or says nothing about what was asked: only a new order helps."""


Check = Callable[[Sequence[Record]], object]


class Orders:
    """The dataset API. `sleep` pauses between two looks at a snapshot."""

    def __init__(self, http: BoundedHttp, patience: Patience, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http, self._patience, self._sleep = http, patience, sleep

    def place(self, order: Order, errand: Errand, *, after: str = "") -> Placed:
        """Ordered; or the order that was already placed. `after`: the unusable snapshot that this one replaces."""
        key = f"{order.key}:{after}" if after else order.key
        bill = uuid4().hex
        ask = Ask(SOURCE, f"{order.operation}.trigger", key, Bucket.BRIGHTDATA_RECORDS, order.most, is_durable=True, bill=bill)
        payload = errand.fetch(ask, lambda: self._trigger(order, bill)).payload
        return Placed(order, _snapshot_id(payload), _bill(payload))

    def records(self, placed: Placed, errand: Errand, check: Check) -> tuple[list[Record], Answer]:
        """What was delivered, once `check` can read it. Raises SourceUnavailable."""
        try:
            return self._delivered(placed, errand, check)
        except Unusable:
            again = self.place(placed.order, errand, after=placed.snapshot_id)
            return self._delivered(again, errand, check)

    def _delivered(self, placed: Placed, errand: Errand, check: Check) -> tuple[list[Record], Answer]:
        self._wait(placed, errand)
        answer = errand.fetch(placed.ask, lambda: self._fetch(placed, check))
        return _records(answer.payload), answer

    def _trigger(self, order: Order, bill: str) -> Answer:
        answer = checked(SOURCE, self._http.post(f"{_API}/trigger", order.params, list(order.inputs)), _snapshot_id)
        return replace(answer, payload={"snapshot_id": _snapshot_id(answer.payload), "bill": bill}, units=0, is_order=True)

    def _fetch(self, placed: Placed, check: Check) -> Answer:
        answer = self._http.get(f"{_API}/snapshot/{placed.snapshot_id}", {"format": "json"})
        if answer.status == 202:
            raise SourceUnavailable(SOURCE, f"snapshot {placed.snapshot_id} is not ready yet", category="api_error")
        return checked(SOURCE, answer, lambda payload: check(_records(payload)), units=lambda payload: _delivered_count(_records(payload)))

    def _wait(self, placed: Placed, errand: Errand) -> None:
        """Until it is ready. Raises Unusable where it failed."""
        pause, left = self._patience.first_seconds, self._patience.total_seconds
        while (state := self._state(placed, errand)) != "ready":
            if state == "failed":
                # Nothing is delivered, so nothing is billed.
                errand.fetch(replace(placed.ask, is_kept=False), lambda: Answer({"status": "failed"}, units=0))
                raise Unusable(SOURCE, f"snapshot {placed.snapshot_id} failed", category="api_error")
            if left <= 0:
                said = f"snapshot {placed.snapshot_id} is still {state}; the next run goes on with it"
                raise SourceUnavailable(SOURCE, said, category="api_error", retry_after_seconds=self._patience.longest_seconds)
            self._sleep(min(pause, left))
            left, pause = left - pause, min(pause * _SLOWER, self._patience.longest_seconds)

    def _state(self, placed: Placed, errand: Errand) -> str:
        ask = Ask(SOURCE, f"{placed.order.operation}.progress", placed.snapshot_id, is_kept=False)
        path = f"{_API}/progress/{placed.snapshot_id}"
        return _status(errand.fetch(ask, lambda: checked(SOURCE, self._http.get(path), _status)).payload)


def _snapshot_id(payload: object) -> str:
    found = record_of(payload, "trigger").get("snapshot_id")
    if not isinstance(found, str) or not found.replace("_", "").isalnum():
        raise SourceUnavailable(SOURCE, "the trigger answered no snapshot id", category="parse_error")
    return found


def _bill(payload: object) -> str | None:
    found = record_of(payload, "trigger").get("bill")
    return found if isinstance(found, str) else None


def _status(payload: object) -> str:
    found = record_of(payload, "progress").get("status")
    if not isinstance(found, str):
        raise SourceUnavailable(SOURCE, "progress says no status", category="parse_error")
    return found.lower()


def _records(payload: object) -> list[Record]:
    return [record_of(record, "snapshot") for record in list_of(payload, "snapshot")]


def _delivered_count(records: Sequence[Record]) -> int:
    """Inputs that failed are not billed."""
    return sum(not record.get("error") for record in records)
