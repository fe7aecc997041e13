"""HTTP to providers of JSON, bounded in time, size and tries. What the answers mean is their gateways' business.

Statuses become the two verdicts: 408, 429 and 5xx are SourceUnavailable, other refusals SourceRefused. An answer that breaks off, is too
large or is no JSON says nothing about what was asked: it is SourceUnavailable too. Redirects are not followed.
"""

import json
import random
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.sources import Answer

if TYPE_CHECKING:
    import httpx

# A provider may ask us to stay away for long; longer than this is not believed.
LONGEST_ABSENCE_SECONDS = 86_400.0
_CATEGORIES = {
    401: "not_configured", 402: "quota", 403: "blocked", 404: "not_found", 408: "network", 410: "not_found", 429: "rate_limit",
}  # fmt: skip
_LOCAL = ("all://127.0.0.1", "all://localhost")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may take. `wait_seconds` is the longest pause between two tries, also where the provider asks for a longer one."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    decoded_bytes: int = 20_000_000
    tries: int = 3
    first_wait_seconds: float = 0.5
    wait_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Route:
    """How a provider is reached. Addresses on this machine are never asked through the proxy.

    `may_be_silent`: it may answer with nothing to what changes something; then the payload is None.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    may_be_silent: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart body: fields, of which several may have one name, and a file named `file`."""

    fields: Mapping[str, str | list[str]]
    file_name: str
    content: bytes = field(repr=False)
    media_type: str


class _NotSent(SourceUnavailable):
    """The question never arrived: asking again cannot do anything twice."""


class BoundedHttp:
    """One provider. The client is made when it is first needed; threads may share it."""

    def __init__(
        self, source: str, route: Route, limits: Limits | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._source, self._route, self._limits, self._now = source, route, limits or Limits(), now
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, is_repeatable: bool = True) -> Answer:
        """The JSON there. Asked again where that may help, unless each answer costs something: then as in `post`."""
        return self._ask("GET", path, params, None, is_repeatable=is_repeatable)

    def post(self, path: str, params: Mapping[str, str], body: object, *, is_repeatable: bool = False) -> Answer:
        """The JSON answer to a body of JSON, or to a Form.

        Unless repeatable, it is sent again only where it surely did nothing: it did not arrive, or was turned away (429).
        """
        return self._ask("POST", path, params, body, is_repeatable=is_repeatable)

    def send(self, method: str, path: str, body: object) -> Answer:
        """PATCH or DELETE: the same again changes nothing more, so it is asked again where that may help."""
        return self._ask(method, path, None, body, is_repeatable=True)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _ask(self, method: str, path: str, params: Mapping[str, str] | None, body: object, *, is_repeatable: bool) -> Answer:
        import stamina

        limits = self._limits
        tries = stamina.retry_context(
            on=lambda error: self._pause(error, is_repeatable=is_repeatable), attempts=limits.tries, timeout=None,
            wait_initial=limits.first_wait_seconds, wait_max=limits.wait_seconds, wait_jitter=limits.first_wait_seconds,
        )  # fmt: skip
        for attempt in tries:
            with attempt:
                return self._once(method, path, params, body)
        raise AssertionError("the last try raises")

    def _pause(self, error: Exception, *, is_repeatable: bool) -> bool | float:
        """Whether to try again; a number of seconds where the provider named one."""
        if not isinstance(error, SourceUnavailable):
            return False
        if not (is_repeatable or isinstance(error, _NotSent) or error.category == "rate_limit"):
            return False
        if error.retry_after_seconds is None:
            return True
        # Many who were turned away at once must not come back at once.
        wanted = error.retry_after_seconds + random.uniform(0, self._limits.first_wait_seconds)  # noqa: S311 - not a secret
        return wanted if wanted <= self._limits.wait_seconds else False

    def _once(self, method: str, path: str, params: Mapping[str, str] | None, body: object) -> Answer:
        import httpx

        began = time.monotonic()
        try:
            with self._http().stream(method, path, params=params, **_sent(body)) as response:
                read = self._read(response, deadline=began + self._limits.total_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise _NotSent(self._source, f"it cannot be reached ({_short(error)})", category="network") from error
        except httpx.TimeoutException as error:
            raise self._unavailable("it did not answer in time", "network") from error
        except httpx.RequestError as error:
            raise self._unavailable(f"its answer broke off ({_short(error)})", "network") from error
        if response.status_code >= 300:
            self._refuse(response, read)
        is_silent = self._route.may_be_silent and method != "GET" and not read.strip()
        return Answer(None if is_silent else self._parsed(read), status=response.status_code, fetched_at=self._now())

    def _read(self, response: "httpx.Response", *, deadline: float) -> bytes:
        """The decoded body, never more than the limit in memory, never longer than the deadline."""
        read, limit = bytearray(), self._limits.decoded_bytes
        for piece in self._decoded(response, limit):
            read += piece
            if len(read) > limit:
                raise self._unavailable(f"its answer is larger than {limit:,} bytes", "parse_error")
            if time.monotonic() > deadline:
                raise self._unavailable(f"its answer took longer than {self._limits.total_seconds:g} seconds", "network")
        return bytes(read)

    def _decoded(self, response: "httpx.Response", limit: int) -> Iterator[bytes]:
        """Unpacked by ourselves: httpx would unpack a whole packet of a bomb at once."""
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding not in ("identity", "gzip"):
            raise self._unavailable(f"its answer is packed as {coding[:20]}, which was not asked for", "parse_error")
        if coding == "identity":
            yield from response.iter_raw()
            return
        unpacker = zlib.decompressobj(31)
        try:
            for packed in response.iter_raw():
                yield unpacker.decompress(packed, limit + 1)
        except zlib.error as error:
            raise self._unavailable("its answer cannot be unpacked", "parse_error") from error
        if not unpacker.eof:
            raise self._unavailable("its packed answer ends too early", "parse_error")

    def _refuse(self, response: "httpx.Response", read: bytes) -> NoReturn:
        status = response.status_code
        kind: type[SourceFailed] = SourceUnavailable if status in (408, 429) or status >= 500 else SourceRefused
        said = _said(read) if status != 401 else "the key is not accepted"
        detail = f"it answered {status}{f': {said}' if said else ''}"
        wait = _retry_after(response.headers.get("Retry-After"), self._now())
        raise kind(self._source, detail, category=_CATEGORIES.get(status, "api_error"), retry_after_seconds=wait)

    def _parsed(self, read: bytes) -> Any:
        try:
            return json.loads(read)
        except (ValueError, RecursionError) as error:
            what = "nothing" if not read.strip() else "a page" if read.lstrip()[:1] == b"<" else "something else"
            raise self._unavailable(f"it answered {what} where JSON was due", "parse_error") from error

    def _unavailable(self, detail: str, category: str) -> SourceUnavailable:
        return SourceUnavailable(self._source, detail, category=category)

    def _http(self) -> "httpx.Client":
        with self._lock:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> "httpx.Client":
        import httpx

        limits, route = self._limits, self._route
        patience = httpx.Timeout(limits.connect_seconds, read=limits.read_seconds, write=limits.read_seconds)
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "whyral", **route.headers}
        return httpx.Client(
            base_url=route.url, headers=headers, timeout=patience, follow_redirects=False, trust_env=False,
            verify=trust(route.ca_file), proxy=route.proxy, mounts=dict.fromkeys(_LOCAL) if route.proxy else None,
        )  # fmt: skip


def _sent(body: object) -> dict[str, Any]:
    if body is None:
        return {}
    if isinstance(body, Form):
        return {"data": dict(body.fields), "files": {"file": (body.file_name, body.content, body.media_type)}}
    return {"content": json.dumps(body).encode(), "headers": {"Content-Type": "application/json"}}


@lru_cache(maxsize=4)
def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The public authorities, and one more where it is named."""
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def _retry_after(word: str | None, now: datetime) -> float | None:
    """Seconds, or a date (RFC 9110); what is neither is as if it were not there."""
    if word is None:
        return None
    try:
        seconds = float(word) if word.strip().isdigit() else (parsedate_to_datetime(word) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, seconds), LONGEST_ABSENCE_SECONDS)


def _said(read: bytes) -> str:
    """What a refusal says about itself, short."""
    try:
        words = json.loads(read)
    except ValueError:
        return ""
    found = words.get("error", words) if isinstance(words, dict) else words
    for name in ("message", "msg", "detail", "error"):
        if isinstance(found, dict) and isinstance(found.get(name), str):
            found = found[name]
    return found[:200] if isinstance(found, str) else ""


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:120]
