"""Fetches thumbnails and has them measured, under the guard of `gateways.safe_fetch`: from hosts of the platforms' pictures only.

No cookies, no redirects, few bytes, little time. A picture is measured and let go: nothing of it is kept but the figures and its hash.
"""

import hashlib
import http.client
import io
import ssl
import time
from typing import BinaryIO
from urllib.parse import urlsplit

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.ports import Road
from domain.thumbnails import Picture, why_not_asked
from gateways import images
from gateways.safe_fetch import Trust, checked, left, secured

SECONDS = 5.0
# Head and transfer coding come on top of the picture.
_MORE_BYTES = 65_536
_CATEGORIES = {403: "blocked", 404: "not_found", 410: "not_found", 429: "rate_limit"}


class Thumbnails:
    """Fills the port ReadsThumbnails; threads may share it."""

    def __init__(self, road: Road, trust: Trust, *, seconds: float = SECONDS) -> None:
        self._road, self._trust, self._seconds = road, trust, seconds

    def read(self, url: str) -> Picture:
        """Raises SourceUnavailable where it was not reached, SourceRefused where it may not be asked, is not there, or is no picture."""
        if why := why_not_asked(url):
            raise _refused(why, "invalid_url")
        content = self._content(url, time.monotonic() + self._seconds)
        return Picture(hashlib.sha256(content).hexdigest(), images.measure(content))

    def _content(self, url: str, deadline: float) -> bytes:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        # Every address is asked over TLS, also one that is written http://.
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        words = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: whyral\r\nAccept: image/jpeg,image/png,image/webp\r\n"
        try:
            address = checked(self._road, host, deadline)
            if address is None:
                raise _refused("its host stands for an address that is not public", "invalid_url")
            with secured(self._road, self._trust, host, address, deadline) as opened:
                opened.sendall(f"{words}Accept-Encoding: identity\r\nConnection: close\r\n\r\n".encode("ascii"))
                return _body(_everything(opened, deadline))
        except (OSError, http.client.HTTPException) as error:
            raise _unavailable(f"{host} cannot be asked ({str(error)[:120]})", "network") from error


def _everything(opened: ssl.SSLSocket, deadline: float) -> bytes:
    read = bytearray()
    while True:
        opened.settimeout(left(deadline))
        piece = opened.recv(65_536)
        if not piece:
            return bytes(read)
        read += piece
        if len(read) > images.MOST_BYTES + _MORE_BYTES:
            raise _refused(f"it is larger than {images.MOST_BYTES:,} bytes", "parse_error")


class _Received:
    """What was received, as http.client reads it: a socket that makes a file of itself."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, mode: str) -> BinaryIO:  # noqa: ARG002 - as a socket's
        return io.BytesIO(self._received)


def _body(received: bytes) -> bytes:
    answer = http.client.HTTPResponse(_Received(received))  # type: ignore[arg-type]  # only makefile is asked for
    answer.begin()
    status = answer.status
    if status == 200:
        return answer.read()
    category = _CATEGORIES.get(status, "api_error")
    if status in (408, 429) or status >= 500:
        raise _unavailable(f"its host answered {status}", category)
    raise _refused("it leads elsewhere" if 300 <= status < 400 else f"its host answered {status}", category)


def _refused(why: str, category: str) -> SourceFailed:
    return SourceRefused(images.SOURCE, why, category=category)


def _unavailable(why: str, category: str) -> SourceFailed:
    return SourceUnavailable(images.SOURCE, why, category=category)
