"""The road that leads into the sandbox and nowhere else: names stand for documentation addresses, and dialling one reaches its proxy.

Handed to the guard by the wirings of a deployment that reads the sandbox (`gateways.safe_fetch` says why that widens nothing).
"""

import http.client
import ipaddress
import socket
from collections.abc import Sequence

from domain.addresses import DOCUMENTATION, Address, Reach


class SandboxRoad:
    """Makes up an address for each name and remembers it. The proxy, always on this machine, refuses hosts that it does not know."""

    reach = Reach.DOCUMENTATION

    def __init__(self, proxy_port: int) -> None:
        self._port = proxy_port
        self._hosts: dict[Address, str] = {}

    def addresses(self, host: str, *, seconds: float) -> Sequence[Address]:  # noqa: ARG002 - nobody is waited for
        known = {name: address for address, name in self._hosts.items()}
        if host not in known:
            # After 254 names the first are forgotten.
            place = 1 + len(self._hosts) % 254
            known[host] = ipaddress.ip_address(int(DOCUMENTATION.network_address) + place)
            self._hosts[known[host]] = host
        return (known[host],)

    def dial(self, address: Address, port: int, *, seconds: float) -> socket.socket:
        through = http.client.HTTPConnection("127.0.0.1", self._port, timeout=seconds)
        through.set_tunnel(self._hosts[address], port)
        through.connect()
        connected: socket.socket = through.sock
        return connected
