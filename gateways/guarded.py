"""What stands behind an address on the internet, under the guard of `gateways.safe_fetch`: checked addresses, TLS, few bytes, little time.

No cookies, no redirects. Which addresses are asked at all, and what the answer means, is the caller's business.
"""

import http.client
import io
import ssl
import time
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.ports import Road
from gateways.safe_fetch import Trust, checked, left, secured

# Head and transfer coding come on top of the body.
_MORE_BYTES = 65_536
_CATEGORIES = {403: "blocked", 404: "not_found", 410: "not_found", 429: "rate_limit"}


@dataclass(frozen=True, slots=True)
class Guarded:
    """Asks for whole bodies. `source` is the subject of its errors; threads may share it."""

    road: Road
    trust: Trust
    source: str
    most_bytes: int
    seconds: float

    def get(self, url: str, *, accept: str) -> bytes:
        """Raises SourceUnavailable where it was not reached, SourceRefused where it may not be asked or is not there."""
        deadline, parts = time.monotonic() + self.seconds, urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        # Every address is asked over TLS, also one that is written http://.
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        words = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: whyral\r\nAccept: {accept}\r\n"
        try:
            address = checked(self.road, host, deadline)
            if address is None:
                raise self._refused("its host stands for an address that is not public", "invalid_url")
            with secured(self.road, self.trust, host, address, deadline) as opened:
                opened.sendall(f"{words}Accept-Encoding: identity\r\nConnection: close\r\n\r\n".encode("ascii"))
                return self._body(self._everything(opened, deadline))
        except (OSError, http.client.HTTPException) as error:
            raise self._unavailable(f"{host} cannot be asked ({str(error)[:120]})", "network") from error

    def _everything(self, opened: ssl.SSLSocket, deadline: float) -> bytes:
        read = bytearray()
        while True:
            opened.settimeout(left(deadline))
            piece = opened.recv(65_536)
            if not piece:
                return bytes(read)
            read += piece
            if len(read) > self.most_bytes + _MORE_BYTES:
                raise self._refused(f"it is larger than {self.most_bytes:,} bytes", "parse_error")

    def _body(self, received: bytes) -> bytes:
        answer = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]  # only makefile is asked for
        answer.begin()
        status = answer.status
        if status == 200:
            return answer.read()
        category = _CATEGORIES.get(status, "api_error")
        if status in (408, 429) or status >= 500:
            raise self._unavailable(f"its host answered {status}", category)
        raise self._refused("it leads elsewhere" if 300 <= status < 400 else f"its host answered {status}", category)

    def _refused(self, why: str, category: str) -> SourceFailed:
        return SourceRefused(self.source, why, category=category)

    def _unavailable(self, why: str, category: str) -> SourceFailed:
        return SourceUnavailable(self.source, why, category=category)


class _Received:
    """What was received, as http.client reads it: a socket that makes a file of itself."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> BinaryIO:  # noqa: ARG002 - as a socket's
        return io.BytesIO(self._received)
