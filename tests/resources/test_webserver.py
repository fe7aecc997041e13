"""The guard before the Dagster webserver: its own address only, whatever a browser was tricked into asking."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from resources.webserver import LoopbackGuard

PORT = 3000
Message = MutableMapping[str, Any]


def asked(kind: str, **headers: str) -> list[Message]:
    """What the guard, before an app that answers everything, sends to a client with these headers."""
    sent: list[Message] = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        await send({"type": "the app answered"})

    async def receive() -> Message:
        return {"type": f"{kind}.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(LoopbackGuard(app, port=PORT)(scope, receive, send))
    return sent


def is_let_through(sent: list[Message]) -> bool:
    return [each["type"] for each in sent] == ["the app answered"]


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_its_own_address_is_let_through(kind: str, host: str) -> None:
    assert is_let_through(asked(kind, host=host))
    assert is_let_through(asked(kind, host=host, origin=f"http://{host}"))


@pytest.mark.parametrize("host", ["evil.example:3000", "127.0.0.1", "127.0.0.1:3001", "127.0.0.1:3000.evil.example", ""])
def test_another_host_is_refused(host: str) -> None:
    start, body = asked("http", host=host)

    assert (start["status"], b"loopback" in body["body"]) == (403, True)


def test_no_host_at_all_is_refused() -> None:
    assert asked("http")[0]["status"] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:3001", "http://127.0.0.1:3000@evil.example"])
def test_another_sites_page_is_refused(origin: str) -> None:
    assert asked("http", host="127.0.0.1:3000", origin=origin)[0]["status"] == 403


def test_another_sites_websocket_is_closed() -> None:
    assert asked("websocket", host="127.0.0.1:3000", origin="https://evil.example") == [{"type": "websocket.close", "code": 1008}]


def test_the_servers_own_life_is_not_guarded() -> None:
    assert is_let_through(asked("lifespan"))
