"""The Dagster webserver behind a small guard. It has no login and its GraphQL can start anything: it listens on loopback only,
and the guard checks Host and Origin, which the webserver itself does not (DNS rebinding, cross-site requests).

Started as `python -m resources.webserver --port 3000 --workspace FILE`.
"""

import argparse
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Send], Awaitable[None]]


STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MAX_OVERFLOW = 15_000, 3_600, 20


class LoopbackGuard:
    """Answers 403 unless Host, and Origin where a browser sends one, name this very server."""

    def __init__(self, app: Asgi, *, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[MutableMapping[str, Any]]], send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not self._is_ours(scope):
            await _refuse(scope, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin")
        return host in self._hosts and (origin is None or urlsplit(origin.decode("latin-1")).netloc in self._hosts)


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"this server answers only on its own loopback address\n"
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


def serve(*, port: int, workspace: str) -> None:
    import uvicorn
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context

    with DagsterInstance.get() as instance, WorkspaceProcessContext(instance, WorkspaceFileTarget([workspace])) as context:
        # As its own command does: connections are kept, for every event of a new run would make one.
        instance.optimize_for_webserver(STATEMENT_MILLISECONDS, POOL_RECYCLE_SECONDS, MAX_OVERFLOW)
        app = create_app_from_workspace_process_context(context)
        uvicorn.run(LoopbackGuard(app, port=port), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--port", type=int, required=True)
    words.add_argument("--workspace", required=True)
    given = words.parse_args()
    serve(port=given.port, workspace=given.workspace)


if __name__ == "__main__":
    main()
