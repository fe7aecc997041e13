"""Playing routes as somebody else, and judging what comes back. Calls are made of the document by `tests.canary.routes`."""

import asyncio
import math
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from store.ids import new_id
from tests.canary.calling import Answer, Call, Door
from tests.canary.hints import DEAR
from tests.canary.lending import Lent
from tests.canary.records import Record
from tests.canary.routes import Ids, Operation, enumerated
from tests.canary.stage import Resident, Stage
from tests.canary.telling import are_alike, shape_of
from tests.canary.words import crossed

METERS_EVERY = 100
# Of ten rounds of another operation, a dear one has so many.
DEAR_SHARE = 0.1
PATIENCE_SECONDS = 60


class Replay:
    """One attacker against its neighbours. `harvest` first: what owners are shown is what an attacker might have come by."""

    def __init__(self, stage: Stage, door: Door, attacker: Resident, *, seed: int, operations: Sequence[Operation] | None = None) -> None:
        self._operations = stage.operations if operations is None else operations
        self._stage, self._door, self._attacker, self._chance = stage, door, attacker, random.Random(seed)
        self._victims = [each for each in stage.residents if each.number != attacker.number]
        self._cursors: dict[str, list[str]] = {}
        self._etags: dict[str, list[str]] = {}
        self.record = Record(seed)

    async def harvest(self, owner: Resident) -> None:
        """An owner's pages of one row: their cursors, and the tags of its answers."""
        for operation in self._stage.operations:
            if operation.method == "GET" and any(each["name"] == "cursor" for each in operation.parameters):
                answer = await self._door.ask(operation.call(owner.ids, query=(("limit", "1"),)).by(owner.key))
                found = re.search(rb'"next_cursor":"([^"]+)"', answer.body)
                if found:
                    self._cursors.setdefault(operation.name, []).append(found[1].decode())
                if answer.header(b"etag"):
                    self._etags.setdefault(operation.name, []).append(answer.header(b"etag").decode())

    async def play(self, requests: int, *, until: float = math.inf) -> Record:
        """Every operation once, then as the seed has it. `until`: by the monotonic clock, where it takes too long."""
        self._stage.logged.taken()  # of others, who may be told of what is theirs
        for number, operation in enumerate(self._drawn()):
            is_done = number >= len(self._operations) and self.record.requests >= requests
            if is_done or time.monotonic() >= until:
                break
            if number % METERS_EVERY == 0:
                self._stage.forget_meters(self._attacker)
            await self._round(operation)
        return self.record

    def _drawn(self) -> Iterator[Operation]:
        """Without an end. What a call costs has no say in it: the same seed draws the same, on any machine."""
        yield from self._operations
        weights = [DEAR_SHARE if each.name in DEAR else 1.0 for each in self._operations]
        while True:
            yield from self._chance.choices(self._operations, weights, k=METERS_EVERY)

    async def _round(self, operation: Operation) -> None:
        """The same call with ids of a neighbour and with ids of nobody, in either order."""
        victim, began = self._chance.choice(self._victims), time.perf_counter()
        shape = self._shape(operation, victim)
        lent = [Lent(self._attacker.ids, victim.ids, shape.draw, is_nobody=is_nobody) for is_nobody in (False, True)]
        calls = [self._call(operation, ids, shape) for ids in lent]
        if calls[0].sent == calls[1].sent:
            await self._told(operation, calls[0])
        else:
            await self._compared(operation, calls, self._chance.randrange(2))
        self.record.seconds[operation.name] = self.record.seconds.get(operation.name, 0.0) + time.perf_counter() - began

    async def _compared(self, operation: Operation, calls: Sequence[Call], first: int) -> None:
        self.record.pairs += 1
        if await self._differ(operation, calls, first) and (difference := await self._differ(operation, calls, 1 - first)):
            self.record.faults.append(f"{operation.name}: a neighbour's id is told from nobody's: {difference} for {calls[0].sent[:300]!r}")

    def _shape(self, operation: Operation, victim: Resident) -> "_Shape":
        """What both calls of a pair share."""
        chance, names = self._chance, [each["name"] for each in operation.of("query") if not each.get("required")]
        cursors = self._cursors.get(operation.name) or [each for some in self._cursors.values() for each in some] or ["x"]
        etags = self._etags.get(operation.name, ['"x"'])
        return _Shape(
            asked=tuple(name for name in names if chance.random() < 0.3), cursor=chance.choice(cursors), etag=chance.choice(etags),
            draw=chance.randrange(2**32), word=chance.choice(victim.ids["title"]),
            credential=chance.choice((self._attacker.key, self._attacker.token, self._attacker.token)),
            key=new_id().hex if chance.random() < 0.5 else None,
        )  # fmt: skip

    def _call(self, operation: Operation, ids: Ids, shape: "_Shape") -> Call:
        chance = random.Random(shape.draw)
        made = operation.call(ids)
        asked = [
            (each["name"], self._asked(operation, each, ids, shape, chance))
            for each in operation.of("query")
            if each["name"] in shape.asked
        ]
        headers = []
        for each in operation.of("header"):
            if each["name"] == "Idempotency-Key" and shape.key:
                headers.append(("Idempotency-Key", ids["key"][0] if chance.random() < 0.3 else f"{shape.key}{chance.random()}"))
        if operation.method == "GET" and chance.random() < 0.2:
            headers.append(("If-None-Match", shape.etag))
        return replace(made, query=(*made.query, *asked), headers=(*made.headers, *headers), credential=shape.credential)

    def _asked(self, operation: Operation, each: Mapping[str, object], ids: Ids, shape: "_Shape", chance: random.Random) -> str:
        name = str(each["name"])
        if name == "cursor":
            return shape.cursor
        if operation.kind_of(name) in ids and chance.random() < 0.8:
            return ids[operation.kind_of(name)][0]
        if name == "q":
            return shape.word
        return enumerated(each, chance)

    async def _told(self, operation: Operation, call: Call) -> Answer:
        record = self.record
        try:
            answer = await asyncio.wait_for(self._door.ask(call), PATIENCE_SECONDS)
        except TimeoutError as error:
            error.add_note(f"{operation.name}: no answer for {call.sent[:300]!r}")
            raise
        record.requests += 1
        record.statuses[answer.status] += 1
        record.played[operation.name] += 1
        logged = self._stage.logged.taken()
        for where, words in (("the answer", answer.received), ("the log", logged.encode())):
            found = crossed(words, call.sent, [self._attacker.number])
            if found:
                record.faults.append(f"{operation.name}: {sorted(found)[:3]} in {where}, {answer.status}, for {call.sent[:300]!r}")
        if answer.status >= 500 and answer.status not in (502, 503):
            record.faults.append(f"{operation.name}: {answer.status} for {call.sent[:300]!r}: {logged[-600:]}")
        if answer.status == 401 and not operation.is_public:
            self._attacker = self._stage.renewed(self._attacker)
        return answer

    async def _differ(self, operation: Operation, calls: Sequence[Call], first: int) -> str:
        """How the answers differ, "" where they do not. What the first call changed may be why: ask again the other way round."""
        one, other = await self._told(operation, calls[first]), await self._told(operation, calls[1 - first])
        if are_alike(one, other):
            return ""
        told = [other, one] if first else [one, other]
        shapes = [shape_of(answer, call) for answer, call in zip(told, calls, strict=True)]
        # One's own answer of before, kept under the key of one of the calls. A neighbour's would hold canaries.
        is_kept = any(self._is_own(answer, call) for answer, call in zip(told, calls, strict=True))
        is_done = operation.writes and all(answer.status < 300 for answer in told)
        return "" if shapes[0] == shapes[1] or is_done or is_kept else f"{shapes[0]} and {shapes[1]}"

    def _is_own(self, answer: Answer, call: Call) -> bool:
        """Whether it tells of an earlier call of the attacker's under the same idempotency key: by the database, not by the answer."""
        if answer.header(b"idempotency-replayed") == b"true":
            return True
        key = dict(call.headers).get("Idempotency-Key")
        return b"Idempotency-Key was used" in answer.body and key is not None and self._stage.has_key(self._attacker, key)


@dataclass(frozen=True, slots=True)
class _Shape:
    asked: tuple[str, ...]
    cursor: str
    etag: str
    draw: int
    word: str
    credential: str = field(repr=False)
    key: str | None
