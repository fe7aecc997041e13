"""What a campaign came to, and how it is told. What is counted here is played by `tests.canary.replay`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.canary.hints import DEAR

# How many operations are named for what they cost.
DEAREST = 8
FAULTS = 50


@dataclass(slots=True)
class Record:
    """What one attacker came to. `seconds`: spent on each operation, whatever was answered. `is_filtered`: by the build as it is."""

    seed: int
    is_filtered: bool = True
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    played: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    pairs: int = 0
    faults: list[str] = field(default_factory=list)

    def summary(self) -> str:
        share, found = dict(sorted(self.statuses.items())), len(self.faults)
        build = "" if self.is_filtered else " without filters"
        return (
            f"seed {self.seed}{build}: {self.requests} requests, {len(self.played)} operations, {self.pairs} pairs, {share}, {found} faults"
        )

    @property
    def repeat(self) -> str:
        """The command that plays the same again, and nothing else."""
        return f"python -m tests.canary --spell {self.seed}{'' if self.is_filtered else ' --without-filters'}"


@dataclass(frozen=True, slots=True)
class Told:
    """What one process came to: its attackers, and in words what else it did and whether that was good."""

    records: Sequence[Record]
    words: str
    is_good: bool


def is_good(told: Iterable[Told]) -> bool:
    return all(each.is_good and not any(record.faults for record in each.records) for each in told)


def report(told: Sequence[Told]) -> Iterator[str]:
    """Line by line: how often each class of operations was played, what was dear, and every fault with how to repeat it."""
    records = [record for each in told for record in each.records]
    yield from (each.words for each in told)
    yield from _often(records)
    statuses = sum((record.statuses for record in records), Counter[int]())
    requests, pairs = sum(record.requests for record in records), sum(record.pairs for record in records)
    bare = sum(record.requests for record in records if not record.is_filtered)
    found = sum(len(record.faults) for record in records)
    yield f"answers: {dict(sorted(statuses.items()))}"
    yield f"{requests} requests, {bare} of them on the build without filters, {pairs} pairs: {found} faults"
    for record in records:
        if record.faults:
            yield f"repeat: {record.repeat}"
            yield from sorted(set(record.faults))[:FAULTS]


def _often(records: Sequence[Record]) -> Iterator[str]:
    played = sum((record.played for record in records), Counter[str]())
    cost = {name: 1_000 * sum(record.seconds.get(name, 0) for record in records) / count for name, count in played.items()}
    for words, names in (("", played.keys() - DEAR), ("dear ", played.keys() & DEAR)):
        counts = sorted(played[name] for name in names)
        if counts:
            spent = sum(cost[name] * played[name] for name in names) / sum(counts)
            yield f"{len(names)} {words}operations: each {counts[0]} to {counts[-1]} times, {spent:.2f} ms a request"
    dearest = sorted(cost, key=cost.__getitem__, reverse=True)[:DEAREST]
    yield "the dearest: " + ", ".join(f"{name} {cost[name]:.1f} ms ({played[name]} times)" for name in dearest)
