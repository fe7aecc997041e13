"""The long campaign: `python -m tests.canary --requests 1000000`. A process per core, each with a database of its own. Seed and counts
are printed, and for each fault how to play what led to it again. Ends with 1 where there is one.
"""

import argparse
import math
import multiprocessing
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateways.postgres_server import PostgresServer
from tests.canary.campaign import SPELL, Part, play, repeat
from tests.canary.records import Told, is_good, report
from tests.conftest import make_template


def main() -> int:
    given = _given()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"seed {given.seed if given.spell is None else given.spell}\n")
    sys.stdout.flush()
    try:
        with tempfile.TemporaryDirectory(prefix="whyral-canary-") as home, _server(Path(home)) as url:
            told = _played(given, url, Path(home))
    except KeyboardInterrupt:
        sys.stdout.write("broken off\n")
        return 128 + signal.SIGINT
    sys.stdout.write("".join(f"{line}\n" for line in report(told)))
    return 0 if is_good(told) else 1


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.canary", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--pooled", type=int, default=500_000, help="transactions through a small pool")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop so long after the database is there")
    parser.add_argument("--spell", type=int, help="play one attacker again, by its seed")
    parser.add_argument("--without-filters", action="store_true", help="with --spell: on the build without filters")
    return parser.parse_args()


@contextmanager
def _server(home: Path) -> Iterator[str]:
    home.chmod(0o755)
    server = PostgresServer(home, port=None, for_tests=True, max_connections=200)
    address = server.start()
    try:
        make_template(address)
        yield address.superuser_url()
    finally:
        server.remove()


def _played(given: argparse.Namespace, url: str, home: Path) -> Sequence[Told]:
    if given.spell is not None:
        again = Part(url, home, given.spell, SPELL, pooled=0, seconds=given.seconds)
        return _apart([again], partial(repeat, is_filtered=not given.without_filters))
    share, small = given.requests // given.processes, given.pooled // given.processes
    parts = [Part(url, home, given.seed + each, share, small, given.seconds) for each in range(given.processes)]
    return _apart(parts, play)


def _apart(parts: Sequence[Part], work: Callable[[Part], Told]) -> Sequence[Told]:
    """Each in a process of its own. Who breaks this off, or a part that does, ends them all."""
    with ProcessPoolExecutor(len(parts), mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return list(pool.map(work, parts))
        except BaseException:
            for child in multiprocessing.active_children():
                child.terminate()
            raise


if __name__ == "__main__":
    sys.exit(main())
