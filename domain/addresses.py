"""Which addresses of the internet may be asked on a user's behalf. Pure: resolving and dialling are ports (`domain.ports.roads`).

What hides inside an IPv6 address is judged in its place: `64:ff9b::7f00:1` and `2002:7f00:1::` are this machine, and global for Python.
"""

import ipaddress
from enum import StrEnum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 5737: printed in documents, routed nowhere. The sandbox's road answers with these, see Reach.
DOCUMENTATION = ipaddress.ip_network("203.0.113.0/24")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Global by Python's letter, and yet no public host: protocol assignments, 6to4 relays, AS112, AMT, documentation (RFC 9637).
_NO_HOSTS = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24", "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "2001::/23", "2620:4f:8000::/48",
        "3fff::/20",
    )
)  # fmt: skip


class Reach(StrEnum):
    """Where a road leads. One to the public leads to no documentation address, and the sandbox's to nothing else: no setting mixes them."""

    PUBLIC = "public"
    DOCUMENTATION = "documentation"


def may_be_asked(address: Address, reach: Reach) -> bool:
    """Whether the address, or what hides in it, lies where this road may lead."""
    if reach is Reach.DOCUMENTATION:
        return address in DOCUMENTATION
    return all(_is_public(each) for each in _hidden(address) or (address,))


def _is_public(address: Address) -> bool:
    if any(address in net for net in _NO_HOSTS if net.version == address.version):
        return False
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site_local)


def _hidden(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses inside: mapped, 6to4, Teredo (its server and its client), NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return ()
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF),)
    inside = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return tuple(each for each in inside if each is not None)
