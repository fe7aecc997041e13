"""Load on a loopback server: `wrk` where it is installed, else our own generator. One process of load, bounded in time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to."""

    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def middle(cls, rounds: Sequence["Load"]) -> "Load":
        """Of each figure the median of the rounds."""
        return cls(*(median(getattr(each, name) for each in rounds) for name in cls.__dataclass_fields__))


def tool() -> str:
    return "wrk" if shutil.which("wrk") else "our own asyncio generator (wrk is not installed)"


def press(url: str, keys: Path, *, connections: int, seconds: float, pause_ms: int | None = None) -> Load:
    """GET `url` with the keys of the file in turn. Raises where an answer was not 200: nothing is measured then.

    `pause_ms`: what each connection lets pass, on average, between an answer and its next call; None asks again at once.
    """
    wrk, given = shutil.which("wrk"), [str(keys), *([] if pause_ms is None else [str(pause_ms)])]
    command = (
        [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(_SCRIPT), url, "--", *given]
        if wrk
        else [sys.executable, "-m", "bench.harness.generator", url, str(connections), str(seconds), *given]
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    if said["errors"]:
        raise RuntimeError(f"{url} was answered with {said['errors']} errors")
    return Load(said["requests"] / said["seconds"], said["p50_ms"], said["p95_ms"], said["p99_ms"])
