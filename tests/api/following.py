"""A caller who reads a stream as it comes: Litestar's test client would hand it over only when it has ended."""

import asyncio
import queue
from typing import Any, cast

from tests.api.conftest import Caller

PATIENCE_SECONDS = 20


class Following:
    """One open stream. `next()` is its next event; `hang_up()` closes it from the caller's side."""

    def __init__(self, caller: Caller, row_id: str, *, below: str = "/requests", **headers: str) -> None:
        self._client, self._arrived = caller.client, queue.Queue[bytes | None]()
        self._gone, self._rest = asyncio.Event(), b""
        given = {"host": "testserver.local", "authorization": f"Bearer {caller.credential}", **headers}
        path = f"/api/v1{below}/{row_id}/events"
        self._scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("caller", 1), "server": ("api", 80),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip
        self._task = self._client.blocking_portal.start_task_soon(self._run)

    async def _run(self) -> None:
        try:
            await cast(Any, self._client.app)(self._scope, self._receive, self._send)
        finally:
            self._arrived.put(None)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self._arrived.put(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._gone.set()  # as a server does once the answer is complete

    def next(self) -> dict[str, str] | None:
        """The next event or comment, as its fields; None at the end."""
        while b"\r\n\r\n" not in self._rest:
            piece = self._arrived.get(timeout=PATIENCE_SECONDS)
            if piece is None:
                return None
            self._rest += piece
        event, _, self._rest = self._rest.partition(b"\r\n\r\n")
        fields = (line.partition(":") for line in event.decode().splitlines())
        return {name or "comment": value.strip() for name, _, value in fields}

    def rest(self) -> list[dict[str, str]]:
        return list(iter(self.next, None))

    def hang_up(self) -> None:
        self._client.blocking_portal.call(self._gone.set)
