"""Everything on one machine: embedded PostgreSQL, migrations, Dagster's three processes and the API, as children on a leash.

Part of the wiring of `cli.py`. Whatever goes wrong before it is up is one line that says what to do.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import yaml

from domain.errors import SourceUnavailable
from domain.secrets import weaknesses
from gateways import machine, processes
from gateways.dagster import DagsterWebserver
from gateways.fork_client import ForkClient
from gateways.leftovers import end_leftovers
from gateways.owner_lock import OwnerLock
from gateways.postgres_server import PostgresServer, ServerAddress
from gateways.processes import Child, Program
from gateways.vault import new_keys
from sandbox.addresses import environment
from settings import Settings
from store import bootstrap
from store.rls import APP, OWNER, SYSTEM

if TYPE_CHECKING:
    from sandbox.stripe.opening import Opening

ROOT = Path(__file__).parent
NEEDED_BYTES = 500_000_000
READY_SECONDS = 90.0
# A child that dies so often in a minute is not started again.
MAX_RESTARTS = 3
SOCKET_PATH_BYTES = 107


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once, kept in WHYRAL_HOME/secrets.json, readable by its owner only."""

    passwords: dict[str, str]
    secret_key: str
    token_keys: str


@dataclass(frozen=True, slots=True)
class Urls:
    """How the parts reach their databases."""

    app: str
    owner: str
    system: str
    dagster: str


def make_home(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "run", "files", "dagster"):
            (home / name).mkdir(exist_ok=True)
    except OSError as error:
        raise SourceUnavailable("home", f"cannot write {home}: {error.strerror}. Set WHYRAL_HOME to a folder that you may write") from error
    return home.resolve()


def only_one(home: Path) -> OwnerLock:
    """A second `up` on the same home is refused; the lock goes with the process, however it ends."""
    lock = OwnerLock.take(home / "up.lock")
    if lock is None:
        raise SourceUnavailable("whyral", f"already runs on {home} (process {OwnerLock.holder(home / 'up.lock')}): stop it first")
    return lock


def check_machine(settings: Settings, home: Path, *, needed_bytes: int = NEEDED_BYTES) -> None:
    wanted = {
        "WHYRAL_API_PORT": settings.api_port,
        "WHYRAL_DAGSTER_PORT": settings.dagster_port,
        "WHYRAL_METRICS_PORT": settings.metrics_port,
    }
    if settings.starts_sandbox:
        wanted |= {
            "WHYRAL_SANDBOX_PORT": settings.sandbox_port,
            "WHYRAL_SANDBOX_PORT to one with a free port after it": settings.sandbox_port + 1,
        }
    for name, port in wanted.items():
        if not machine.port_is_free(port):
            raise SourceUnavailable("port", f"{port} is taken by {machine.who_listens(port) or 'another program'}: stop it, or set {name}")
    room = machine.free_bytes(home)
    if room < needed_bytes:
        raise SourceUnavailable(
            "disk", f"{room // 1_000_000} MB are free at {home}, {needed_bytes // 1_000_000} MB are needed: make room, or set WHYRAL_HOME"
        )


def check_secrets(settings: Settings) -> None:
    """Those that were written into settings; what is made here is strong."""
    try:
        found = weaknesses(settings.given_secrets)
    except ValueError as error:
        raise SourceUnavailable("secrets", str(error)) from error
    if found:
        raise SourceUnavailable("secrets", "; ".join(found))


def load_secrets(home: Path) -> Secrets:
    """Made at the first start; what a later version needs besides is added."""
    path = home / "secrets.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    made: dict[str, Callable[[], object]] = {
        "passwords": lambda: {role: secrets.token_urlsafe(24) for role in bootstrap.LOGIN_ROLES},
        "secret_key": lambda: secrets.token_urlsafe(48),
        "token_keys": lambda: new_keys("first"),
    }
    lacking = {name: make() for name, make in made.items() if name not in kept}
    if lacking:
        kept |= lacking
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
        fresh.rename(path)
    return Secrets(kept["passwords"], kept["secret_key"], kept["token_keys"])


def sandbox_shop(api_port: int) -> "Opening":
    """What the sandbox's Stripe sells, and where it tells of it: our plans, and the API on this machine."""
    from domain.billing.shelf import wares
    from sandbox.stripe.opening import Goods, Opening
    from store.plans import packaged

    goods = [Goods(each.lookup_key, each.title, each.cents, each.interval) for each in wares(packaged().plans)]
    return Opening(goods, f"http://127.0.0.1:{api_port}/api/v1/billing/webhooks/stripe")


def running_urls(settings: Settings) -> tuple[str, str]:
    """How a command beside a running Whyral reaches its database: as the app role and as the system role."""
    if settings.database_url is not None:
        if settings.database_system_url is None:
            raise SourceUnavailable("database", "with DATABASE_URL set, WHYRAL_DATABASE_SYSTEM_URL is needed too")
        return settings.database_url.get_secret_value(), settings.database_system_url.get_secret_value()
    if not (settings.home / "secrets.json").exists():
        raise SourceUnavailable("database", f"{settings.home} holds none: start with `whyral up`, or set DATABASE_URL")
    passwords = load_secrets(settings.home).passwords
    app, system = (f"postgresql+psycopg://{role}:{passwords[role]}@127.0.0.1:{settings.pg_port}/whyral" for role in (APP, SYSTEM))
    return app, system


def kept_token_keys(settings: Settings) -> str:
    """Those that are set, else those that `whyral up` made."""
    if settings.token_keys is not None:
        return settings.token_keys.get_secret_value()
    if not (settings.home / "secrets.json").exists():
        raise SourceUnavailable("keys", f"{settings.home} holds none: set WHYRAL_TOKEN_KEYS as the API has it")
    return load_secrets(settings.home).token_keys


def prepare_database(address: ServerAddress, kept: Secrets, *, caps: tuple[Decimal, Decimal] | None = None) -> Urls:
    """Roles, databases, schema; all of it may be there already. `caps`: see `store.bootstrap.migrate`."""
    superuser = address.superuser_url()
    bootstrap.ensure_roles(superuser, kept.passwords)
    bootstrap.ensure_database(superuser, "whyral", owner=OWNER, guests=(APP, SYSTEM))
    bootstrap.ensure_database(superuser, bootstrap.DAGSTER, owner=bootstrap.DAGSTER)

    def url(role: str, database: str, driver: str = "psycopg") -> str:
        return f"postgresql+{driver}://{role}:{kept.passwords[role]}@{address.host}:{address.port}/{database}"

    urls = Urls(url(APP, "whyral"), url(OWNER, "whyral"), url(SYSTEM, "whyral"), url(bootstrap.DAGSTER, bootstrap.DAGSTER, "psycopg2"))
    bootstrap.migrate(urls.owner, caps=caps)
    return urls


def given_urls(settings: Settings) -> Urls:
    """An operator's own PostgreSQL: all four addresses, or none."""
    given = (settings.database_url, settings.database_owner_url, settings.database_system_url, settings.dagster_database_url)
    if not all(given):
        raise SourceUnavailable(
            "database",
            "with DATABASE_URL set, WHYRAL_DATABASE_OWNER_URL, WHYRAL_DATABASE_SYSTEM_URL and WHYRAL_DAGSTER_DATABASE_URL are needed too",
        )
    app, owner, system, dagster = (each.get_secret_value() for each in given if each)
    if not dagster.startswith("postgresql+psycopg2://"):
        raise SourceUnavailable(
            "database", "WHYRAL_DAGSTER_DATABASE_URL must begin with postgresql+psycopg2:// (Dagster fails on other drivers)"
        )
    bootstrap.migrate(owner, caps=settings.deployment_caps)
    return Urls(app, owner, system, dagster)


class Stack:
    """The running children. `start` brings all up, `watch` keeps them up, `stop` leaves none."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.settings, self._say = settings, say
        self.home = make_home(settings.home)
        self._children: dict[str, Child] = {}
        self._postgres: PostgresServer | None = None
        self._restarts: dict[str, list[float]] = {}
        self._stack = ExitStack()
        self.code_port = 0
        self.socket = launcher_socket(self.home)

    def start(self, stopping: threading.Event) -> Urls:
        """Until everything answers, or until told to stop."""
        self._stack.callback(only_one(self.home).release)
        end_leftovers(self.home / "run", grace_seconds=10)
        check_secrets(self.settings)
        check_machine(self.settings, self.home)
        # Dagster knows schedules and sensors by it: with another one their ticks of before would not be shown.
        self.code_port = machine.kept_port(self.home / "dagster" / "code-port")
        self.kept = load_secrets(self.home)
        self.urls = self._database()
        self._make_dagster_home()
        self._environment = self._make_environment()
        self._migrate_dagster()
        if not stopping.is_set():
            for name in self._parts():
                self._launch(name)
            self._wait_ready(stopping)
        return self.urls

    def _database(self) -> Urls:
        if self.settings.database_url is not None:
            return given_urls(self.settings)
        self._say(f"postgres   starting on 127.0.0.1:{self.settings.pg_port}")
        self._postgres = PostgresServer(self.home, port=self.settings.pg_port)
        address = self._postgres.start()
        self._stack.callback(self._postgres.stop)
        return prepare_database(address, self.kept, caps=self.settings.deployment_caps)

    def _make_dagster_home(self) -> None:
        folder = self.home / "dagster"
        words = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
        if self.settings.run_launcher == "stock":
            del words["run_launcher"]
        (folder / "dagster.yaml").write_text(yaml.safe_dump(words, sort_keys=False), encoding="utf-8")
        server = f"{{host: 127.0.0.1, port: {self.code_port}, location_name: whyral}}"
        (folder / "workspace.yaml").write_text(f"load_from:\n  - grpc_server: {server}\n", encoding="utf-8")

    def _make_environment(self) -> dict[str, str]:
        metrics = self.home / "run" / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        own, keys = self.settings.secret_key, self.settings.token_keys
        return {
            **os.environ,
            **(self._sandbox_settings() if self.settings.sandbox else {}),
            "WHYRAL_HOME": str(self.home),
            "DATABASE_URL": self.urls.app,
            "WHYRAL_DATABASE_SYSTEM_URL": self.urls.system,
            "WHYRAL_DAGSTER_DATABASE_URL": self.urls.dagster,
            "WHYRAL_SECRET_KEY": own.get_secret_value() if own else self.kept.secret_key,
            "WHYRAL_TOKEN_KEYS": keys.get_secret_value() if keys else self.kept.token_keys,
            "WHYRAL_DAGSTER_DIR": str(self.home / "dagster"),
            "DAGSTER_HOME": str(self.home / "dagster"),
            "WHYRAL_LIVE_RUNS": str(self.settings.live_runs),
            "WHYRAL_LAUNCHER_SOCKET": str(self.socket),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def _sandbox_settings(self) -> dict[str, str]:
        """The sandbox is on this machine: what it pushes reaches the API here. One that stands already is told of by the settings."""
        made = environment(self.home / "sandbox", self.settings.sandbox_port) if self.settings.starts_sandbox else {}
        return {"WHYRAL_PUBLIC_URL": self.settings.api_url, **made}

    def _migrate_dagster(self) -> None:
        """Dagster's processes crash each other on an empty database: its tables are made first, once per version."""
        from importlib.metadata import version

        marker = self.home / "dagster" / f"migrated-{version('dagster')}-{version('dagster-postgres')}"
        if marker.exists():
            return
        self._say("dagster    preparing its database")
        done = processes.run(
            self._program("dagster-migrate", [sys.executable, "-m", "dagster", "instance", "migrate"]), timeout_seconds=120
        )
        if done.returncode != 0:
            raise SourceUnavailable(
                "dagster", f"its database could not be prepared: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
            )
        marker.touch()

    def _commands(self) -> dict[str, list[str]]:
        python, workspace, s = sys.executable, str(self.home / "dagster" / "workspace.yaml"), self.settings
        return {
            "launcher": [
                python,
                "-m",
                "resources.fork_server",
                "--socket",
                str(self.socket),
                "--lock",
                str(self.home / "run" / "launcher.lock"),
                "--limit",
                str(s.live_runs),
                "--definitions",
                str(ROOT / "definitions.py"),
            ],
            "code-server": [
                python,
                "-m",
                "resources.code_server",
                "--lock",
                str(self.home / "run" / "code-server.lock"),
                "--port",
                str(self.code_port),
                "--definitions",
                str(ROOT / "definitions.py"),
            ],
            "api": api_command(s.api_host, s.api_port, workers=s.api_workers),
            "webserver": [python, "-m", "resources.webserver", "--port", str(s.dagster_port), "--workspace", workspace],
            "daemon": [python, "-m", "dagster._daemon", "run", "--workspace", workspace],
            "sandbox": [python, "-m", "cli", "sandbox"],
        }

    def _parts(self) -> list[str]:
        wanted = {"launcher": self.settings.run_launcher == "warm", "sandbox": self.settings.starts_sandbox}
        return [name for name in self._commands() if wanted.get(name, True)]

    def _program(self, name: str, command: list[str]) -> Program:
        return Program(name=name, command=tuple(command), environment=self._environment, folder=ROOT)

    def _launch(self, name: str) -> None:
        self._children[name] = processes.start(self._program(name, self._commands()[name]), self.home / "run")

    def _wait_ready(self, stopping: threading.Event) -> None:
        with closing(DagsterWebserver(self.settings.dagster_url, timeout_seconds=2)) as dagster:
            self._wait_until_none_is_silent(stopping, dagster)

    def _wait_until_none_is_silent(self, stopping: threading.Event, dagster: DagsterWebserver) -> None:
        silent: dict[str, Callable[[], bool]] = {
            "api": lambda: _answers(f"http://127.0.0.1:{self.settings.api_port}/health/ready"),
            "webserver": lambda: _answers(f"{self.settings.dagster_url}/server_info"),
            # The webserver answers before it knows what it can run.
            "code-server": lambda: "webserver" not in silent and dagster.parts().get("dagster_code") == "healthy",
            "launcher": self._can_launch,
            "sandbox": lambda: not self.settings.sandbox or _answers(f"http://127.0.0.1:{self.settings.sandbox_port}/_control/log"),
        }
        deadline = time.monotonic() + READY_SECONDS
        while silent and not stopping.is_set():
            silent = {name: answers for name, answers in silent.items() if not answers()}
            for name, child in self._children.items():
                if child.exit_code() is not None:
                    raise SourceUnavailable(name, f"ended while starting. Its log {child.log} ends with: {_last_line(child)}")
            if silent and time.monotonic() > deadline:
                raise SourceUnavailable(next(iter(silent)), f"does not answer after {READY_SECONDS:.0f} s: see {self.home / 'run'}")
            time.sleep(0.1)

    def _can_launch(self) -> bool:
        if "launcher" not in self._children:
            return True
        try:
            return bool(ForkClient(self.socket, timeout_seconds=2).health()["ok"])
        except SourceUnavailable:
            return False

    def watch(self, stopping: threading.Event) -> None:
        """Until told to stop: a child that died is started again, unless it keeps dying."""
        while not stopping.wait(0.5):
            if self._postgres is not None and not self._postgres.is_running():
                self._note_restart("postgres", "see its log", self._postgres.log)
                self._postgres.start()
            for name, child in list(self._children.items()):
                code = child.exit_code()
                if code is None:
                    continue
                # What it started goes with it: a run worker without its code server is nobody's, and would outlive us.
                processes.stop(child, grace_seconds=8)
                self._note_restart(name, f"code {code}, {_last_line(child)}", child.log)
                self._launch(name)

    def _note_restart(self, name: str, how: str, log: Path) -> None:
        restarts = [at for at in self._restarts.get(name, []) if at > time.monotonic() - 60] + [time.monotonic()]
        self._restarts[name] = restarts
        if len(restarts) > MAX_RESTARTS:
            raise SourceUnavailable(name, f"keeps ending ({how}): see {log}")
        self._say(f"{name:<10} ended and is started again ({how})")

    def stop(self) -> None:
        """Those who ask for runs first, all at once; then the launcher, whose runs say that they were stopped; the database last."""
        asking = [self._children.pop(name) for name in list(self._children) if name != "launcher"]
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(lambda child: processes.stop(child, grace_seconds=8), asking))
        for name in list(self._children):
            processes.stop(self._children.pop(name), grace_seconds=8)
        self._stack.close()


def launcher_socket(home: Path) -> Path:
    """Where the launcher listens: in the home, unless its path is too long for a socket (107 bytes)."""
    path = home / "run" / "launcher.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    folder = Path(tempfile.gettempdir()) / f"whyral-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise SourceUnavailable("launcher", f"{folder} belongs to somebody else: set WHYRAL_HOME to a folder with a shorter path")
    return folder / "launcher.sock"


# A slow client holds a connection, not a place: by itself Granian accepts no more connections than `--backpressure`, so a thousand
# of them would shut everybody else out. Who has not sent a call's head within 10 s is cut off.
BOUNDS = (
    "--http",
    "1",
    "--backlog",
    "4096",
    "--backpressure",
    "16384",
    "--http1-header-read-timeout",
    "10000",
    "--http1-buffer-size",
    "65536",
)


def api_command(host: str, port: int, *, workers: int) -> list[str]:
    """How the API is served."""
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws", "--workers-kill-timeout", "3"]
    return [*granian, *BOUNDS, "--host", host, "--port", str(port), "--workers", str(workers), "api.app:application"]


def serve_metrics(port: int, folder: Path) -> None:
    """Prometheus on loopback, summed over the API's workers."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library types only half of itself
    start_http_server(port, addr="127.0.0.1", registry=registry)


def stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _answers(page: str) -> bool:
    try:
        return httpx.get(page, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _last_line(child: Child) -> str:
    lines = [line for line in child.said().splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"
