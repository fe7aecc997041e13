"""The long campaign: `python -m tests.canary --requests 1000000`. A process per core, each with a database of its own; seed and counts
are printed.
"""

import argparse
import math
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from gateways.postgres_server import PostgresServer
from tests.canary.campaign import Part, play
from tests.canary.replay import Record
from tests.conftest import make_template


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.canary", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--pooled", type=int, default=500_000, help="transactions through a small pool")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after so long, and say how far it came")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="whyral-canary-") as home:
        Path(home).chmod(0o755)
        server = PostgresServer(Path(home), port=None, for_tests=True, max_connections=200)
        address = server.start()
        try:
            make_template(address)
            share, small = given.requests // given.processes, given.pooled // given.processes
            parts = [
                Part(address.superuser_url(), given.seed + each, share, pooled=small, seconds=given.seconds)
                for each in range(given.processes)
            ]
            with ProcessPoolExecutor(given.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
                told = list(pool.map(play, parts))
        finally:
            server.remove()
    return _report(told)


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
