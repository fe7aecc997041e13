"""Calls, and a door that takes them: straight into the app, without a socket. A stream is hung up on after its first words."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `operation` is its name in the document: `GET /api/v1/videos/{video_id}`."""

    operation: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Headers = ()
    body: bytes = b""
    credential: str = field(default="", repr=False)

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def sent(self) -> bytes:
        """Whatever the caller said; what comes back of it did not cross."""
        return f"{self.path}?{self.query}\n{self.headers}\n".encode() + self.body

    def by(self, credential: str) -> "Call":
        return replace(self, credential=credential)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def received(self) -> bytes:
        return b"\n".join(b": ".join(each) for each in self.headers) + b"\n\n" + self.body

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key.lower() == name), b"")


class Door:
    """The app, called as a server would call it."""

    def __init__(self, app: Litestar) -> None:
        self._app = app

    async def ask(self, call: Call) -> Answer:
        exchange = _Exchange(call.body)
        await self._app(_scope(call), exchange.receive, exchange.send)  # type: ignore[arg-type]
        return Answer(exchange.status, exchange.headers, b"".join(exchange.parts))


class _Exchange:
    """The two ends of one call."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._is_over = asyncio.Event()
        self.status = 0
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        self.parts: list[bytes] = []
        self._is_stream = False

    async def receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._is_over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = tuple((bytes(name), bytes(value)) for name, value in message["headers"])
            self._is_stream = any(value.startswith(b"text/event-stream") for _, value in self.headers)
            return
        self.parts.append(bytes(message.get("body", b"")))
        if not message.get("more_body") or (self._is_stream and self.parts[-1].strip()):
            self._is_over.set()


def _scope(call: Call) -> dict[str, Any]:
    headers = [("host", "testserver.local"), *call.headers]
    if call.credential:
        headers.append(("authorization", f"Bearer {call.credential}"))
    if call.body:
        names = {name.lower() for name, _ in headers}
        headers += [("content-length", str(len(call.body)))]
        headers += [] if "content-type" in names else [("content-type", "application/json")]
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": call.method, "scheme": "http",
        "path": call.path, "raw_path": call.path.encode(), "root_path": "", "query_string": urlencode(call.query).encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000), "state": {}, "extensions": {},
    }  # fmt: skip
