"""`whyral up` on a fresh home and again on the same one, as a process, with the demo. *Cold* begins with nothing but installed packages:
it makes the database, migrates, starts every part, writes the demo and brings it through the graph; it ends when the effects of the
demo answer over HTTP. *Warm* is the second start, until everything answers. *Idle* is the whole system a minute later: the sum of the
proportional set sizes (PSS) of every process that belongs to it, PostgreSQL included, and their processor time over twenty seconds.
"""

import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from bench.harness.rows import Row, Scale
from gateways.postgres_server import PostgresServer
from tests.stack.running import ROOT, Whyral, until

TITLE = "Starting everything, and what it needs while idle"

SETTLE_SECONDS = 60
WATCH_SECONDS = 20
DEMO = [sys.executable, str(ROOT / "cli.py"), "up"]


def run(scale: Scale) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        Path(name).chmod(0o755)
        whyral = Whyral(Path(name) / "home")
        whyral.command = DEMO
        try:
            cold = _until_effects(whyral)
            whyral.stop()
            warm = whyral.start()
            time.sleep(SETTLE_SECONDS * min(1, scale.share))
            memory, share = _pss(whyral), _busy(whyral)
        finally:
            if whyral.process is not None:
                whyral.stop()
            PostgresServer(whyral.home, port=None).remove()
    return [
        Row(name="cold start to effects over HTTP", ours=cold, unit="s", bar="<= 120 s", passed=cold <= 120),
        Row(name="warm start", ours=warm, unit="s", bar="<= 30 s", passed=warm <= 30),
        Row(name="idle memory of everything (PSS)", ours=memory / 1e6, unit="MB", bar="<= 900 MB", passed=memory <= 900e6),
        Row(name="idle processor time", ours=100 * share, unit="% of one core"),
    ]


def _until_effects(whyral: Whyral) -> float:
    began = time.monotonic()
    whyral.start()
    until(lambda: _has_effects(whyral), "the effects of the demo", seconds=400)
    return time.monotonic() - began


def _has_effects(whyral: Whyral) -> bool:
    key = whyral.home / "key"
    if not key.exists():
        return False
    url = f"http://127.0.0.1:{whyral.ports['WHYRAL_API_PORT']}/api/v1/insights/effects"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {key.read_text().strip()}"}, timeout=10)
    return answer.status_code == httpx.codes.OK and bool(answer.json()["items"])


def _pss(whyral: Whyral) -> int:
    return sum(each.memory_full_info().pss for each in whyral.family() if each.is_running())


def _busy(whyral: Whyral) -> float:
    family = whyral.family()
    before = _processor_seconds(family)
    time.sleep(WATCH_SECONDS)
    return (_processor_seconds(family) - before) / WATCH_SECONDS


def _processor_seconds(family: list[psutil.Process]) -> float:
    times = [each.cpu_times() for each in family if each.is_running()]
    return float(sum(each.user + each.system for each in times))
