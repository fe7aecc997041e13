"""The long campaign: `python -m tests.canary --requests 1000000`. Two processes, each with a database of its own; seed and counts are printed."""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateways.postgres_server import PostgresServer
from store.database import Database
from tests.canary.calling import Door
from tests.canary.mutants import Statements, watch
from tests.canary.pools import pooled
from tests.canary.replay import Record, Replay
from tests.canary.stage import Stage, staged
from tests.canary.timing import timed
from tests.conftest import TestUrls, make_template, make_urls

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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.canary", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--pooled", type=int, default=500_000, help="transactions through a small pool")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="whyral-canary-") as home:
        Path(home).chmod(0o755)
        server = PostgresServer(Path(home), port=None, for_tests=True, max_connections=200)
        address = server.start()
        try:
            make_template(address)
            share, small = given.requests // given.processes, given.pooled // given.processes
            parts = [Part(address.superuser_url(), given.seed + each, share, pooled=small) for each in range(given.processes)]
            with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
                told = pool.map(_play, parts)
        finally:
            server.remove()
    return _report(told)


def _play(part: Part) -> tuple[list[Record], str, bool]:
    urls = make_urls(part.url, f"canary_{part.seed}")
    without = int(part.requests * part.without)
    began = time.monotonic()
    records, timing = asyncio.run(_campaign(urls, part.seed, part.requests - without))
    statements = Statements(is_filtered=False)
    mutant, _ = asyncio.run(_campaign(urls, part.seed + 1_000, without, database=watch(Database(urls.app), statements), pairs=0))
    seconds = time.monotonic() - began
    carried = pooled(urls, transactions=part.pooled, seed=part.seed)
    words = f"{timing[0]}; {statements.stripped} filters taken out; {seconds:.0f} s; {carried.summary()}"
    return records + mutant, words, timing[1] and not carried.faults


async def _campaign(
    urls: TestUrls, seed: int, requests: int, *, database: Database | None = None, pairs: int = PAIRS
) -> tuple[list[Record], tuple[str, bool]]:
    """Each workspace in turn against the others."""
    with tempfile.TemporaryDirectory(prefix="whyral-canary-files-") as files, staged(urls, Path(files), database=database) as stage:
        stage.settle(TENANTS)
        async with stage.app.lifespan():
            door = Door(stage.app)
            even = await _timing(stage, door, pairs, seed) if pairs else ("", True)
            records = []
            for number, attacker in enumerate(stage.residents):
                replay = Replay(stage, door, attacker, seed=seed * 10 + number)
                for owner in stage.residents:
                    if owner is not attacker:
                        await replay.harvest(owner)
                records.append(await replay.play(requests // TENANTS))
            return records, even


async def _timing(stage: Stage, door: Door, pairs: int, seed: int) -> tuple[str, bool]:
    found = await timed(stage, door, pairs=pairs, seed=seed)
    foreign, nobody = found.p95_milliseconds
    return f"p95 of {pairs} pairs: {foreign:.2f} ms for a neighbour's id, {nobody:.2f} ms for nobody's", found.is_even


def _report(told: Sequence[tuple[list[Record], str, bool]]) -> int:
    statuses: Counter[int] = Counter()
    faults: list[str] = []
    for records, words, _ in told:
        for record in records:
            sys.stdout.write(f"{record.summary()}\n")
            statuses += record.statuses
            faults += record.faults
        sys.stdout.write(f"{words}\n")
    played = {name for records, _, _ in told for record in records for name in record.played}
    sys.stdout.write(f"{sum(statuses.values())} requests over {len(played)} operations: {len(faults)} faults\n")
    for fault in sorted(set(faults))[:50]:
        sys.stdout.write(f"{fault}\n")
    return 0 if not faults and all(is_good for _, _, is_good in told) else 1


if __name__ == "__main__":
    sys.exit(main())
