"""What the wall between tenants costs a request: 50,000 videos over 100 tenants, `GET /api/v1/videos?sort=views&limit=50`, the keys of
all tenants in turn, 32 connections without a pause, one worker process each; embedded PostgreSQL with production settings.

Ours checks the key and binds the tenant in the first statement of every transaction, and every row passes a policy. The baseline is the
same API on the same rows as a superuser, whom no policy binds, and without that statement: who calls is looked up in memory
(`bench/baselines/unprotected.py`). Answers are compared first. Both take turns; figures are medians of the rounds. The cost is how much
longer a request takes.

What the limiter of calls costs is measured by itself (`bench/identity_limits.py`).
"""

from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.harness import servers
from bench.harness.library import Holder, fill
from bench.harness.load import Load, press, tool
from bench.harness.rows import Row, Scale
from bench.harness.stage import Stage, stage

TITLE = "Identity: the wall between tenants"
LIST = "/api/v1/videos?sort=views&limit=50"
TENANTS, VIDEOS, CONNECTIONS, WARM_UP_SECONDS = 100, 50_000, 32, 2.0
MOST = 0.25


def run(scale: Scale) -> list[Row]:
    with stage() as made, ExitStack() as running:
        holders = fill(made.superuser, [scale.rows(VIDEOS // TENANTS)] * TENANTS)
        keys = made.home / "keys"
        keys.write_text("\n".join(each.key.plain for each in holders), encoding="utf-8")
        addresses = {name: running.enter_context(servers.granian(made, *words)) for name, words in _servers(made).items()}
        _compare(addresses, holders[0])
        found = _in_turn(addresses, keys, scale)
    ours, bare = found["ours"], found["unprotected"]
    cost = bare.requests_per_second / ours.requests_per_second - 1
    return [
        Row(
            name="list 50 behind the wall", ours=ours.requests_per_second, baseline=bare.requests_per_second, unit="requests/s",
            ratio=ours.requests_per_second / bare.requests_per_second, bar="costs <= 25 %", passed=cost <= MOST,
            note=f"{100 * cost:.0f} % longer; p50 {ours.p50_ms:.1f} ms, {bare.p50_ms:.1f} ms without; load by {tool()}",
        )
    ]  # fmt: skip


def _servers(made: Stage) -> dict[str, tuple[str, str, dict[str, str]]]:
    metrics = made.home / "run" / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    both = {"PROMETHEUS_MULTIPROC_DIR": str(metrics), **servers.PLENTY}
    sqlalchemys = made.superuser.replace("postgresql://", "postgresql+psycopg://")
    bare = {"DATABASE_URL": sqlalchemys, "WHYRAL_BENCH_KEYS": made.superuser.replace("+psycopg", "")}
    return {
        "ours": ("api.app:application", "ours", both),
        "unprotected": ("bench.baselines.unprotected:application", "unprotected", {**both, **bare}),
    }


def _compare(addresses: dict[str, str], holder: Holder) -> None:
    """Nothing is timed before both give the same items of this tenant."""
    who = {"Authorization": f"Bearer {holder.key.plain}"}
    answers = [httpx.get(address + LIST, headers=who, timeout=30).raise_for_status().json()["items"] for address in addresses.values()]
    assert answers[0]
    assert answers[0] == answers[1]


def _in_turn(addresses: dict[str, str], keys: Path, scale: Scale) -> dict[str, Load]:
    rounds: dict[str, list[Load]] = {name: [] for name in addresses}
    for address in addresses.values():
        press(address + LIST, keys, connections=CONNECTIONS, seconds=WARM_UP_SECONDS)
    for _ in range(scale.rounds):
        for name, address in addresses.items():
            rounds[name].append(press(address + LIST, keys, connections=CONNECTIONS, seconds=scale.seconds))
            print(f"  {name}: {rounds[name][-1]}", flush=True)
    return {name: Load.middle(found) for name, found in rounds.items()}
