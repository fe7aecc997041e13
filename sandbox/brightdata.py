"""Bright Data's dataset API for Instagram: snapshots that are triggered, waited for and fetched, or scraped at once, and what is billed.

How a record is worded is in `sandbox.instagram`. A snapshot shows the world at the moment of its trigger; it gets ready with the clock and
with each look at it. The key is any bearer token but an empty one or "revoked".
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.instagram import COLLECTORS, Collector
from sandbox.serving import Answered, Asked
from sandbox.world import Clock, World

API = "/datasets/v3/"
# What a snapshot goes through. It moves on every so many seconds of the clock, and at each look.
STATES = ("starting", "running", "digesting", "ready")
STATE_SECONDS = 10
AT_ONCE_MOST = 20


@dataclass
class Snapshot:
    """One order. `failed` is said by a switch of the tests."""

    snapshot_id: str
    dataset_id: str
    made_at: datetime
    records: list[dict[str, Any]]
    looks: int = 0
    is_failed: bool = False

    def state(self, now: datetime) -> str:
        if self.is_failed:
            return "failed"
        moved = max(self.looks, int((now - self.made_at) / timedelta(seconds=STATE_SECONDS)))
        return STATES[min(moved, len(STATES) - 1)]

    @property
    def delivered(self) -> int:
        return sum("error" not in record for record in self.records)


@dataclass
class BrightData:
    """The service. `billed_records` grows by what each order delivers; `fail_next` makes the next order fail after its trigger."""

    world: World
    clock: Clock
    billed_records: int = 0
    fail_next: int = 0
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    hosts = ("api.brightdata.com",)
    paths = ("/datasets/",)

    def answer(self, asked: Asked) -> Answered | None:
        word = asked.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if word in ("", "revoked"):
            return Answered.of_json({"error": "Invalid token"}, status=401)
        what, _, key = asked.path.removeprefix(API).partition("/")
        if asked.method == "POST" and what in ("trigger", "scrape") and not key:
            return self._order(asked, is_at_once=what == "scrape")
        if asked.method == "GET" and what in ("progress", "snapshot") and key:
            return self._progress(key) if what == "progress" else self._fetch(key)
        return self._listed(asked) if (asked.method, what) == ("GET", "snapshots") else None

    def _order(self, asked: Asked, *, is_at_once: bool) -> Answered:
        try:
            inputs = _inputs(asked)
            collector = _collector(asked.query, inputs)
        except (ValueError, TypeError) as error:
            return Answered.of_json({"error": str(error)}, status=400)
        if is_at_once and len(inputs) > AT_ONCE_MOST:
            return Answered.of_json({"error": f"at most {AT_ONCE_MOST} inputs at once"}, status=400)
        snapshot = self._made(collector, inputs, int(asked.query.get("limit_per_input") or 0))
        if is_at_once and not snapshot.is_failed:
            return Answered.of_json(snapshot.records)
        words = {"snapshot_id": snapshot.snapshot_id}
        return Answered.of_json({**words, "message": "collection goes on"} if is_at_once else words, status=202 if is_at_once else 200)

    def _made(self, collector: Collector, inputs: Sequence[Mapping[str, Any]], limit: int) -> Snapshot:
        now = self.clock.now()
        records = [record for one in inputs for record in collector.collect(self.world, one, limit, now)]
        with self._lock:
            number, is_failed = len(self.snapshots), self.fail_next > 0
            self.fail_next -= is_failed
            digest = hashlib.sha256(f"{self.world.seed}:{number}".encode()).hexdigest()
            made = Snapshot(f"s_{digest[:18]}", collector.dataset_id, now, [] if is_failed else records, is_failed=is_failed)
            self.snapshots[made.snapshot_id] = made
            self.billed_records += made.delivered
        return made

    def _progress(self, key: str) -> Answered:
        snapshot = self.snapshots.get(key)
        if snapshot is None:
            return Answered.of_json({"error": "Snapshot does not exist"}, status=404)
        state = snapshot.state(self.clock.now())
        snapshot.looks += 1
        words: dict[str, Any] = {"status": state, "snapshot_id": key, "dataset_id": snapshot.dataset_id}
        if state == "ready":
            words |= {"records": snapshot.delivered, "errors": len(snapshot.records) - snapshot.delivered, "collection_duration": 31_000}
        return Answered.of_json(words)

    def _fetch(self, key: str) -> Answered:
        snapshot = self.snapshots.get(key)
        if snapshot is None:
            return Answered.of_json({"error": "Snapshot does not exist"}, status=404)
        state = snapshot.state(self.clock.now())
        if state == "failed":
            return Answered.of_json({"error": "Snapshot failed"}, status=400)
        if state != "ready":
            return Answered.of_json({"status": state, "message": "Snapshot is not ready yet, try again in 30s"}, status=202)
        return Answered.of_json(snapshot.records)

    def _listed(self, asked: Asked) -> Answered:
        now, wanted = self.clock.now(), asked.query.get("dataset_id")
        found = [one for one in self.snapshots.values() if wanted in (None, one.dataset_id)]
        return Answered.of_json(
            [
                {
                    "id": one.snapshot_id, "created": one.made_at.isoformat(), "status": one.state(now), "dataset_id": one.dataset_id,
                    "dataset_size": one.delivered,
                }
                for one in found
            ]
        )  # fmt: skip


def _inputs(asked: Asked) -> list[Mapping[str, Any]]:
    """A list of inputs, bare or under `input`."""
    words = asked.json()
    found = words.get("input") if isinstance(words, dict) else words
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise ValueError("a list of inputs is needed")
    return found


def _collector(query: Mapping[str, str], inputs: Sequence[Mapping[str, Any]]) -> Collector:
    dataset = query.get("dataset_id", "")
    known = [one for one in COLLECTORS if one.dataset_id == dataset]
    if not known:
        raise ValueError("Collector not found")
    by = query.get("discover_by") if query.get("type") == "discover_new" else None
    found = next((one for one in known if one.discover_by == by), None)
    if found is None:
        raise ValueError("Incorrect discovery collector id")
    for name in {name for one in inputs for name in one} - found.fields:
        raise ValueError(f"This input should not contain a {name} field")
    if any(found.needs not in one for one in inputs):
        raise ValueError(f"This input needs a {found.needs} field")
    return found
