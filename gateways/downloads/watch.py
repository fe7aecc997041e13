"""What one yt-dlp may ask: which hosts, how often, for how long, how much at once. Setting it up is in `client`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateways.downloads import troubles

TIKTOK, YOUTUBE = "TikTok", "YouTube"
HOSTS: Mapping[str, tuple[str, ...]] = {
    TIKTOK: ("tiktok.com", "tiktokv.com", "tiktokv.us", "tiktokcdn.com", "tiktokcdn-us.com", "tiktokcdn-eu.com"),
    YOUTUBE: ("youtube.com", "youtu.be", "googlevideo.com", "ytimg.com"),
}
# A read comes back when it has so much: of a page that drips, small pieces let us look at the clock in time.
PIECE_BYTES = 512


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one question may take. A question of ours is several of yt-dlp's."""

    seconds: float = 60.0
    silence_seconds: float = 15.0
    requests: int = 60
    page_bytes: int = 20_000_000
    retries: int = 1


class Watch:
    """Counts what one yt-dlp asks, and looks whom."""

    def __init__(self, platform: str, bounds: Bounds) -> None:
        self._platform, self._bounds, self._asked = platform, bounds, 0
        self._deadline = time.monotonic() + bounds.seconds
        self._responses: list[Any] = []
        self._astray: Exception | None = None

    def ask(self, url: str) -> None:
        """Before each request."""
        host = urlsplit(url).hostname or ""
        if not any(host == known or host.endswith(f".{known}") for known in HOSTS[self._platform]):
            troubles.stop("api_error", f"it leads to {host[:80] or 'nowhere'}, which is none of its hosts")
        self._asked += 1
        if self._asked > self._bounds.requests:
            troubles.stop("api_error", f"one question took more than {self._bounds.requests} requests: it goes in a circle")
        self.look_at_the_clock()

    def look(self, url: str) -> None:
        """Before a redirect is followed. Of what is raised here only failures of requests come out of the clients as they are."""
        from yt_dlp.networking.exceptions import RequestError
        from yt_dlp.utils import YoutubeDLError

        try:
            self.ask(url)
        except YoutubeDLError as error:
            self._astray = error
            raise RequestError(str(error)) from error

    def demand_on_the_way(self, error: Exception) -> None:
        """Raises why a redirect was not followed, where that is what failed."""
        if self._astray is not None:
            raise self._astray from error

    def look_at_the_clock(self) -> None:
        if time.monotonic() > self._deadline:
            troubles.stop("network", f"no answer within {self._bounds.seconds:g} s")

    def bounded(self, response: Any) -> Any:
        """The response, which never reads more than a page may have. Media is read in pieces and has a limit of its own."""
        read = response.read

        def limited(amount: int | None = None) -> bytes:
            if amount is not None:
                return bytes(read(amount))
            parts, size = [], 0
            while piece := read(PIECE_BYTES):
                size += len(piece)
                if size > self._bounds.page_bytes:
                    troubles.stop("parse_error", f"the answer is larger than {self._bounds.page_bytes} bytes")
                self.look_at_the_clock()
                parts.append(piece)
            return b"".join(parts)

        response.read = limited
        self.keep(response)
        return response

    def keep(self, response: Any) -> None:
        """An answer that is perhaps not read to its end: its connection has to be closed by somebody."""
        if response is not None:
            self._responses.append(response)

    def close(self) -> None:
        for response in self._responses:
            response.close()
