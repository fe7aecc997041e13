"""What an `Idempotency-Key` costs a write: `POST /api/v1/insights/entities`, one client without load, 900 calls with a key of their own
and 900 without one in turn, on ours as `whyral up` starts it; embedded PostgreSQL with production settings, so that every commit reaches
the disk.

A key costs some statements and a row more, in the transaction of the write. The bar is the difference of the medians; beside it stands
what it costs to be told a stored answer.
"""

import time
from itertools import count
from statistics import median

import httpx
import psycopg

from bench.harness import servers
from bench.harness.library import Holder, fill
from bench.harness.rows import Row, Scale
from bench.harness.stage import stage

TITLE = "Identity: writes that may be repeated"
PATH = "/api/v1/insights/entities"
CALLS, WARM_UP, MOST_MS = 300, 30, 3.0


def run(scale: Scale) -> list[Row]:
    with stage() as made:
        (holder,) = fill(made.superuser, [1])
        with psycopg.connect(made.superuser, autocommit=True) as connection:
            connection.execute("update api_keys set scopes = array['read', 'write']")
            with servers.ours(made) as address, httpx.Client(base_url=address, headers=_who(holder), timeout=30) as client:
                took = _in_turn(client, connection, scale.rounds * scale.rows(CALLS))
    with_key, without, again = (median(took[name]) for name in ("with a key", "without", "again"))
    return [
        Row(
            name="a write with a key, p50", ours=with_key, baseline=without, unit="ms", ratio=with_key / without, bar="costs <= 3 ms",
            passed=with_key - without <= MOST_MS, note=f"{with_key - without:.2f} ms more than without; {len(took['without'])} calls each",
        ),
        Row(name="the stored answer again, p50", ours=again, baseline=without, unit="ms", ratio=again / without),
    ]  # fmt: skip


def _in_turn(client: httpx.Client, connection: psycopg.Connection, calls: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"with a key": [], "without": [], "again": []}
    numbers = count()
    for number in range(calls + WARM_UP):
        connection.execute("delete from entities")  # a workspace has room for so many
        key = {"Idempotency-Key": f"bench-{number}"}
        named = f"person {next(numbers)}"
        for name, words, headers in (("with a key", named, key), ("without", f"person {next(numbers)}", {}), ("again", named, key)):
            milliseconds = _timed(client, words, headers)
            if number >= WARM_UP:
                took[name].append(milliseconds)
    return took


def _timed(client: httpx.Client, name: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = client.post(PATH, json={"name": name, "kind": "person"}, headers=headers)
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return took


def _who(holder: Holder) -> dict[str, str]:
    return {"Authorization": f"Bearer {holder.key.plain}"}
