"""The sandbox's internet: TLS for every host that a service names, and a proxy that knows these hosts and no other.

What is answered is the desk's business (`sandbox.serving`). Whoever wants to reach another host gets 403 and stands in `refused`, so a test
can claim that nothing wanted to leave this machine.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.certificates import certificates
from sandbox.serving import Answered, Desk, Handler, Server

HANDSHAKE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Net:
    """How to reach it. `port`: TLS for all hosts, by the Host header, for clients that resolve names by rules of their own."""

    proxy: str
    ca: Path
    port: int
    refused: list[str] = field(default_factory=list)


@contextmanager
def loop_net(desk: Desk, *, folder: Path, port: int = 0) -> Iterator[Net]:
    """The net for this desk on 127.0.0.1; its authority is kept in `folder`. `port` is the proxy's, 0 takes a free one."""
    files = certificates(folder, [host for service in desk.services for host in service.hosts])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.leaf)
    context.set_alpn_protocols(["http/1.1"])
    with ExitStack() as stack:
        refused: list[str] = []
        proxy = _started(stack, _Proxy(desk, port, context, refused))
        tls = _started(stack, _TlsServer(desk, 0, context))
        yield Net(proxy.url, files.ca, tls.server_port, refused)


class _TlsServer(Server):
    """The hand-shake is done in the connection's own thread: a browser opens connections that it leaves idle."""

    def __init__(self, desk: Desk, port: int, context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__(desk, port)

    # Of the base class: its request may be a datagram, ours is a connection.
    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            self.serve_tls(request, client_address)

    def serve_tls(self, connection: socket.socket, client_address: object) -> None:
        try:
            connection.settimeout(HANDSHAKE_SECONDS)
            with self.context.wrap_socket(connection, server_side=True) as secured:
                secured.settimeout(None)
                Handler(secured, client_address, self)
        except (OSError, ssl.SSLError):
            # It went away, or does not trust us: its own business.
            connection.close()


class _Proxy(_TlsServer):
    """Speaks for the other hosts: CONNECT turns the same connection into TLS with us."""

    def __init__(self, desk: Desk, port: int, context: ssl.SSLContext, refused: list[str]) -> None:
        self.refused = refused
        super().__init__(desk, port, context)

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            _ProxyHandler(request, client_address, self)


class _ProxyHandler(Handler):
    """One connection of a client to the proxy."""

    server: _Proxy

    def do_CONNECT(self) -> None:  # noqa: N802
        host, _, port = self.path.rpartition(":")
        if port != "443" or not self.server.desk.names(host):
            self._refuse(self.path)
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.close_connection = True
        self.server.serve_tls(self.connection, self.client_address)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        if parts.scheme == "http" and parts.port in (None, 80) and self.server.desk.names(parts.hostname or ""):
            super()._serve()
        else:
            self._refuse(parts.netloc or f"the proxy itself ({self.path})")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _refuse(self, whom: str) -> None:
        self.server.refused.append(whom)
        self.close_connection = True
        self.give(Answered.of_html(f"the sandbox's proxy does not know {whom}", status=403, headers={"Connection": "close"}))


def _started(stack: ExitStack, server: Server) -> Server:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-net", daemon=True)
    thread.start()
    stack.callback(_stop, server, thread)
    return server


def _stop(server: Server, thread: threading.Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


__all__ = ("Net", "loop_net")
