"""The guard before every address that a user can make us ask: where do a platform's short links lead?

Only hosts that `domain.links` names are asked, over TLS with their name; every address that a name stands for is checked, and the checked
one is dialled. Nothing but the head of an answer is read: no cookies, no body, few bytes, little time. A redirect is followed within the
same platform, three times at most, and not at all once it names a video or a profile.

Design, section 6: "the sandbox answers with documentation addresses and a dialer that lives in `sandbox/`; no setting widens the guard". So
the guard asks its road where it leads (`domain.addresses.Reach`). The public road may lead to public addresses alone. The sandbox's road,
which the wirings hand over when this deployment reads the sandbox, answers 203.0.113.0/24 and may lead to nothing else, the public
included. What a road may say is fixed in `domain.addresses`; no third answer exists, and no address is ever allowed by configuration.
"""

import http.client
import io
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from domain.addresses import Address, may_be_asked
from domain.errors import FieldProblem, SourceRefused, SourceUnavailable, Unacceptable
from domain.links import EXPECTED, HOSTS, SHORT_HOSTS, LinkKind, read_link
from domain.observations import Platform
from domain.ports import Road

SOURCE = "short link"
MOST_REDIRECTS = 3
HEAD_BYTES = 16_384
SECONDS = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)
_NO_HEAD = (405, 501)

Trust = Callable[[], ssl.SSLContext]


@dataclass(frozen=True, slots=True)
class Head:
    """All that is read of an answer."""

    status: int
    location: str | None


class LinkResolver:
    """Follows short links. `trust` makes what holds the authorities whose certificates are accepted."""

    def __init__(self, road: Road, trust: Trust, *, seconds: float = SECONDS) -> None:
        self._road, self._trust, self._seconds = road, trust, seconds

    def resolve(self, url: str) -> str:
        """The canonical address of the video or profile behind a short link. Raises Unacceptable where it leads elsewhere."""
        link, deadline = read_link(url), time.monotonic() + self._seconds
        for _ in range(MOST_REDIRECTS + 1):
            if link.kind is not LinkKind.SHORT:
                return link.url
            target = self._next(link.url, deadline)
            _demand_host(target, link.platform)
            link = read_link(target)
        raise _refusal(f"it leads on more than {MOST_REDIRECTS} times")

    def _next(self, url: str, deadline: float) -> str:
        """Where this address leads."""
        head = self._ask(url, "HEAD", deadline)
        if head.status in _NO_HEAD:
            head = self._ask(url, "GET", deadline)
        if head.status in _REDIRECTS and head.location:
            # Platforms still write http:// into some; it is asked over TLS all the same.
            return _joined(url, head.location)
        if head.status in (404, 410):
            raise SourceRefused(SOURCE, "there is nothing behind it", category="not_found")
        if head.status == 429 or head.status >= 500:
            raise SourceUnavailable(
                SOURCE, f"its host answered {head.status}", category="rate_limit" if head.status == 429 else "api_error"
            )
        raise _refusal("it leads nowhere")

    def _ask(self, url: str, method: str, deadline: float) -> Head:
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        words = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: whyral\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        try:
            address = checked(self._road, host, deadline)
            if address is None:
                raise _refusal("its host stands for an address that is not public")
            with secured(self._road, self._trust, host, address, deadline) as opened:
                opened.sendall(words.encode("ascii"))
                return _head(opened, deadline)
        except (OSError, http.client.HTTPException) as error:
            raise SourceUnavailable(SOURCE, f"{host} cannot be asked ({str(error)[:120]})", category="network") from error


def checked(road: Road, host: str, deadline: float) -> Address | None:
    """An address of the host. One that may not be asked among them is enough to ask none (None): such a name is not to be trusted."""
    found = road.addresses(host, seconds=left(deadline))
    if not found:
        raise OSError("the name stands for no address")
    return found[0] if all(may_be_asked(address, road.reach) for address in found) else None


@contextmanager
def secured(road: Road, trust: Trust, host: str, address: Address, deadline: float) -> Iterator[ssl.SSLSocket]:
    """TLS with the host under its name, at the address that was checked."""
    with road.dial(address, 443, seconds=left(deadline)) as plain, trust().wrap_socket(plain, server_hostname=host) as opened:
        yield opened


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:  # brackets around what is no address
        raise _refusal("it leads to what is no address") from error


def _demand_host(target: str, platform: Platform) -> None:
    """Only hosts of the platform; those of X wrap the links of all."""
    host = (urlsplit(target).hostname or "").removesuffix(".")
    theirs = {**HOSTS, **SHORT_HOSTS}.get(host)
    if theirs is None or (theirs is not platform and platform is not Platform.X):
        raise _refusal(f"it leads to {host[:80]!r}")


def _head(opened: ssl.SSLSocket, deadline: float) -> Head:
    """The status and where it leads. Raises OSError where the head is too long or comes too late."""
    read = b""
    while b"\r\n\r\n" not in read:
        if len(read) > HEAD_BYTES:
            raise OSError("the head of its answer is too long")
        opened.settimeout(left(deadline))
        piece = opened.recv(4096)
        if not piece:
            raise OSError("its answer ended too early")
        read += piece
    first, _, rest = read.partition(b"\r\n")
    headers = http.client.parse_headers(io.BytesIO(rest.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"))
    match first.split(None, 2):
        case [version, status, *_] if version.startswith(b"HTTP/1.") and status.isdigit():
            return Head(int(status), headers.get("Location"))
    raise OSError("it does not speak HTTP")


def left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError once there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("it took too long")
    return seconds


def _refusal(what: str) -> Unacceptable:
    return Unacceptable(f"the short link cannot be followed: {what}", (FieldProblem("/url", EXPECTED),))
