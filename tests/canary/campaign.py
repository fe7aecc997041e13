"""What one process of the long campaign does: attacks, the same against a build without filters, timing, and a small pool."""

import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from store.database import Database
from tests.canary.calling import Door
from tests.canary.mutants import Statements, watch
from tests.canary.pools import pooled
from tests.canary.replay import Record, Replay
from tests.canary.stage import Stage, staged
from tests.canary.timing import timed
from tests.conftest import TestUrls, make_urls

TENANTS = 5
PAIRS = 2_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does. `without`: the share of the requests that go to a build whose repositories do not filter."""

    url: str
    seed: int
    requests: int
    without: float = 0.1
    pooled: int = 250_000
    seconds: float = math.inf


def play(part: Part) -> tuple[list[Record], str, bool]:
    """The records, what else is to be told, and whether that was good."""
    urls = make_urls(part.url, f"canary_{part.seed}")
    without = int(part.requests * part.without)
    began = time.monotonic()
    records, timing = _campaign(urls, part.seed, part.requests - without, part.seconds)
    statements = Statements(is_filtered=False)
    mutant, _ = _campaign(
        urls, part.seed + 1_000, without, part.seconds * part.without, database=watch(Database(urls.app), statements), pairs=0
    )
    seconds = time.monotonic() - began
    carried = pooled(urls, transactions=part.pooled, seed=part.seed)
    words = f"{timing[0]}; {statements.stripped} filters taken out; {seconds:.0f} s; {carried.summary()}"
    return records + mutant, words, timing[1] and not carried.faults


def _campaign(
    urls: TestUrls, seed: int, requests: int, seconds: float, *, database: Database | None = None, pairs: int = PAIRS
) -> tuple[list[Record], tuple[str, bool]]:
    with tempfile.TemporaryDirectory(prefix="whyral-canary-files-") as files, staged(urls, Path(files), database=database) as stage:
        stage.settle(TENANTS)
        return stage.play(_attacks(stage, seed, requests, pairs, seconds))


async def _attacks(stage: Stage, seed: int, requests: int, pairs: int, seconds: float) -> tuple[list[Record], tuple[str, bool]]:
    """Each workspace in turn against the others."""
    door, began = Door(stage.app), time.monotonic()
    even = await _timing(stage, door, pairs, seed) if pairs else ("", True)
    records = []
    for number, attacker in enumerate(stage.residents):
        replay = Replay(stage, door, attacker, seed=seed * 10 + number)
        for owner in stage.residents:
            if owner is not attacker:
                await replay.harvest(owner)
        records.append(await replay.play(requests // TENANTS, until=began + (number + 1) * seconds / TENANTS))
    return records, even


async def _timing(stage: Stage, door: Door, pairs: int, seed: int) -> tuple[str, bool]:
    found = await timed(stage, door, pairs=pairs, seed=seed)
    foreign, nobody = found.p95_milliseconds
    return f"p95 of {pairs} pairs: {foreign:.2f} ms for a neighbour's id, {nobody:.2f} ms for nobody's", found.is_even
