"""Several machines on one: Redis, a worker, code server, daemon, webserver and API, each as deploy/celery/README.md starts it."""

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateways import processes
from gateways.machine import free_port
from gateways.processes import Child, Program
from gateways.vault import new_keys
from store import bootstrap
from store.ids import new_id
from tests.conftest import PASSWORD, make_urls
from tests.conftest import TestUrls as Urls
from tests.stack.running import Workspace, new_workspace

ROOT = Path(__file__).parents[2]
CELERY = ROOT / "deploy" / "celery"
DEADLINE_SECONDS = 300  # ends what hangs, and nothing else


def until(claim: Callable[[], Any], what: str, children: list[Child]) -> Any:
    """Waits for what must come; whatever a child said is told where it does not."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := claim()):
        said = "\n".join(f"--- {each.name}\n{each.said()[-2000:]}" for each in children)
        assert all(each.exit_code() is None for each in children), f"a part ended\n{said}"
        assert time.monotonic() < deadline, f"in vain: {what}\n{said}"
        time.sleep(0.1)
    return found


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Farm:
    """What runs, and where it is."""

    api_port: int
    dagster_url: str
    children: list[Child]

    def workspace(self) -> Workspace:
        return new_workspace(self.api_port)

    def run_of(self, request_id: str) -> Any:
        """The run that was handed to Celery for a request, from Dagster's own tables."""
        statement = (
            "select r.run_id, r.status from runs r join run_tags q on q.run_id = r.run_id and q.key = 'whyral/request_id'"
            " join run_tags t on t.run_id = r.run_id and t.key = 'dagster-celery/task_id' where q.value = :id"
        )
        engine = sa.create_engine(self.dagster_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return connection.execute(sa.text(statement), {"id": request_id}).one()

    def said(self, name: str) -> str:
        return next(each.said() for each in self.children if each.name == name)


def dagster_database(superuser_url: str) -> str:
    name = f"dagster_{new_id().hex}"
    bootstrap.ensure_database(superuser_url, name, owner=bootstrap.DAGSTER)
    return f"postgresql+psycopg2://{bootstrap.DAGSTER}:{PASSWORD}@{superuser_url.rpartition('@')[2].partition('/')[0]}/{name}"


@dataclass(frozen=True)
class Ports:
    """Of everything that listens."""

    redis: int
    code: int
    webserver: int
    api: int


def environment(home: Path, urls: Urls, dagster_url: str, ports: Ports) -> dict[str, str]:
    """What the README lists, and the ports."""
    redis = f"redis://127.0.0.1:{ports.redis}/0"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("WHYRAL_", "DAGSTER_", "PYTEST_"))},
        "WHYRAL_HOME": str(home),
        "DATABASE_URL": urls.app,
        "WHYRAL_DATABASE_SYSTEM_URL": urls.system,
        "WHYRAL_DAGSTER_DATABASE_URL": dagster_url,
        "WHYRAL_SECRET_KEY": "a key of the tests, long enough for anybody",
        "WHYRAL_TOKEN_KEYS": new_keys("tests"),
        "WHYRAL_DAGSTER_DIR": str(home / "dagster"),
        "DAGSTER_HOME": str(home / "dagster"),
        "WHYRAL_LIVE_RUNS": "2",
        "WHYRAL_CELERY_BROKER_URL": redis,
        "WHYRAL_CELERY_RESULT_URL": redis,
        "WHYRAL_DAGSTER_PORT": str(ports.webserver),
        "WHYRAL_RATE_LIMIT_PER_MINUTE": "100000",
        "PYTHONPATH": f"{ROOT}:{CELERY}",
    }


def commands(redis_server: str, home: Path, ports: Ports) -> dict[str, tuple[list[str], int | None]]:
    """Each part with the port that it listens on, in the order in which they are started."""
    python, workspace = sys.executable, str(home / "dagster" / "workspace.yaml")
    code = ["-m", "dagster", "api", "grpc", "--python-file", str(ROOT / "definitions.py"), "--working-directory", str(ROOT)]
    granian = ["-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(ports.api), "--workers", "1"]
    return {
        "redis": ([redis_server, "--port", str(ports.redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)], ports.redis),
        "code-server": ([python, *code, "--host", "127.0.0.1", "--port", str(ports.code), "--location-name", "whyral"], ports.code),
        "worker": ([python, "-m", "celery", "-A", "dagster_celery.app", "worker", "-Q", "dagster", "--concurrency", "1"], None),
        "daemon": ([python, "-m", "dagster._daemon", "run", "--workspace", workspace], None),
        "webserver": ([python, "-m", "resources.webserver", "--port", str(ports.webserver), "--workspace", workspace], ports.webserver),
        "api": ([python, *granian, "--no-ws", "--workers-kill-timeout", "3", "api.app:application"], ports.api),
    }


@pytest.fixture(scope="module")
def farm(superuser_url: str) -> Iterator[Farm]:
    pytest.importorskip("dagster_celery", reason="the extra `celery` is not installed: make test-celery installs it")
    redis_server = shutil.which("redis-server")
    if redis_server is None:
        pytest.fail("redis-server is missing: apt-get install redis-server")
    urls, dagster_url = make_urls(superuser_url, f"celery_{new_id().hex}"), dagster_database(superuser_url)
    ports, children = Ports(*(free_port() for _ in range(4))), list[Child]()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="whyral-celery-")))
        given = environment(home, urls, dagster_url, ports)
        prepare(home, ports.code, given)
        for name, (command, port) in commands(redis_server, home, ports).items():
            child = processes.start(Program(name=name, command=tuple(command), environment=given, folder=ROOT), home / "run")
            stack.callback(processes.stop, child, grace_seconds=10)
            children.append(child)
            if port is not None:
                until(partial(listens, port), f"{name} listening", children)
        yield Farm(ports.api, dagster_url, children)


def prepare(home: Path, code_port: int, given: dict[str, str]) -> None:
    (home / "dagster").mkdir()
    shutil.copyfile(CELERY / "dagster.yaml", home / "dagster" / "dagster.yaml")
    server = f"{{host: 127.0.0.1, port: {code_port}, location_name: whyral}}"
    (home / "dagster" / "workspace.yaml").write_text(f"load_from:\n  - grpc_server: {server}\n", encoding="utf-8")
    command = (sys.executable, "-m", "dagster", "instance", "migrate")
    done = processes.run(Program(name="migrate", command=command, environment=given, folder=ROOT), timeout_seconds=DEADLINE_SECONDS)
    assert done.returncode == 0, done.stderr
