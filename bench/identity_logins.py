"""How many passwords can be checked in a second, and in how much memory: 64 callers at once on `gateways.credentials.Passwords` as the API
makes it, every other one with a wrong password, in a process that does nothing else.

The memory is the most that the process ever had, Python and its libraries among it. Whoever waits longer than the hasher lets him is
refused, which is counted apart.
"""

import json
import subprocess
import sys
from statistics import median

from bench.harness.rows import Row, Scale

TITLE = "Identity: logins"
CALLERS, MOST_MIB = 64, 512.0


def run(scale: Scale) -> list[Row]:
    found = [_measured(scale.seconds) for _ in range(scale.rounds)]
    speed, memory = median(each["checked"] / each["seconds"] for each in found), max(each["peak_bytes"] for each in found) / 2**20
    refused = sum(each["refused"] for each in found)
    return [
        Row(name="passwords checked", ours=speed, unit="1/s", note=f"{CALLERS} callers; {refused:.0f} refused for waiting too long"),
        Row(name="memory while they are", ours=memory, unit="MiB", bar="<= 512 MiB", passed=memory <= MOST_MIB),
    ]


def _measured(seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.harness.logins", str(CALLERS), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
