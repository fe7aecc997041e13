"""`whyral up` as a process: starting and stopping it, its parts, its HTTP, its GraphQL, its database. The fixtures are in `conftest`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from gateways.machine import free_port, port_is_free
from gateways.postgres import cluster
from store.ids import new_id

ROOT = Path(__file__).parents[2]
PASSWORD = "a long pass phrase of the tests"
UP = [sys.executable, str(ROOT / "cli.py"), "up", "--no-demo"]
RUNS = """query ($tags: [ExecutionTag!]) {
  runsOrError(filter: {tags: $tags}) { ... on Runs { results { runId status tags { key value } } } } }"""
EVENTS = """query ($id: ID!) { runOrError(runId: $id) {
  ... on Run { eventConnection { events { ... on EngineEvent { message } } } } } }"""
PID = re.compile(r"in process \(pid: (\d+)\)")
FINAL = {"succeeded", "failed", "canceled", "skipped"}


def until(claim: Callable[[], Any], what: str, *, seconds: float = 180) -> Any:
    """Waits for what must come; the bound only ends a test that fails."""
    deadline = time.monotonic() + seconds
    while not (found := claim()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.1)
    return found


def tell(line: str) -> None:
    """A figure for whoever looks (`pytest -s`, or a failed test)."""
    sys.stdout.write(f"{line}\n")


def free_pair() -> int:
    """A free port whose next one is free as well."""
    return next(port for port in iter(free_port, 0) if port_is_free(port + 1))


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant with a key, over HTTP."""

    tenant_id: str
    http: httpx.Client

    def ask(self, kind: str = "insights") -> str:
        answer = self.http.post("/requests", json={"kind": kind})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["request_id"])

    def send(self, rows: bytes) -> dict[str, Any]:
        answer = self.http.post("/imports", content=rows, headers={"Content-Type": "application/octet-stream"})
        assert answer.status_code == 202, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def get(self, path: str) -> dict[str, Any]:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def request(self, request_id: str) -> dict[str, Any]:
        return self.get(f"/requests/{request_id}")

    def ended(self, request_id: str) -> dict[str, Any]:
        """The request, once it has ended."""
        until(lambda: self.request(request_id)["state"] in FINAL, f"the end of request {request_id}")
        return self.request(request_id)

    def alerts(self, stack: "Whyral") -> int:
        return int(stack.sql("select count(*) from alerts where tenant_id = %s", self.tenant_id)[0][0])


# Tests poll; they are not held up.
PLENTY = {
    f"WHYRAL_RATE_LIMIT_{name}": str(10**9) for name in ("PER_MINUTE", "PER_HOUR", "PER_DAY", "ANALYSES_PER_HOUR", "EXPENSIVE_PER_MINUTE")
}


class Whyral:
    """`whyral up --no-demo` as a process."""

    def __init__(self, home: Path, folder: Path | None = None, **settings: str) -> None:
        self.home, self.folder, self._settings = home, folder or home.parent, settings
        names = ("WHYRAL_API_PORT", "WHYRAL_DAGSTER_PORT", "WHYRAL_PG_PORT", "WHYRAL_METRICS_PORT")
        self.ports = {name: free_port() for name in names}
        self.ports["WHYRAL_SANDBOX_PORT"] = free_pair()
        self.process: subprocess.Popen[bytes] | None = None
        self.command = UP

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("WHYRAL_", "DATABASE_", "DAGSTER_", "PYTEST_"))}
        ports = {name: str(port) for name, port in self.ports.items()}
        return {**own, **PLENTY, **ports, **self._settings, "WHYRAL_HOME": str(self.home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

    @property
    def said(self) -> Path:
        return self.folder / "said"

    def spawn(self) -> subprocess.Popen[bytes]:
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(self.command, env=self.environment(), cwd=self.folder, stdout=out, stderr=out)
        return self.process

    def start(self) -> float:
        """Until it says where it is; the seconds that took."""
        began, before = time.monotonic(), self.said.stat().st_size if self.said.exists() else 0
        process = self.spawn()

        def greets() -> bool:
            assert process.poll() is None, self.said.read_text()
            return "metrics " in self.said.read_text()[before:]

        until(greets, "the greeting of `whyral up`", seconds=120)
        return time.monotonic() - began

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def pid(self, part: str) -> int:
        """Of a child of `whyral up`: postgres, code-server, api, webserver, daemon."""
        folder = self.home / ("postgres" if part == "postgres" else "run")
        record = folder / f"{part}.child.json"
        until(record.exists, f"the start of {part}")
        found: int = json.loads(record.read_text())["pid"]
        return found

    def has_child(self, part: str) -> bool:
        return (self.home / "run" / f"{part}.child.json").exists()

    def kill(self, part: str) -> psutil.Process:
        process = psutil.Process(self.pid(part))
        process.kill()
        return process

    def worker(self, run_id: str) -> psutil.Process:
        """The process of a live run, as the run itself says in its log."""

        def find() -> list[str]:
            run = self.graphql(EVENTS, id=run_id)["runOrError"]
            return [found[1] for each in run["eventConnection"]["events"] if (found := PID.search(each.get("message", "")))]

        return psutil.Process(int(until(find, "the run's word about its process")[-1]))

    def family(self) -> list[psutil.Process]:
        """`whyral up` and everything below it."""
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def remains(self) -> list[str]:
        """Processes that were given this home, by whoever they were started."""
        found = []
        for each in psutil.process_iter():
            try:
                if each.status() != psutil.STATUS_ZOMBIE and each.environ().get("WHYRAL_HOME") == str(self.home):
                    found.append(" ".join(each.cmdline()))
            except psutil.Error:
                continue
        return found

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Past every role: for looking, and for turning the clock of a row."""
        password = (self.home / "postgres" / "superuser.password").read_text()
        with psycopg.connect(
            host="127.0.0.1",
            port=self.ports["WHYRAL_PG_PORT"],
            user=cluster.SUPERUSER,
            password=password,
            dbname="whyral",
            options="-c lock_timeout=20s",
        ) as connection:
            done = connection.execute(statement.encode(), values)
            return done.fetchall() if done.description else []

    def graphql(self, query: str, **variables: object) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.ports['WHYRAL_DAGSTER_PORT']}/graphql"
        answer = httpx.post(url, json={"query": query, "variables": variables}, timeout=30)
        assert "errors" not in answer.json(), answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def runs(self, **tags: str) -> list[dict[str, Any]]:
        """Dagster's runs with these tags, as Dagster tells them; two underscores in a name stand for a slash."""
        wanted = [{"key": name.replace("__", "/"), "value": value} for name, value in tags.items()]
        found: list[dict[str, Any]] = self.graphql(RUNS, tags=wanted)["runsOrError"]["results"]
        return [{**run, "tags": {each["key"]: each["value"] for each in run["tags"]}} for run in found]

    def workspace(self) -> Workspace:
        return new_workspace(self.ports["WHYRAL_API_PORT"])


def new_workspace(api_port: int) -> Workspace:
    """A new tenant, made over HTTP as anybody would."""
    http = httpx.Client(base_url=f"http://127.0.0.1:{api_port}/api/v1", timeout=30)
    email = f"{new_id().hex}@example.org"
    made = http.post("/auth/register", json={"email": email, "password": PASSWORD, "workspace": "Fault"}).json()
    token = http.post("/auth/login", json={"email": email, "password": PASSWORD}).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    return Workspace(made["workspace_id"], http)


def refused(whyral: Whyral) -> str:
    """The one line on stderr of a start that was refused."""
    done = subprocess.run(UP, env=whyral.environment(), cwd=whyral.folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    return line


def posts(videos: int, moments: int = 1) -> bytes:
    """Observations of one synthetic account in our own format: every video at every moment, growing."""
    account = {"platform": "tiktok", "account_external_id": "a1", "account_title": "Ana (synthetic)", "posted_at": "2026-10-01T00:00:00Z"}
    lines = [
        json.dumps(
            {
                **account,
                "video_external_id": f"v{video}",
                "title": f"Post {video}",
                "observed_at": f"2026-10-{2 + moment // 24:02}T{moment % 24:02}:00:00Z",
                "views": 10 * (moment + 1),
            }
        )
        for video in range(videos)
        for moment in range(moments)
    ]
    return "\n".join(lines).encode()
