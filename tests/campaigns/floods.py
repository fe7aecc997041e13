"""`python -m tests.campaigns.floods`: the API with four workers under spoofed addresses, slow clients, heads and bodies too large.

The server is started as `whyral up` does it. Figures are printed; the exit code is 1 where one is not what it must be.
"""

import argparse
import asyncio
import os
import random
import resource
import sys
import time
from collections import Counter
from statistics import median, quantiles

import httpx
import psutil

from bench.harness import servers
from bench.harness.servers import PLENTY
from bench.harness.stage import stage

WORKERS, LIMIT, NOBODY, DEEP = 4, 1_000, 300, 20
WHO = {"email": "flood@example.org", "password": "a password for floods only"}
HOSTILE: dict[str, tuple[int, dict[str, object]]] = {
    "many headers": (431, {"headers": {f"X-{number}": "a" for number in range(90)}}),
    "long headers": (431, {"headers": {"Cookie": "a" * 20_000}}),
    "long address": (414, {"params": {"q": "a" * 9_000}}),
    "another host": (421, {"headers": {"Host": "evil.example"}}),
}


def main() -> int:
    """0 where all is as it must be."""
    parser = argparse.ArgumentParser(prog="fuzz-floods", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--slow", type=int, default=2_000, help="clients that send a head and never end it")
    parser.add_argument("--rounds", type=int, default=200, help="calls of each hostile kind")
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"seed {asked.seed}", flush=True)
    limits = {**PLENTY, "WHYRAL_RATE_LIMIT_PER_HOUR": str(LIMIT)}
    with stage() as made, servers.ours(made, workers=WORKERS, environment=limits) as address:
        return asyncio.run(_played(address, random.Random(asked.seed), asked.slow, asked.rounds))


async def _played(address: str, chance: random.Random, slow: int, rounds: int) -> int:
    async with httpx.AsyncClient(
        base_url=address, timeout=30, limits=httpx.Limits(max_connections=24, max_keepalive_connections=0)
    ) as http:
        checks = [await _hostile(http, rounds), await _exact(http), await _spoofed(http, chance), await _slow(http, address, slow)]
    return int(not all(checks))


async def _crowd(http: httpx.AsyncClient, headers: list[dict[str, str]], path: str) -> Counter[int]:
    gate = asyncio.Semaphore(24)

    async def call(each: dict[str, str]) -> int:
        async with gate:
            return (await http.get(path, headers=each)).status_code

    return Counter(await asyncio.gather(*(call(each) for each in headers)))


async def _exact(http: httpx.AsyncClient) -> bool:
    (await http.post("/api/v1/auth/register", json={**WHO, "workspace": "Flood"})).raise_for_status()
    token = (await http.post("/api/v1/auth/login", json=WHO)).raise_for_status().json()["access_token"]
    found = await _crowd(http, [{"Authorization": f"Bearer {token}"}] * (LIMIT + NOBODY), "/api/v1/me")
    off = abs(found[200] - LIMIT) / LIMIT
    print(f"one person, {WORKERS} workers, {LIMIT} an hour: {dict(found)}, off by {off:.2%} (must be within 1 %)", flush=True)
    return off <= 0.01 and set(found) <= {200, 429}


async def _spoofed(http: httpx.AsyncClient, chance: random.Random) -> bool:
    """Of the address before: deep JSON, and three calls (whether the server answers, registering, logging in)."""
    spoofs = [{"X-Forwarded-For": ".".join(str(chance.randrange(256)) for _ in range(4))} for _ in range(LIMIT + NOBODY)]
    found = await _crowd(http, spoofs, "/api/v1/me")
    off = abs(found[401] - (LIMIT - 3 - DEEP)) / LIMIT
    print(f"nobody, another X-Forwarded-For each time: {dict(found)}, off by {off:.2%} (must be within 1 %)", flush=True)
    return off <= 0.01 and set(found) <= {401, 429}


async def _hostile(http: httpx.AsyncClient, rounds: int) -> bool:
    told: dict[str, Counter[int]] = {"deep JSON": Counter()}
    for name, (_, words) in HOSTILE.items():
        path = "/docs" if name == "another host" else "/health/live"
        told[name] = Counter([(await http.get(path, **words)).status_code for _ in range(rounds)])  # type: ignore[arg-type]
    for _ in range(DEEP):
        answer = await http.post(
            "/api/v1/auth/register", content=b'{"email":' + b"[" * 100_000, headers={"Content-Type": "application/json"}
        )
        told["deep JSON"][answer.status_code] += 1
    print(f"hostile heads and bodies, {rounds} of each: { {name: dict(found) for name, found in told.items()} }", flush=True)
    return set(told["deep JSON"]) == {400} and all(set(told[name]) == {status} for name, (status, _) in HOSTILE.items())


async def _slow(http: httpx.AsyncClient, address: str, slow: int) -> bool:
    port, before, memory = int(address.rpartition(":")[2]), await _p99(http), _memory()
    held = [each for each in [await _opened(port) for _ in range(slow)] if each is not None]
    during, grown = await _p99(http), (_memory() - memory) / 2**20
    began = time.monotonic()
    ends = await asyncio.gather(*(asyncio.wait_for(reader.read(1), 30) for reader, _ in held[-200:]), return_exceptions=True)
    closed = sum(each == b"" for each in ends)
    for _, writer in held:
        writer.close()
    print(
        f"{len(held)} of {slow} slow clients held: an honest call's p50/p99 {during[0]:.1f}/{during[1]:.1f} ms"
        f" (before {before[0]:.1f}/{before[1]:.1f}), memory +{grown:.0f} MiB"
        f" (must be <= 100); {closed} of {len(ends)} cut off within {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return grown <= 100 and closed == len(ends) and during[1] <= max(2 * before[1], 250)


async def _opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 10)
    except (OSError, TimeoutError):
        return None
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    return reader, writer


async def _p99(http: httpx.AsyncClient) -> tuple[float, float]:
    took = []
    for _ in range(200):
        began = time.perf_counter()
        (await http.get("/health/live")).raise_for_status()
        took.append((time.perf_counter() - began) * 1_000)
    return median(took), quantiles(took, n=100)[-1]


def _memory() -> int:
    """Of the server and its workers, in bytes."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    return sum(each.memory_info().rss for each in children if "granian" in " ".join(each.cmdline()))


if __name__ == "__main__":
    sys.exit(main())
