"""What the sandbox's Stripe keeps: objects by id, the events of all changes, and what time it is for each object.

Names that begin with "_" are the sandbox's own and never leave it.
"""

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.refusals import missing
from sandbox.world import Clock

VERSION = "2026-10-28.endive"
Words = dict[str, Any]
KINDS = {"charge": "charge", "checkout.session": "checkout session", "payment_method": "PaymentMethod", "payment_intent": "payment_intent"}


@dataclass
class Books:
    """`tellers` hear of each new event. One lock: whoever changes something holds it.

    `site`: where the sandbox's own pages are, as its last caller reached it; empty: by the real hosts' names.
    """

    clock: Clock
    kept: dict[str, Words] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    tellers: list[Callable[[Words], None]] = field(default_factory=list, repr=False)
    requested: tuple[str | None, str | None] = (None, None)
    site: str = ""
    _kinds: dict[str, dict[str, Words]] = field(default_factory=dict, repr=False)
    _made: int = 0
    _past: int | None = None

    @property
    def made(self) -> int:
        """How many ids were given out."""
        return self._made

    def go_on_from(self, made: int) -> None:
        """So that no id is one of other books."""
        self._made = made

    def new_id(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_1Sandbox{self._made:014d}"

    def put(self, thing: Words) -> Words:
        self.kept[thing["id"]] = self._kinds.setdefault(thing["object"], {})[thing["id"]] = thing
        return thing

    def drop(self, key: str) -> None:
        """Never heard of again."""
        del self._kinds[self.kept.pop(key)["object"]][key]

    def get(self, kind: str, key: object) -> Words:
        """Raises Refusal (404) where none of this kind has this id, or it was deleted."""
        found = self.kept.get(key) if isinstance(key, str) else None
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(KINDS.get(kind, kind), key)
        return found

    def every(self, kind: str, **equal: object) -> list[Words]:
        """Newest first."""
        there = reversed(self._kinds.get(kind, {}).values())
        return [each for each in there if all(each.get(name) == value for name, value in equal.items())]

    def now(self, thing: Mapping[str, Any] | None = None) -> int:
        """Seconds since 1970: those of the test clock that the object hangs on, else the world's."""
        clock = self.test_clock(thing) if thing else None
        if clock:
            return int(clock["frozen_time"])
        return int(self.clock.now().timestamp()) if self._past is None else self._past

    @contextmanager
    def catching_up(self, moment: int) -> Iterator[None]:
        """The world's clock went past this moment before anybody looked: what was due then happens as of then."""
        self._past = moment
        try:
            yield
        finally:
            self._past = None

    def test_clock(self, thing: Mapping[str, Any]) -> Words | None:
        key = thing.get("test_clock")
        if key is None and isinstance(thing.get("customer"), str):
            key = self.kept.get(thing["customer"], {}).get("test_clock")
        return self.kept.get(key) if key else None

    def tell(self, word: str, thing: Words, *, before: Words | None = None) -> Words:
        """A new event of the object as it stands."""
        told: Words = {"object": outward(thing)}
        if before is not None:
            told["previous_attributes"] = before
        event = self.put({
            "id": self.new_id("evt"), "object": "event", "api_version": VERSION, "created": self.now(thing), "data": told,
            "livemode": False, "pending_webhooks": 0, "request": dict(zip(("id", "idempotency_key"), self.requested, strict=True)),
            "type": word, "_customer": thing["id"] if thing["object"] == "customer" else thing.get("customer"),
        })  # fmt: skip
        for tell in self.tellers:
            tell(event)
        return event

    @contextmanager
    def changing(self, thing: Words, word: str) -> Iterator[Words]:
        """Tells of what changed, with what was before; of nothing where nothing changed."""
        before = outward(thing)
        yield thing
        after = outward(thing)
        changed = {name: value for name, value in before.items() if after.get(name) != value}
        if before != after:
            self.tell(word, thing, before=changed)


def outward(thing: Any) -> Any:
    """A copy without what is the sandbox's own."""
    if isinstance(thing, dict):
        return {name: outward(value) for name, value in thing.items() if not name.startswith("_")}
    return [outward(each) for each in thing] if isinstance(thing, list) else copy.copy(thing)
