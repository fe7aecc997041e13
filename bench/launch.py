"""Two whole stacks as `whyral up` starts them, side by side and idle but for what is measured: one with the warm launcher, one with
Dagster's stock launcher (`WHYRAL_RUN_LAUNCHER=stock`), asked in turn. Both let three runs live at once.

*Accepted to executing* is from a request's row (`POST /requests`, kind `insights`, a fresh workspace each time) to the moment its run
has claimed it, by the database's clock. The *safety net alone* inserts the same row and asks nobody to launch it: what remains is the
sensor. *Runs of one small asset* are launched through GraphQL from four callers, one workspace each, until the last has ended; *whole
insights chains* likewise, whose steps spend most of their time in the numeric libraries. *Fairness*: one workspace asks for eight
pieces of work, then ten others for one each; how many of the first one's were started before the last of the ten.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from bench.harness.rows import Row, Scale
from gateways.credentials import new_key
from gateways.postgres_server import PostgresServer
from services.keys import make_key
from services.requests import ask
from store.database import Database, MemberEntry
from store.ids import new_id
from tests.stack.running import Whyral, until

TITLE = "Starting runs: the warm launcher against Dagster's stock launcher"

LATENCIES = 16
BURST = 40
CHAINS = 6
LAUNCH = "mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename } }"
COUNT = """query { runsOrError { ... on Runs { count } }
  done: runsOrError(filter: {statuses: [SUCCESS, FAILURE, CANCELED]}) { ... on Runs { count } }
  good: runsOrError(filter: {statuses: [SUCCESS]}) { ... on Runs { count } } }"""
TIMES = "select created_at, started_at from requests where request_id = any(%s) order by created_at"


@dataclass(frozen=True)
class Stack:
    """A running stack with its database at hand."""

    whyral: Whyral
    database: Database

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.whyral.ports['WHYRAL_API_PORT']}/api/v1"

    def tenants(self, count: int) -> list[tuple[UUID, str]]:
        """Fresh workspaces, known to Dagster, each with a key."""
        return [self._tenant() for _ in range(count)]

    def _tenant(self) -> tuple[UUID, str]:
        user, tenant = new_id(), new_id()
        with self.database.begin_anonymous() as uow:
            uow.identity.register(user_id=user, tenant_id=tenant, email=f"{user.hex}@example.org", password_hash="x", names=(None, "Bench"))
        with self.database.begin(MemberEntry(tenant, user)) as uow:
            plain = make_key(uow, new_key, user_id=user, name="bench", scopes=("read", "write")).plain
        words = {"selector": {"repositoryLocationName": "whyral", "repositoryName": "__repository__"}, "key": str(tenant)}
        add = """mutation ($selector: RepositorySelector!, $key: String!) {
          addDynamicPartition(repositorySelector: $selector, partitionsDefName: "tenants", partitionKey: $key) { __typename } }"""
        self.whyral.graphql(add, **words)
        return tenant, plain

    def post(self, key: str, kind: str = "insights") -> str:
        answer = httpx.post(f"{self.api}/requests", json={"kind": kind}, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["request_id"])

    def are_over(self, requests: Sequence[str]) -> bool:
        sql = "select count(*) from requests where request_id = any(%s) and finished_at is not null"
        return bool(self.whyral.sql(sql, [UUID(each) for each in requests])[0][0] == len(requests))

    def waits(self, requests: Sequence[str]) -> list[float]:
        """Seconds from accepted to executing."""
        until(lambda: self.are_over(requests), "the end of the requests", seconds=300)
        return [(started - created).total_seconds() for created, started in self.whyral.sql(TIMES, [UUID(each) for each in requests])]


@contextmanager
def running(folder: Path, launcher: str) -> Iterator[Stack]:
    whyral = Whyral(folder / launcher, WHYRAL_RUN_LAUNCHER=launcher, WHYRAL_LIVE_RUNS="3")
    whyral.start()
    password = json.loads((whyral.home / "secrets.json").read_text())["passwords"]["whyral_app"]
    database = Database(f"postgresql+psycopg://whyral_app:{password}@127.0.0.1:{whyral.ports['WHYRAL_PG_PORT']}/whyral")
    try:
        yield Stack(whyral, database)
    finally:
        database.close()
        whyral.stop()
        PostgresServer(whyral.home, port=None).remove()


def run(scale: Scale) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder, "warm") as warm, running(folder, "stock") as stock:
            return [*latency(warm, stock, scale), *alone(warm, scale), *bursts(warm, stock, scale), fairness(warm)]


def latency(warm: Stack, stock: Stack, scale: Scale) -> list[Row]:
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(scale.rows(LATENCIES)):
        for stack, found in ((warm, ours), (stock, theirs)):
            found += stack.waits([stack.post(stack.tenants(1)[0][1])])
    return [
        _seconds("accepted to executing, p50", _quantile(ours, 0.5), _quantile(theirs, 0.5), bar=0.6),
        _seconds("accepted to executing, p95", _quantile(ours, 0.95), _quantile(theirs, 0.95), bar=1.5),
    ]


def alone(warm: Stack, scale: Scale) -> list[Row]:
    waits = []
    for _ in range(max(3, scale.rows(LATENCIES) // 2)):
        [(tenant, _)] = warm.tenants(1)
        with warm.database.begin(tenant) as uow:
            request = ask(uow, "insights", {})
        waits += warm.waits([str(request.request_id)])
    return [_seconds("safety net alone, slowest", max(waits), None, bar=7.0)]


def bursts(warm: Stack, stock: Stack, scale: Scale) -> list[Row]:
    small = [per_minute(stack, scale.rows(BURST), "core_accounts__totals") for stack in (warm, stock)]
    chains = [per_minute(stack, scale.rows(CHAINS), None) for stack in (warm, stock)]
    ratio, whole = small[0] / small[1], chains[0] / chains[1]
    return [
        Row(
            name="runs of one small asset",
            ours=small[0],
            baseline=small[1],
            unit="runs/min",
            ratio=ratio,
            bar=">= 3 times",
            passed=ratio >= 3,
        ),
        Row(
            name="whole insights chains",
            ours=chains[0],
            baseline=chains[1],
            unit="runs/min",
            ratio=whole,
            note="mostly the numeric libraries' imports and work",
        ),
    ]


def per_minute(stack: Stack, count: int, asset: str | None) -> float:
    tenants = stack.tenants(count)
    before = _counts(stack)[1]
    began = time.monotonic()
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda each: _launch(stack, each[0], asset), tenants))
    until(lambda: _counts(stack)[1] >= before + count, "the end of all runs", seconds=600)
    assert _counts(stack)[2] >= count, "runs failed"
    return 60 * count / (time.monotonic() - began)


def _launch(stack: Stack, tenant: UUID, asset: str | None) -> None:
    job = {"jobName": "__ASSET_JOB", "assetSelection": [{"path": [asset]}]} if asset else {"jobName": "publish_insights"}
    params = {
        "selector": {"repositoryLocationName": "whyral", "repositoryName": "__repository__", **job},
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": str(tenant)}]},
    }
    answer = stack.whyral.graphql(LAUNCH, params=params)["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer


def _counts(stack: Stack) -> tuple[int, int, int]:
    found = stack.whyral.graphql(COUNT)
    return found["runsOrError"]["count"], found["done"]["count"], found["good"]["count"]


def fairness(warm: Stack) -> Row:
    big, *others = warm.tenants(11)
    many = [warm.post(big[1], "refresh") for _ in range(8)]
    few = [warm.post(key) for _, key in others]
    warm.waits([*many, *few])
    last = max(_started(warm, few))
    before = sum(started < last for started in _started(warm, many))
    return Row(
        name="of 8 of one workspace, started before the last of ten others",
        ours=before,
        unit="requests",
        bar="<= 8",
        passed=before <= 8,
        note="one of each in turn would be 8",
    )


def _started(stack: Stack, requests: Sequence[str]) -> list[datetime]:
    return [started for _, started in stack.whyral.sql(TIMES, [UUID(each) for each in requests])]


def _quantile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[round(share * 20) - 1] if len(values) > 1 else values[0]


def _seconds(name: str, ours: float, theirs: float | None, *, bar: float) -> Row:
    return Row(
        name=name, ours=ours, baseline=theirs, unit="s", ratio=theirs / ours if theirs else None, bar=f"<= {bar} s", passed=ours <= bar,
        note="times faster" if theirs else "",
    )  # fmt: skip
