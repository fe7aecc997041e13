"""A load generator for machines without wrk, in a process of its own: keep-alive connections, each asks again as soon as it was answered.

`python -m bench.harness.generator URL CONNECTIONS SECONDS KEYS [PAUSE_MS]` prints what `load.lua` prints; the pause is what a connection
lets pass, on average, before its next call. Slower than wrk: it takes processor time from the server that it measures, from ours and the
baseline alike.
"""

import asyncio
import json
import random
import sys
import time
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


async def main(url: str, connections: int, seconds: float, keys: list[str], pause_ms: float = 0) -> dict[str, float]:
    parts, turn, took, errors = urlsplit(url), cycle(keys), list[float](), 0
    until = time.perf_counter() + seconds

    async def ask() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)
        while (began := time.perf_counter()) < until:
            head = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {next(turn)}\r\n\r\n"
            writer.write(head.encode())
            answer = await reader.readuntil(HEAD_END)
            lines = answer.lower().split(b"\r\n")
            await reader.readexactly(next(int(line[len(LENGTH) :]) for line in lines if line.startswith(LENGTH)))
            errors += not lines[0].startswith(b"http/1.1 200")
            took.append(time.perf_counter() - began)
            if pause_ms:
                await asyncio.sleep(random.uniform(0, 2 * pause_ms) / 1000)
        writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    took.sort()
    p50, p95, p99 = (took[int(len(took) * share)] * 1000 for share in (0.50, 0.95, 0.99))
    return {"requests": len(took), "seconds": seconds, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "errors": errors}


if __name__ == "__main__":
    url, connections, seconds, keys, *paused = sys.argv[1:]
    held = Path(keys).read_text(encoding="utf-8").split()
    print(json.dumps(asyncio.run(main(url, int(connections), float(seconds), held, *map(float, paused)))))
