"""Where a call came from: what a caller says of it counts for nothing, what our own proxies say does."""

import asyncio
from typing import Any

import pytest
from litestar.types import Scope

from api.addresses import TrustedProxies, client_address
from api.observed import Observed
from store.calls import Call, current_call

PROXIES = TrustedProxies(["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"])
CASES = [
    # peer, X-Forwarded-For fields, the caller
    ("203.0.113.7", [], "203.0.113.7"),
    ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
    ("10.0.0.1", [], "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.2.2.2"], "198.51.100.1"),
    ("10.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["198.51.100.1", "10.9.9.9, 192.0.2.1"], "198.51.100.1"),
    ("10.0.0.1", ["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
    ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.1, nonsense, 10.2.2.2"], "10.2.2.2"),
    ("10.0.0.1", ["198.51.100.1, "], "10.0.0.1"),
    ("10.0.0.1", ["unknown"], "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
    ("10.0.0.1", ['"[2001:db8:9::7]:4711"'], "2001:db8:9::7"),
    ("10.0.0.1", ["2001:DB8:9::0007"], "2001:db8:9::7"),
    ("2001:db8:1::2", ["198.51.100.1"], "198.51.100.1"),
    ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
    ("fe80::1%eth0", [], "fe80::1"),
    ("10.0.0.1", ["198.51.100.1\x00"], "10.0.0.1"),
    ("10.0.0.1", [",".join(["198.51.100.1"] + ["10.2.2.2"] * 500)], "10.2.2.2"),
    (None, ["198.51.100.1"], ""),
    ("", [], ""),
    ("not an address", ["198.51.100.1"], "not an address"),
]


@pytest.mark.parametrize(("peer", "fields", "caller"), CASES)
def test_the_outermost_of_our_proxies_is_believed_and_nobody_else(peer: str | None, fields: list[str], caller: str) -> None:
    assert PROXIES.client(peer, fields) == caller


def test_without_proxies_of_ours_nothing_is_believed() -> None:
    assert TrustedProxies().client("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"


def test_the_standard_field_is_not_read_so_that_two_cannot_disagree() -> None:
    headers = [(b"forwarded", b"for=198.51.100.9"), (b"X-Forwarded-For", b"198.51.100.1")]
    scope: Scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": headers}  # type: ignore[assignment]

    assert client_address(scope, PROXIES) == "198.51.100.1"


@pytest.mark.parametrize("network", ["10.0.0.1/8", "proxy.example.org", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match=r"appear|bits|host"):
        TrustedProxies([network])


@pytest.mark.parametrize(("peer", "caller"), [("10.0.0.1", "198.51.100.1"), ("203.0.113.7", "203.0.113.7")])
def test_the_call_that_is_served_knows_it(peer: str, caller: str) -> None:
    found: list[tuple[Call | None, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append((current_call(), scope["state"]["client_address"]))

    headers = [(b"x-forwarded-for", b"198.51.100.1"), (b"user-agent", b"x" * 1000)]
    scope: Any = {"type": "http", "client": (peer, 1), "headers": headers, "method": "GET"}
    asyncio.run(Observed(app, proxies=PROXIES)(scope, None, None))  # type: ignore[arg-type]

    ((call, address),) = found
    assert call is not None
    assert (call.address, address, len(call.user_agent or "")) == (caller, caller, 300)
