"""The sandbox's HTTP core: services that answer by host or path, the control door, and the faults that stand between.

What a service says is in its own module; TLS, names of hosts and the proxy are in `sandbox.net`, what each fault does in `sandbox.faults`.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from sandbox.faults import Fault, Faults
from sandbox.world import Clock

CONTROL = "/_control/"
BODY_BYTES = 64_000_000
LOG_LINES = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `headers` has lower-case names; `query` the first value of each parameter, `every` all of them."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    every: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def form(self) -> dict[str, str]:
        return {name: words[0] for name, words in parse_qs(self.body.decode("utf-8"), keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. `Content-Length` and `Connection` are added."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answered":
        words = json.dumps(payload, ensure_ascii=False).encode("utf-8")
        return cls(status, words, {"Content-Type": "application/json; charset=UTF-8", **(headers or {})})

    @classmethod
    def of_html(cls, page: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answered":
        return cls(status, page.encode("utf-8"), {"Content-Type": "text/html; charset=utf-8", **(headers or {})})


class Service(Protocol):
    """Impersonates one provider. It is found by host (behind the proxy), else by the beginning of the path.

    A host may begin with "*.": then it stands for all names that have one more word in front, as in a certificate.
    """

    @property
    def hosts(self) -> tuple[str, ...]: ...

    @property
    def paths(self) -> tuple[str, ...]: ...

    def answer(self, asked: Asked) -> "Answered | Performance | None":
        """None: no such address here (404)."""


class Performance(Protocol):
    """Something that happens on the wire in place of a plain answer."""

    def perform(self, handler: "Handler") -> None: ...


class Desk:
    """Takes every request to its service, faults first.

    `log` holds what was asked, oldest first, for tests and for `/_control/log`; `heard` is notified of each.
    """

    def __init__(self, services: Sequence[Service], clock: Clock) -> None:
        self.services, self.clock, self.faults = tuple(services), clock, Faults()
        self.heard = threading.Condition()
        self.log: list[tuple[str, str, str]] = []
        self.latency_seconds = 0.0

    def find(self, asked: Asked) -> "Answered | Performance":
        """The answer, or what the fault that was switched on makes of it."""
        if asked.path.startswith(CONTROL):
            return self._controlled(asked)
        del self.log[:-LOG_LINES]
        self.log.append((asked.method, asked.host, asked.path))
        with self.heard:
            self.heard.notify_all()
        fault = self.faults.next_for(asked.host, asked.path)
        if fault is not None and not fault.is_late:
            return fault
        answer = self._answer(asked)
        return fault.spoil(answer, asked) if fault is not None and isinstance(answer, Answered) else answer

    def _answer(self, asked: Asked) -> "Answered | Performance":
        for service in self.services:
            if _is_among(asked.host, service.hosts) or (not self.names(asked.host) and asked.path.startswith(service.paths)):
                found = service.answer(asked)
                if found is not None:
                    return found
        return Answered.of_json({"error": {"code": 404, "message": f"nothing at {asked.path}"}}, status=404)

    def names(self, host: str) -> bool:
        """Whether a service answers for this host."""
        return any(_is_among(host, service.hosts) for service in self.services)

    def _controlled(self, asked: Asked) -> Answered:
        try:
            return self._control(asked)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            return Answered.of_json({"error": {"code": 400, "message": f"{asked.path}: {error}"}}, status=400)

    def _control(self, asked: Asked) -> Answered:
        """`clock` {advance_seconds}, `faults` {where, kind, times, ...} (POST adds, DELETE clears), `latency` {seconds}, `log`."""
        what, words = asked.path.removeprefix(CONTROL), asked.json() or {}
        if what == "clock":
            return Answered.of_json({"now": self.clock.advance(timedelta(seconds=words.get("advance_seconds", 0))).isoformat()})
        if what == "faults":
            self.faults.clear() if asked.method == "DELETE" else self.faults.add(Fault(**words))
            return Answered.of_json({"waiting": self.faults.waiting()})
        if what == "latency":
            self.latency_seconds = float(words["seconds"])
            return Answered.of_json({"seconds": self.latency_seconds})
        if what == "log":
            return Answered.of_json({"asked": self.log[-1000:]})
        return Answered.of_json({"error": {"code": 404, "message": "choose from clock, faults, latency, log"}}, status=404)


def _is_among(host: str, hosts: Sequence[str]) -> bool:
    name = host.lower().removesuffix(".")
    return name in hosts or f"*.{name.partition('.')[2]}" in hosts


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    # Head and body go out as two writes: with Nagle's algorithm the second waits 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True
    server: "Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError, ssl_error()):
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        every = parse_qs(parts.query, keep_blank_values=True)
        asked = Asked(
            method=self.command,
            host=(self.headers.get("Host") or "").rsplit(":", 1)[0],
            path=parts.path,
            query={name: words[0] for name, words in every.items()},
            every=every,
            headers={name.lower(): word for name, word in self.headers.items()},
            body=self.rfile.read(min(BODY_BYTES, int(self.headers.get("Content-Length") or 0))),
        )
        if self.server.desk.latency_seconds:
            threading.Event().wait(self.server.desk.latency_seconds)
        found = self.server.desk.find(asked)
        if isinstance(found, Answered):
            self.give(found)
        else:
            found.perform(self)

    def give(self, answer: Answered) -> None:
        self.send_response(answer.status)
        for name, word in answer.headers.items():
            self.send_header(name, word)
        if answer.status != 304 and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """The desk keeps the log."""


class Server(ThreadingHTTPServer):
    """Plain HTTP on 127.0.0.1; `port` 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self.desk = desk
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def ssl_error() -> type[Exception]:
    import ssl

    return ssl.SSLError


@contextmanager
def running(desk: Desk, *, port: int = 0) -> Iterator[Server]:
    """A server in a thread, ended at the end of the block."""
    server = Server(desk, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
