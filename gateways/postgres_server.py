"""One supervisor for the embedded PostgreSQL: starts it, waits for it, stops it.

What goes wrong is `domain.errors.SourceUnavailable` with one line that says what to do. Roles, databases and tables are not made
here (that is SQL, the store's). Where the server lives is in `gateways.postgres.location`.
"""

import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil

from domain.errors import SourceUnavailable
from gateways.leftovers import end_leftovers
from gateways.machine import LOOPBACK, free_port, port_is_free, who_listens
from gateways.owner_lock import OwnerLock
from gateways.postgres import binaries, cluster
from gateways.postgres.location import ELSEWHERE, Location, located, moved_place, note_move
from gateways.postgres.troubles import explained, trouble
from gateways.processes import Child, start, stop

PORT_SETTING = "WHYRAL_PG_PORT"
_STATUS_LINE = 7  # of postmaster.pid, counted from 0
_POLL_SECONDS = 0.01
_STOP_SECONDS = 60.0
_LEFTOVER_SECONDS = 30.0
_VANISHING_SECONDS = 3.0
_PORT_TRIES = 5


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """How to reach it. The superuser is for making roles and databases at a start, nobody else's."""

    host: str
    port: int
    superuser: str
    password: str = field(repr=False)
    password_file: Path

    def url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{self.host}:{self.port}/{quote(database, safe='')}"

    def superuser_url(self, database: str = "postgres") -> str:
        return self.url(self.superuser, self.password, database)


class PostgresServer:
    """The PostgreSQL of one WHYRAL_HOME, in `home/postgres`; `port=None` takes any free one. Whoever calls `start` owns it."""

    def __init__(
        self,
        home: Path,
        port: int | None,
        *,
        max_connections: int = 100,
        for_tests: bool = False,
        recovery_seconds: float = 3600.0,
        elsewhere: Path = ELSEWHERE,
    ) -> None:
        self.folder = home.absolute() / "postgres"
        self.log = self.folder / "postgres.log"
        self._home = home.absolute()
        self._port = port
        self._max_connections = max_connections
        self._for_tests = for_tests
        self._recovery_seconds = recovery_seconds
        self._elsewhere = elsewhere
        self._lock: OwnerLock | None = None
        self._location: Location | None = None
        self._child: Child | None = None
        self._address: ServerAddress | None = None

    @staticmethod
    def running(home: Path, port: int) -> ServerAddress:
        """The server that somebody else has started on this home. Raises SourceUnavailable where nobody can have."""
        password_file = home.absolute() / "postgres" / "superuser.password"
        if not password_file.exists():
            raise _taken(port)
        return ServerAddress(LOOPBACK, port, cluster.SUPERUSER, password_file.read_text(encoding="ascii"), password_file)

    def start(self) -> ServerAddress:
        """Make the cluster where there is none, recover it where it crashed, and return once it accepts connections."""
        if self._address and self.is_running():
            return self._address
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._own()
            self._address = self._started()
        except OSError as error:
            self.stop()
            raise explained(str(error), where=error.filename or self.folder, otherwise="it could not be started") from error
        except BaseException:
            self.stop()
            raise
        return self._address

    def is_running(self) -> bool:
        return self._child is not None and self._child.exit_code() is None

    @property
    def data(self) -> Path | None:
        """Where the data are, once started."""
        return self._location.data if self._location else None

    def stop(self) -> None:
        """Fast: open transactions are rolled back, everything committed is on disk. A second call changes nothing."""
        if self._child:
            stop(self._child, grace_seconds=_STOP_SECONDS, first=signal.SIGINT)
        if self._lock:
            self._lock.release()
        self._child = self._lock = self._address = None

    def remove(self) -> None:
        """Stop it and delete everything it ever wrote, also what had moved out of the home. There is no way back."""
        self.stop()
        if not self.folder.exists():
            return
        self._own()
        place = moved_place(self._home, self.folder, self._elsewhere)
        if place.exists() and place.parent == self._elsewhere:
            shutil.rmtree(place)
        shutil.rmtree(self.folder)
        self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def address(self) -> ServerAddress:
        if self._address is None:
            raise trouble("it is not started")
        return self._address

    def _own(self) -> None:
        if self._lock:
            return
        path = self.folder / "owner.lock"
        self._lock = OwnerLock.take(path)
        if self._lock is None:
            holder = OwnerLock.holder(path)
            raise trouble(f"another Whyral (pid {holder}) runs on {self._home}; stop it, or choose another folder with WHYRAL_HOME")

    def _started(self) -> ServerAddress:
        if self._child:
            stop(self._child, grace_seconds=0)
        if self._port is not None and not port_is_free(self._port):
            raise _taken(self._port)
        end_leftovers(self.folder, grace_seconds=_LEFTOVER_SECONDS)
        location = located(self._home, self.folder, binaries.of_the_wheel(), elsewhere=self._elsewhere)
        password_file = self.folder / "superuser.password"
        password = _password(password_file, has_data=location.data.exists())
        if not location.data.exists():
            cluster.make_cluster(location, password, for_tests=self._for_tests)
        note_move(location, self.folder)
        cluster.check_version(location.data)
        _forget_the_dead(location.data)
        self._location = location
        address = ServerAddress(LOOPBACK, self._listening(location), cluster.SUPERUSER, password, password_file)
        _give_back(self.folder)
        return address

    def _listening(self, location: Location) -> int:
        """The port it accepts on. A free port may be lost between finding and binding it, then another is tried."""
        for port in self._ports():
            said = self._ran(location, port)
            if said is None:
                return port
            if "Address already in use" not in said:
                raise explained(said, where=location.folder, otherwise=f"it ended while starting (see {self.log})")
        raise _taken(port)

    def _ports(self) -> Iterator[int]:
        """A restart keeps the port that others were told, where it can."""
        if self._port is not None:
            yield self._port
            return
        if self._address:
            yield self._address.port
        for _ in range(_PORT_TRIES):
            yield free_port()

    def _ran(self, location: Location, port: int) -> str | None:
        """None once it accepts; else what it said before it ended."""
        settings = cluster.options(port=port, max_connections=self._max_connections, for_tests=self._for_tests)
        # SIGINT is the fast shutdown: what PostgreSQL shall do when its owner dies, too.
        program = replace(location.program("postgres", "-D", str(location.data), *settings), death_signal=signal.SIGINT)
        self._child = start(program, self.folder)
        deadline = time.monotonic() + self._recovery_seconds
        while not _accepts(location.data, self._child.pid):
            if self._child.exit_code() is not None:
                stop(self._child, grace_seconds=0)
                return self._child.said()
            if time.monotonic() > deadline:
                raise trouble(f"it did not accept connections within {self._recovery_seconds:.0f} s; see {self.log}")
            time.sleep(_POLL_SECONDS)
        return None


def _accepts(data: Path, pid: int) -> bool:
    """The server's own word in postmaster.pid. Whoever else answers on the port would fool a connection test."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _password(path: Path, *, has_data: bool) -> str:
    if path.exists():
        return path.read_text(encoding="ascii")
    if has_data:
        raise trouble(f"the data are there, but the superuser's password is not: restore {path} from your backup")
    password = secrets.token_urlsafe(24)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(password, encoding="ascii")
    fresh.rename(path)
    return password


def _forget_the_dead(data: Path) -> None:
    """A killed server leaves postmaster.pid; PostgreSQL believes it if that number now belongs to any process of the same user.

    We hold the home's lock, so no Whyral serves these data; what still runs in the folder is on its way out or was started by hand.
    """
    deadline = time.monotonic() + _VANISHING_SECONDS
    while (data / "postmaster.pid").exists():
        living = _living_in(data)
        if not living:
            (data / "postmaster.pid").unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise trouble(f"a server that this Whyral did not start (pid {living[0]}) runs on {data}; stop it: kill -INT {living[0]}")
        else:
            time.sleep(_POLL_SECONDS)


def _living_in(data: Path) -> list[int]:
    """PostgreSQL's processes all work in their data folder."""
    here = os.path.realpath(data)
    return [each.pid for each in psutil.process_iter(["cwd", "name"]) if each.info["cwd"] == here and each.info["name"] == "postgres"]


def _taken(port: int) -> SourceUnavailable:
    return trouble(f"port {port} is taken by {who_listens(port) or 'another program'}; stop it, or choose another port with {PORT_SETTING}")


def _give_back(folder: Path) -> None:
    """Root in somebody's folder leaves nothing there that its owner could not use tomorrow."""
    owner = folder.stat()
    if os.geteuid() == 0 != owner.st_uid:
        for path in folder.iterdir():
            if path.is_file():
                os.chown(path, owner.st_uid, owner.st_gid)
