"""Work in forked children of a warm process: asked for over a Unix socket, so many at once, and none outlives its server.

One thread, no locks: a process with threads cannot be forked safely, so this one has a loop and refuses to fork once anybody has
started a thread in it. What the work is (a Dagster run) is not known here; asking is in `gateways.fork_client`.
"""

import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from gateways.leash import die_with

Work = Callable[[str], int]

# A reservation that nobody used: whoever made it is gone.
RESERVED_SECONDS = 10.0
_ASKING_SECONDS = 5.0
_WORD_BYTES = 65_536
_REMEMBERED = 1_000


@dataclass(slots=True)
class Worker:
    """A live child, leader of its own group. `kill_at` is when patience with it ends."""

    pid: int
    kill_at: float | None = None


@dataclass(slots=True)
class _Asking:
    """A connection that has not said its whole line yet."""

    heard: bytes
    until: float


class ForkServer:
    """`serve` until SIGTERM or SIGINT. At most `limit` children live at once; `room` more keys may wait for a place."""

    def __init__(self, path: Path, *, limit: int, room: int, work: Work, grace_seconds: float = 5) -> None:
        self._path, self._limit, self._room, self._work, self._grace_seconds = path, limit, room, work, grace_seconds
        self._live: dict[str, Worker] = {}
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._reserved: dict[str, float] = {}
        self._ended: OrderedDict[str, int] = OrderedDict()
        self._asking: dict[socket.socket, _Asking] = {}
        self._is_stopping = False

    def serve(self) -> None:
        """Answer, fork and reap until told to stop; then end every child."""
        self._path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as looked_at:
            self._listen(listener)
            woken, waker = socket.socketpair()
            waker.setblocking(False)
            signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
            signal.signal(signal.SIGCHLD, lambda *_: None)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._stop)
            self._sockets = (listener, woken, waker)
            looked_at.register(listener, selectors.EVENT_READ, self._accept)
            looked_at.register(woken, selectors.EVENT_READ, lambda _: woken.recv(4096))
            self._looked_at = looked_at
            gc.freeze()  # what was loaded before stays shared with the children
            while not (self._is_stopping and not self._live):
                self._turn()
        self._path.unlink(missing_ok=True)

    def _listen(self, listener: socket.socket) -> None:
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen(64)
        listener.setblocking(False)

    def _stop(self, *_: object) -> None:
        self._is_stopping = True

    def _turn(self) -> None:
        for key, _ in self._looked_at.select(timeout=0.5):
            key.data(key.fileobj)
        self._reap()
        self._lose_patience()
        if self._is_stopping:
            self._waiting.clear()
            for worker in self._live.values():
                self._tell(worker)
            return
        while self._waiting and len(self._live) < self._limit:
            if not self._fork(next(iter(self._waiting))):
                return
            self._waiting.popitem(last=False)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # whoever it was has left again
        connection.setblocking(False)
        self._asking[connection] = _Asking(b"", time.monotonic() + _ASKING_SECONDS)
        self._looked_at.register(connection, selectors.EVENT_READ, self._hear)

    def _hear(self, connection: socket.socket) -> None:
        try:
            came = connection.recv(_WORD_BYTES)
        except OSError:
            came = b""
        asking = self._asking[connection]
        asking.heard += came
        if not came or len(asking.heard) > _WORD_BYTES:
            self._hang_up(connection)
        elif asking.heard.endswith(b"\n"):
            self._say(connection, self.answer(asking.heard))

    def _say(self, connection: socket.socket, answer: Mapping[str, object]) -> None:
        if connection not in self._asking:
            return
        try:
            connection.send(json.dumps(answer).encode() + b"\n")
        except OSError:
            sys.stderr.write("whoever asked did not wait for the answer\n")
        self._hang_up(connection)

    def _hang_up(self, connection: socket.socket) -> None:
        self._looked_at.unregister(connection)
        del self._asking[connection]
        connection.close()

    def answer(self, line: bytes) -> dict[str, object]:
        """What one question is answered: `launch`, `reserve`, `end`, `state` with a key; `health`."""
        try:
            words = json.loads(line)
            ask, key = str(words["ask"]), str(words.get("key", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return _no("a question is one JSON object with `ask`")
        if ask == "health":
            return self._health()
        answers: Mapping[str, Callable[[], dict[str, object]]] = {
            "launch": lambda: self._launch(key),
            "reserve": lambda: self._reserve(key),
            "end": lambda: self._end(key, at_once=bool(words.get("at_once"))),
            "state": lambda: {"ok": True, **self._state(key)},
        }
        return answers[ask]() if ask in answers and key else _no(f"{ask} with key {key!r} is no question that is answered here")

    def _health(self) -> dict[str, object]:
        counts = {"live": len(self._live), "waiting": len(self._waiting), "limit": self._limit}
        return {"ok": True, **counts, "threads": threads(), "pid": os.getpid()}

    def _state(self, key: str) -> dict[str, object]:
        if key in self._live:
            return {"state": "live", "pid": self._live[key].pid}
        if key in self._waiting or key in self._reserved:
            return {"state": "waiting"}
        return {"state": "ended", "code": self._ended[key]} if key in self._ended else {"state": "unknown"}

    def _reserve(self, key: str) -> dict[str, object]:
        """A place right now, for somebody who would rather queue elsewhere than wait here."""
        now = time.monotonic()
        self._reserved = {each: until for each, until in self._reserved.items() if until > now}
        if self._is_stopping or len(self._live) + len(self._waiting) + len(self._reserved) >= self._limit:
            return _no("full")
        self._reserved[key] = now + RESERVED_SECONDS
        return {"ok": True}

    def _launch(self, key: str) -> dict[str, object]:
        """Start it, or let it wait for a place. Asked twice, it is done once."""
        self._reserved.pop(key, None)
        if key in self._live or key in self._waiting or key in self._ended:
            return {"ok": True, **self._state(key)}
        if self._is_stopping:
            return _no("stopping")
        if threads() != 1:
            return _no(f"this process has {threads()} threads: forking it would not be safe")
        if len(self._live) < self._limit and not self._waiting and self._fork(key):
            return {"ok": True, **self._state(key)}
        if len(self._waiting) >= self._room:
            return _no("full")
        self._waiting[key] = None
        return {"ok": True, **self._state(key)}

    def _end(self, key: str, *, at_once: bool) -> dict[str, object]:
        if self._waiting.pop(key, True) is None:
            self._remember(key, -signal.SIGTERM)
        worker = self._live.get(key)
        if worker is None:
            return {"ok": False, "reason": "not here", **self._state(key)}
        if at_once:
            _kill_group(worker.pid)
        else:
            self._tell(worker)
        return {"ok": True, **self._state(key)}

    def _tell(self, worker: Worker) -> None:
        """SIGTERM now, SIGKILL to its whole group once the grace is over."""
        if worker.kill_at is None:
            worker.kill_at = time.monotonic() + self._grace_seconds
            os.kill(worker.pid, signal.SIGTERM)

    def _lose_patience(self) -> None:
        now = time.monotonic()
        for worker in self._live.values():
            if worker.kill_at is not None and worker.kill_at < now:
                _kill_group(worker.pid)
        for connection in [each for each, asking in self._asking.items() if asking.until < now]:
            self._hang_up(connection)

    def _reap(self) -> None:
        for key, worker in list(self._live.items()):
            if os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            # Not reaped yet, so the number of its group is still its own: what it left behind goes with it.
            _kill_group(worker.pid)
            _, status = os.waitpid(worker.pid, 0)
            del self._live[key]
            self._remember(key, os.waitstatus_to_exitcode(status))

    def _remember(self, key: str, code: int) -> None:
        self._ended[key] = code
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    def _fork(self, key: str) -> bool:
        """False where the machine has no process or memory left for it just now."""
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            sys.stderr.write(f"cannot fork: {error.strerror}\n")
            return False
        if pid == 0:
            self._work_as_child(server, key)
        self._live[key] = Worker(pid)
        return True

    def _work_as_child(self, server: int, key: str) -> NoReturn:
        """Never comes back into the loop, whatever happens."""
        code = 1
        try:
            os.setsid()
            die_with(server, signal.SIGKILL)
            self._let_go()
            code = self._work(key)
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _let_go(self) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        for each in (*self._sockets, *self._asking):
            each.close()
        self._looked_at.close()


def threads() -> int:
    """Of this process, as the kernel counts them: those of C libraries as well."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _no(reason: str) -> dict[str, object]:
    return {"ok": False, "reason": reason}


def _kill_group(child: int) -> None:
    """The child, not reaped yet, and its group; between fork and setsid it leads none."""
    os.kill(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
