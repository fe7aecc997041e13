"""Addresses that may be asked, and every disguise of one that may not."""

from ipaddress import ip_address

import pytest

from domain.addresses import Reach, may_be_asked

PUBLIC = ["8.8.8.8", "142.250.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
REFUSED = [
    # This machine and this network.
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "fd00:ec2::254",
    # Special, and global by Python's letter.
    "192.0.0.8", "192.0.0.9", "192.88.99.1", "192.175.48.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1",
    "203.0.113.7", "224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1", "2001:db8::1", "2001:2::1", "100::1", "3fff::1",
    # The same in disguise.
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::7f00:1", "::a00:1",
    "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808",
    "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2002:c0a8:101::", "2002:cb00:7107::",
    # Teredo to 127.0.0.1, by a public server.
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_asked_on_the_public_road_only(address):
    assert may_be_asked(ip_address(address), Reach.PUBLIC)
    assert not may_be_asked(ip_address(address), Reach.DOCUMENTATION)


@pytest.mark.parametrize("address", REFUSED)
def test_everything_else_is_refused_on_the_public_road(address):
    assert not may_be_asked(ip_address(address), Reach.PUBLIC)


@pytest.mark.parametrize("address", [each for each in REFUSED if each != "203.0.113.7"] + ["::ffff:203.0.113.7", "192.0.2.7"])
def test_the_sandboxs_road_leads_to_one_net_and_nowhere_else(address):
    assert not may_be_asked(ip_address(address), Reach.DOCUMENTATION)


def test_the_sandboxs_net_is_the_documentations():
    assert may_be_asked(ip_address("203.0.113.7"), Reach.DOCUMENTATION)
