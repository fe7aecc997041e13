"""Hostile addresses in all the ways that somebody may write them: hosts of this machine and its networks, and links that hide them.

Who writes `127.0.0.1` as `0x7f.1`, or puts it into an IPv6 address, knows that some parsers read it and some guards do not.
Sources: RFC 4291, 6052, 3056, 4380, 8215; OWASP's page on server-side request forgery; the forms that inet_aton(3) reads.
"""

import random
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import count, cycle
from typing import NamedTuple

NETWORKS = tuple(
    IPv4Network(net)
    for net in (
        "127.0.0.0/8", "127.0.0.1/32", "0.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "169.254.169.254/32",
        "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    )
)  # fmt: skip
# Of IPv6's own: this machine, its links (with a zone), sites, unique local ones, groups, documents.
NATIVE = (
    "::1", "::", "fe80::1", "fe80::1%lo", "fe80::5efe:7f00:1", "fec0::1", "feff::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1",
    "2001:db8::1", "3fff::1", "100::1", "64:ff9b:1::7f00:1", "2001:10::1", "2001:2::1", "5f00::1", "0:0:0:0:0:0:0:1", "::127.0.0.1",
)  # fmt: skip


class Spelling(NamedTuple):
    """How it is written, and by which rule."""

    rule: str
    host: str


class HostileLink(NamedTuple):
    """A link, and how it hides where it leads."""

    rule: str
    url: str


def _octets(address: IPv4Address) -> list[int]:
    return list(address.packed)


def _pair(address: IPv4Address) -> str:
    high, low = divmod(int(address), 0x1_0000)
    return f"{high:x}:{low:x}"


def _short(address: IPv4Address) -> str:
    first, second, *_ = _octets(address)
    return f"{first}.{second}.{int(address) & 0xFFFF}"


def _shortest(address: IPv4Address) -> str:
    return f"{int(address) >> 24}.{int(address) & 0xFF_FFFF}"


def _mixed(address: IPv4Address) -> str:
    one, two, three, four = _octets(address)
    return f"{one:#x}.0{two:o}.{three}.{four:#x}"


def _teredo(address: IPv4Address) -> str:
    """Its client, which is written with every bit turned; a public server."""
    return str(IPv6Address((0x2001_0000 << 96) | (int(IPv4Address("65.54.227.120")) << 64) | (int(address) ^ 0xFFFF_FFFF)))


IPV4: dict[str, Callable[[IPv4Address], str]] = {
    "dotted": str,
    "decimal": lambda each: str(int(each)),
    "hex": lambda each: f"{int(each):#x}",
    "upper-case hex": lambda each: f"0X{int(each):X}",
    "octal": lambda each: f"0{int(each):o}",
    "dotted hex": lambda each: ".".join(f"{part:#x}" for part in _octets(each)),
    "dotted octal": lambda each: ".".join(f"0{part:o}" for part in _octets(each)),
    "padded octal": lambda each: ".".join(f"{part:04o}" for part in _octets(each)),
    "mixed": _mixed,
    "short": _short,
    "shortest": _shortest,
}
IPV6: dict[str, Callable[[IPv4Address], str]] = {
    "mapped, hex": lambda each: f"::ffff:{_pair(each)}",
    "mapped, dotted": lambda each: f"::ffff:{each}",
    "mapped, in full": lambda each: f"0:0:0:0:0:FFFF:{_pair(each).upper()}",
    "compatible": lambda each: f"::{_pair(each)}",
    "translated": lambda each: f"::ffff:0:{_pair(each)}",
    "NAT64": lambda each: f"64:ff9b::{_pair(each)}",
    "NAT64, dotted": lambda each: f"64:ff9b::{each}",
    "NAT64, local": lambda each: f"64:ff9b:1::{_pair(each)}",
    "6to4": lambda each: f"2002:{_pair(each)}::",
    "6to4, with a host": lambda each: f"2002:{_pair(each)}:0:0:0:0:1",
    "Teredo": _teredo,
    "ISATAP": lambda each: f"fe80::5efe:{_pair(each)}",
}
_WIDE = str.maketrans("0123456789abcdefghijklmnopqrstuvwxyz.", "０１２３４５６７８９ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_PATH = "/ZMabcdef"
# Of platforms that are read, and names that look as if.
_OURS = ("vm.tiktok.com", "t.co", "www.youtube.com", "www.instagram.com", "x.com", "p16.tiktokcdn.com")
_LOOK_ALIKE: dict[str, Callable[[str, str], str]] = {
    "ours in front": lambda ours, host: f"{ours}.{host}",
    "ours behind a dash": lambda ours, host: f"a-{ours}",
    "ours with a letter more": lambda ours, host: f"{ours}m",
    "homoglyph": lambda ours, host: ours.replace("o", "о", 1).replace("x", "х", 1),  # Cyrillic letters
    "punycode": lambda ours, host: f"xn--{ours.replace('.', '-')}-abc.com",
    "full width": lambda ours, host: ours.translate(_WIDE),
    "NUL in the middle": lambda ours, host: f"{ours}\0.{host}",
    "encoded NUL": lambda ours, host: f"{ours}%00.{host}",
    "encoded slash": lambda ours, host: f"{host}%2f.{ours}",
    "soft hyphen": lambda ours, host: f"{ours[:2]}\u00ad{ours[2:]}",
    "zero width": lambda ours, host: f"{ours[:2]}\u200b{ours[2:]}",
}
_LINKS: dict[str, Callable[[str, str], str]] = {
    "plain": lambda ours, host: f"https://{host}{_PATH}",
    "without a scheme": lambda ours, host: f"{host}{_PATH}",
    "http": lambda ours, host: f"http://{host}{_PATH}",
    "upper case": lambda ours, host: f"HTTPS://{host.upper()}{_PATH}",
    "a port": lambda ours, host: f"https://{host}:443{_PATH}",
    "an odd port": lambda ours, host: f"https://{ours}:22{_PATH}",
    "a port that is none": lambda ours, host: f"https://{ours}:99999{_PATH}",
    "a dot behind": lambda ours, host: f"https://{host}.{_PATH}",
    "two dots behind": lambda ours, host: f"https://{ours}..{_PATH}",
    "ours as user": lambda ours, host: f"https://{ours}@{host}{_PATH}",
    "ours as user and password": lambda ours, host: f"https://{ours}:{ours}@{host}{_PATH}",
    "theirs as user": lambda ours, host: f"https://{host}@{ours}{_PATH}",
    "two users": lambda ours, host: f"https://a@{ours}@{host}{_PATH}",
    "encoded at": lambda ours, host: f"https://{ours}%40{host}{_PATH}",
    "backslash": lambda ours, host: f"https://{host}\\@{ours}{_PATH}",
    "backslashes": lambda ours, host: f"https:\\\\{host}\\{ours}{_PATH}",
    "fragment": lambda ours, host: f"https://{host}#@{ours}{_PATH}",
    "query": lambda ours, host: f"https://{host}?@{ours}{_PATH}",
    "semicolon": lambda ours, host: f"https://{host};@{ours}{_PATH}",
    "CRLF in the path": lambda ours, host: f"https://{ours}/a\r\nHost: {host}\r\n\r\n",
    "encoded CRLF": lambda ours, host: f"https://{ours}/a%0d%0aHost:%20{host}",
    "CRLF in the host": lambda ours, host: f"https://{ours}\r\n{host}{_PATH}",
    "tab in the host": lambda ours, host: f"https://{host[:1]}\t{host[1:]}{_PATH}",
    "encoded host": lambda ours, host: "https://" + "".join(f"%{ord(letter):02x}" for letter in host) + _PATH,
    "full width": lambda ours, host: f"https://{host.translate(_WIDE)}{_PATH}",
    "full-width dots": lambda ours, host: f"https://{host.replace('.', '。')}{_PATH}",
    "circled": lambda ours, host: f"https://{host.translate(_CIRCLED)}{_PATH}",
    "no slashes": lambda ours, host: f"https:{host}{_PATH}",
    "three slashes": lambda ours, host: f"https:///{host}{_PATH}",
    "dots up": lambda ours, host: f"https://{ours}/../../{host}{_PATH}",
    "double encoded": lambda ours, host: f"https://{ours}/%252e%252e/{host}",
    "brackets": lambda ours, host: f"https://[{host}]{_PATH}",
    "an open bracket": lambda ours, host: f"https://[{host}{_PATH}",
    "lists of hosts": lambda ours, host: f"https://{ours},{host}{_PATH}",
    "blank": lambda ours, host: f"https://{ours} {host}{_PATH}",
}
_SCHEMES = ("file", "gopher", "dict", "ftp", "ftps", "sftp", "tftp", "ldap", "ldaps", "jar:http", "data", "javascript", "ws", "wss",
            "netdoc", "phar", "unix", "smb", "view-source:http", "blob:https", "about", "mailto", "ssh", "redis", "postgresql")  # fmt: skip


def address_in(rng: random.Random) -> IPv4Address:
    """One that is not public."""
    net = rng.choice(NETWORKS)
    return net[rng.randrange(net.num_addresses)]


def hosts(rng: random.Random) -> Iterator[Spelling]:
    """Spellings of hosts that are not public, without end: each rule in turn."""
    rules = {**IPV4, **IPV6}
    for turn in count():
        yield Spelling("native", NATIVE[turn % len(NATIVE)])
        for rule, write in rules.items():
            yield Spelling(rule, write(address_in(rng)))


def links(rng: random.Random) -> Iterator[HostileLink]:
    """Links that are to lead to a host that is not public, without end: each way in turn, hosts and look-alikes as they come."""
    spelled = hosts(rng)
    for ours in cycle(_OURS):
        for way, write in _LINKS.items():
            rule, host = next(spelled)
            bare = f"[{host}]" if ":" in host and "bracket" not in way else host
            yield HostileLink(f"{way}: {rule}", write(ours, bare))
        for way, alike in _LOOK_ALIKE.items():
            yield HostileLink(f"look-alike: {way}", f"https://{alike(ours, next(spelled).host)}{_PATH}")
        scheme = rng.choice(_SCHEMES)
        yield HostileLink(f"scheme: {scheme}", f"{scheme}://{rng.choice((ours, next(spelled).host))}{_PATH}")
