"""Where a call came from. Only a proxy that the operator named is believed when it says for whom it speaks."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from litestar.connection import ASGIConnection
from litestar.types import Scope

from services.sessions import Caller

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# A chain of more proxies is nobody's; whoever sends a longer one wants us to read it.
MOST_HOPS = 20


class TrustedProxies:
    """The networks of our own proxies, as CIDRs. Raises ValueError for what is none."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: Sequence[Network] = tuple(ipaddress.ip_network(each.strip()) for each in networks if each.strip())

    def client(self, peer: str | None, forwarded: Sequence[str]) -> str:
        """The address that the outermost of our proxies was called from; the peer's own where it is none of them.

        `forwarded`: the fields X-Forwarded-For in their order. Each proxy appends whom it was called by, so they are read from the right,
        past our own; what stands further left is whatever the caller made up. `Forwarded` (RFC 7239) is not read: two fields that
        may disagree are a way around. What is no address ends the reading. A peer that is none itself stays as the server named it; empty
        where there is no peer, as on a socket.
        """
        known = _address(peer or "")
        if known is None or not self._is_ours(known):
            return str(known or peer or "")
        hops = [hop for field in forwarded for hop in field.split(",")][-MOST_HOPS:]
        for hop in reversed(hops):
            found = _address(hop)
            if found is None:
                break
            known = found
            if not self._is_ours(found):
                break
        return str(known)

    def _is_ours(self, address: Address) -> bool:
        return any(address.version == each.version and address in each for each in self._networks)


def client_address(scope: Scope, proxies: TrustedProxies) -> str:
    """The same for a scope of ASGI."""
    peer = scope.get("client")
    fields = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    return proxies.client(peer[0] if peer else None, fields)


def client_of(scope: Scope) -> str:
    """The caller's address, as it was found when the call came in."""
    return str(scope.get("state", {}).get("client_address", ""))


def caller_of(connection: AnyConnection) -> Caller:
    """What the authentication log keeps of a call."""
    request_id = connection.scope.get("state", {}).get("request_id")
    return Caller(client_of(connection.scope), connection.headers.get("user-agent"), str(request_id) if request_id else None)


def _address(word: str) -> Address | None:
    """IPv4 or IPv6, with a port or without; an IPv4 address written as IPv6 is an IPv4 address."""
    bare = word.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
