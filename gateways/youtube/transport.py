"""HTTP to Google with bounds: of time per call in all, and of bytes, unpacked; through the proxy and trusting the CA that are configured.

`Wire.request` has the shape that googleapiclient asks of its `http`: httplib2, the library's own, takes in any answer whole.
"""

import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import SourceUnavailable
from domain.sources import SourceName

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES = 10_000_000
CALL_SECONDS = 60.0
SILENCE_SECONDS = 20.0
_DROPPED = {"content-length", "accept-encoding", "connection", "host"}


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer, whole and unpacked. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Wire:
    """One pool of connections. `seconds` bounds a call in all: an answer that drips for ever ends too."""

    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    most_bytes: int = ANSWER_BYTES
    seconds: float = CALL_SECONDS
    silence_seconds: float = SILENCE_SECONDS
    subject: str = SourceName.YOUTUBE_API.value
    now: Callable[[], float] = field(default=time.monotonic)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def send(self, method: str, url: str, *, body: bytes | str | None = None, headers: Mapping[str, str] | None = None) -> Raw:
        """Raises SourceUnavailable where no whole answer came: nobody there, silence, too long, too large."""
        import httpx

        # Only what we unpack ourselves, so that a small answer cannot become a huge one.
        words = {**(headers or {}), "accept-encoding": "gzip"}
        until = self.now() + self.seconds
        try:
            with self._shared().stream(method, url, content=body, headers=words) as answer:
                said = {name.lower(): word for name, word in answer.headers.items()}
                return Raw(answer.status_code, said, self._take(answer, said.get("content-encoding", "identity"), until))
        except httpx.TimeoutException:
            raise SourceUnavailable(self.subject, "no answer came in time", category="network") from None
        except httpx.HTTPError as error:
            # Its text may hold the address, and that somebody's words: only its kind is told.
            raise SourceUnavailable(self.subject, f"the connection failed ({type(error).__name__})", category="network") from None

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def _shared(self) -> "httpx.Client":
        """Made once, also where several threads ask at first."""
        with self._making:
            return self._client

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        trust = httpx.create_ssl_context()
        if self.ca_file:
            trust.load_verify_locations(self.ca_file)
        patience = httpx.Timeout(10, read=self.silence_seconds, write=self.silence_seconds, pool=self.silence_seconds)
        # What runs on this machine is asked directly.
        direct: dict[str, None] = dict.fromkeys(("all://127.0.0.1", "all://localhost"))
        return httpx.Client(proxy=self.proxy, verify=trust, timeout=patience, trust_env=False, mounts=direct)

    def _take(self, answer: "httpx.Response", encoding: str, until: float) -> bytes:
        unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        if unpack is None and encoding != "identity":
            raise self._spoiled(f"the answer is packed in a way that was not asked for ({encoding[:20]})")
        taken = bytearray()
        for chunk in answer.iter_raw():
            if self.now() > until:
                raise SourceUnavailable(self.subject, f"the answer took longer than {self.seconds:g} s", category="network")
            taken += self._unpacked(unpack, chunk, self.most_bytes + 1 - len(taken)) if unpack else chunk
            if len(taken) > self.most_bytes:
                raise self._spoiled(f"the answer is larger than {self.most_bytes} bytes")
        if unpack and answer.status_code != 204 and not unpack.eof:
            raise self._spoiled("the answer ends in the middle")
        return bytes(taken)

    def _unpacked(self, unpack: "zlib._Decompress", chunk: bytes, most: int) -> bytes:
        try:
            return unpack.decompress(chunk, most)
        except zlib.error:
            raise self._spoiled("the answer cannot be unpacked") from None

    def _spoiled(self, what: str) -> SourceUnavailable:
        return SourceUnavailable(self.subject, what, category="parse_error")


@dataclass(frozen=True, slots=True)
class GoogleHttp:
    """What googleapiclient calls `http`, for one asker: `headers` say who asks, so no address ever holds a key."""

    wire: Wire
    headers: Mapping[str, str] = field(repr=False)

    def request(
        self, uri: str, method: str = "GET", body: bytes | str | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> tuple[Mapping[str, str], bytes]:
        import httplib2

        kept = {name: word for name, word in (headers or {}).items() if name.lower() not in _DROPPED}
        raw = self.wire.send(method, uri, body=body, headers=kept | dict(self.headers))
        told: Mapping[str, str] = httplib2.Response({**raw.headers, "status": str(raw.status)})
        return told, raw.body
