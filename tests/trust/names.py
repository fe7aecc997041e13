"""A name server on loopback that answers as it is told, anew at every query (TTL 0), and a resolver that asks it and nobody else.

As RFC 1035 has it, as far as one question and address records go.
"""

import ipaddress
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gateways.roads import Resolve

Answer = Callable[[str, int], Sequence[str]]
"""The addresses of a name at its nth query."""
_A, _AAAA, _IN = 1, 28, 1


@contextmanager
def name_server(answer: Answer) -> Iterator[Resolve]:
    """A resolver in the shape of `socket.getaddrinfo`, over UDP to this server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server, answer), name="name server", daemon=True)
        thread.start()
        place = server.getsockname()

        def resolve(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
            return [(None, None, None, "", (found, port)) for found in _asked(place, host)]

        yield resolve
        server.sendto(b"", place)
        thread.join(timeout=5)


def _serve(server: socket.socket, answer: Answer) -> None:
    queries = 0
    while True:
        query, sender = server.recvfrom(512)
        if not query:
            return
        queries += 1
        name, end = _name(query)
        found = [ipaddress.ip_address(each) for each in answer(name, queries)]
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", _A if each.version == 4 else _AAAA, _IN, 0, len(each.packed)) + each.packed for each in found
        )
        server.sendto(query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0) + query[12:end] + records, sender)


def _name(query: bytes) -> tuple[str, int]:
    """The name asked for, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels), at + 5


def _asked(place: tuple[str, int], host: str) -> list[str]:
    labels = b"".join(bytes([len(each)]) + each.encode("ascii") for each in host.split("."))
    question = labels + b"\0" + struct.pack("!HH", _A, _IN)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(secrets.token_bytes(2) + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question, place)
        answered = client.recv(2048)
    return list(_records(answered, 12 + len(question)))


def _records(answered: bytes, at: int) -> Iterator[str]:
    for _ in range(struct.unpack_from("!H", answered, 6)[0]):
        length = struct.unpack_from("!H", answered, at + 10)[0]
        yield str(ipaddress.ip_address(answered[at + 12 : at + 12 + length]))
        at += 12 + length
