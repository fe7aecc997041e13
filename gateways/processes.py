"""Children that never outlive us: started in their own group on a leash, logged, recorded, stopped.

What a child does (PostgreSQL, the Dagster daemon, the API ...) is not known here. The leash is
`gateways/leash.py`; what a killed run leaves is ended by `gateways.leftovers`.
"""

import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

from gateways import leash
from gateways.leftovers import SUFFIX, TOKEN_VARIABLE, Record

LOG_CAP_BYTES = 10_000_000
_LEASH = Path(leash.__file__)
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A user of the operating system, as a child shall run."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, as whom and within what. `shown_uid` shows the user under another number (see `leash.appear_as`).

    `limits` are those of `setrlimit`, by their numbers in `resource`; with any, privileges are given up as well. With `reads` or
    `writes` it sees only these files and folders (Landlock).
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    user: SystemUser | None = None
    shown_uid: int | None = None
    death_signal: signal.Signals = signal.SIGTERM
    limits: Mapping[int, int] = field(default_factory=dict)
    has_network: bool = True
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()


class Child:
    """A running program. Made by `start`, ended by `stop`; never reaped in between, so that its group's number stays ours."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], record: Path, log: Path, said_before: int) -> None:
        self.name = name
        self.log = log
        self._said_before = said_before
        self._process = process
        self._record = record

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_reaped(self) -> bool:
        return self._process.returncode is not None

    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        if self.is_reaped:
            return self._process.returncode
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def said(self) -> str:
        """Its log since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._said_before)
            return file.read().decode("utf-8", errors="replace")

    def reap(self) -> int:
        code = self._process.wait()
        self._record.unlink(missing_ok=True)
        return code


def start(program: Program, folder: Path, *, output: Path | None = None) -> Child:
    """Start it with its log and its record in `folder`. It ends when we end, however we end (Linux).

    What it says on stdout goes into the log as well, or into `output` alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log, token = folder / f"{program.name}.log", secrets.token_hex(16)
    _rotate(log)
    with log.open("ab") as errors, (output or log).open("ab") as said:
        said_before = errors.tell()
        process = _from_lasting_thread(lambda: _spawned(program, said, errors, token))
    path = folder / f"{program.name}{SUFFIX}"
    started = psutil.Process(process.pid).create_time()
    Record(process.pid, started, token, program.death_signal, program.command, str(folder.resolve())).write(path)
    return Child(program.name, process, path, log, said_before)


def run(program: Program, *, timeout_seconds: float) -> subprocess.CompletedProcess[str]:
    """A short command to its end, on the same leash, its output in the answer. `subprocess.TimeoutExpired` after killing it."""
    return subprocess.run(  # noqa: S603 (a list of arguments, no shell)
        _leashed(program),
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_seconds,
        check=False,
    )


def stop(child: Child, *, grace_seconds: float, first: signal.Signals = signal.SIGTERM) -> int:
    """`first` to the whole group, SIGKILL to what is left of it after the grace; the exit code. A second call changes nothing."""
    if not child.is_reaped:
        deadline = time.monotonic() + grace_seconds
        _signal_group(child.pid, first)
        while time.monotonic() < deadline and (child.exit_code() is None or _group_lives(child.pid)):
            time.sleep(_POLL_SECONDS)
        _signal_group(child.pid, signal.SIGKILL)
    return child.reap()


def _spawned(program: Program, output: BinaryIO, errors: BinaryIO, token: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 (a list of arguments, no shell)
        _leashed(program),
        env={**program.environment, TOKEN_VARIABLE: token},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )


def _leashed(program: Program) -> list[str]:
    user = program.user or SystemUser("", leash.UNCHANGED, leash.UNCHANGED)
    terms = {
        "owner": os.getpid(),
        "death_signal": int(program.death_signal),
        "uid": user.uid,
        "gid": user.gid,
        "shown_uid": leash.UNCHANGED if program.shown_uid is None else program.shown_uid,
        "has_network": program.has_network,
        "limits": dict(program.limits),
        "reads": [str(each) for each in program.reads],
        "writes": [str(each) for each in program.writes],
        "folder": str(program.folder),
    }
    return [sys.executable, "-I", "-S", str(_LEASH), json.dumps(terms), *program.command]


_spawns: "queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]]" = queue.SimpleQueue()
_spawner: threading.Thread | None = None


def _from_lasting_thread(spawn: Callable[[], "subprocess.Popen[bytes]"]) -> "subprocess.Popen[bytes]":
    """Linux sends the death signal when the *thread* that forked ends, so a child must not hang on a passing worker thread."""
    global _spawner  # one per process, and none at all where only the main thread starts children
    if threading.current_thread() is threading.main_thread():
        return spawn()
    if _spawner is None or not _spawner.is_alive():
        _spawner = threading.Thread(target=_spawn_forever, name="spawner", daemon=True)
        _spawner.start()
    answer: Future[subprocess.Popen[bytes]] = Future()
    _spawns.put((spawn, answer))
    return answer.result()


def _spawn_forever() -> None:
    while True:
        spawn, answer = _spawns.get()
        try:
            answer.set_result(spawn())
        except OSError as error:
            answer.set_exception(error)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_CAP_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _group_lives(group: int) -> bool:
    """Whether anything but zombies is left in it."""
    return any(_is_alive_in(group, pid) for pid in psutil.pids())


def _is_alive_in(group: int, pid: int) -> bool:
    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False
