"""Somebody on this machine who must never be called, and roads on which nothing but the guard keeps a caller from it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from domain.addresses import Address
from gateways.roads import PublicRoad, Resolve

SAYS = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nwhat only insiders know"


@dataclass
class Canary:
    """Listens on loopback, says a secret to whoever comes, and counts."""

    port: int
    visits: int = 0


@contextmanager
def canary() -> Iterator[Canary]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        found, ended = Canary(int(server.getsockname()[1])), threading.Event()

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    if ended.is_set():
                        return
                    found.visits += 1
                    connection.sendall(SAYS)

        thread = threading.Thread(target=serve, name="canary", daemon=True)
        thread.start()
        yield found
        ended.set()
        socket.create_connection(("127.0.0.1", found.port)).close()
        thread.join(timeout=5)


@dataclass
class Dialled:
    """What a road was asked for: names, and addresses."""

    names: list[str] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)


class HostileRoad(PublicRoad):
    """The public road, where every address that is not public is the canary's, whatever the port. Nobody is at the public ones."""

    def __init__(self, canary_port: int, resolve: Resolve) -> None:
        super().__init__(resolve=resolve)
        self._canary_port, self.dialled = canary_port, Dialled()

    def addresses(self, host: str, *, seconds: float) -> "list[Address]":
        self.dialled.names.append(host)
        return list(super().addresses(host, seconds=seconds))

    def dial(self, address: Address, port: int, *, seconds: float) -> socket.socket:
        self.dialled.addresses.append(address)
        if address.is_global:
            raise ConnectionRefusedError("nobody is there")
        return socket.create_connection(("127.0.0.1", self._canary_port), timeout=seconds)
