"""The road to the public internet: the system's resolver, and plain sockets, through the egress proxy where there is one.

Which addresses may be dialled is the guard's business (`gateways.safe_fetch`).
"""

import http.client
import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from domain.addresses import Address, Reach

Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""


class PublicRoad:
    """Dials exactly the address it is given, so that what was checked is what is asked."""

    reach = Reach.PUBLIC

    def __init__(self, proxy: str | None = None, *, resolve: Resolve = socket.getaddrinfo) -> None:
        self._proxy, self._resolver = proxy, resolve

    def addresses(self, host: str, *, seconds: float) -> Sequence[Address]:
        """The system's resolver knows no time limit: it is asked in a thread that is left behind."""
        answer: queue.Queue[Sequence[Address] | OSError] = queue.Queue()
        threading.Thread(target=_resolve, args=(self._resolver, host, answer), name="resolve", daemon=True).start()
        try:
            found = answer.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"{host} was not resolved in {seconds:g} seconds") from None
        if isinstance(found, OSError):
            raise found
        return found

    def dial(self, address: Address, port: int, *, seconds: float) -> socket.socket:
        if self._proxy is None:
            return socket.create_connection((str(address), port), timeout=seconds)
        parts = urlsplit(self._proxy)
        through = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=seconds)
        through.set_tunnel(str(address), port)
        through.connect()
        connected: socket.socket = through.sock
        return connected


def _resolve(resolve: Resolve, host: str, answer: "queue.Queue[Sequence[Address] | OSError]") -> None:
    try:
        found = resolve(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        answer.put(error)
    except UnicodeError as error:  # no name of the net: an empty part, or one of more than 63 letters
        answer.put(OSError(str(error)))
    else:
        # A scope ("fe80::1%eth0") names a network of this machine: such an address is refused without it, too.
        answer.put([ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found])
