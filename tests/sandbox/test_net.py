"""The loopback internet: known hosts answer through the proxy with a certificate that verifies, and nothing else can be reached."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from sandbox.net import Net, loop_net
from sandbox.serving import Answered, Asked, Desk
from sandbox.world import Clock


class Echo:
    """Says who was asked for what."""

    hosts = ("www.example.org", "*.media.example.org")
    paths = ("/echo",)

    def answer(self, asked: Asked) -> Answered:
        return Answered.of_json({"host": asked.host, "path": asked.path, "body": asked.body.decode()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("net")


@pytest.fixture(scope="module")
def net(folder: Path) -> Iterator[Net]:
    with loop_net(Desk([Echo()], Clock()), folder=folder) as net:
        yield net


@pytest.fixture
def client(net: Net) -> Iterator[httpx.Client]:
    net.refused.clear()
    with httpx.Client(proxy=net.proxy, verify=ssl.create_default_context(cafile=str(net.ca)), trust_env=False) as client:
        yield client


def test_a_host_of_a_service_answers_over_tls_that_verifies(client):
    answers = [client.post(f"https://www.example.org/echo/{number}", content=b"hello").json() for number in range(3)]

    assert answers[2] == {"host": "www.example.org", "path": "/echo/2", "body": "hello"}


def test_a_star_stands_for_one_more_word(client, net):
    assert client.get("https://r1---sn.media.example.org/x").json()["host"] == "r1---sn.media.example.org"

    with pytest.raises(httpx.ProxyError):
        client.get("https://media.example.org/")
    with pytest.raises(httpx.ProxyError):
        client.get("https://a.b.media.example.org/")
    assert net.refused == ["media.example.org:443", "a.b.media.example.org:443"]


def test_plain_http_goes_through_the_proxy_too(client):
    assert client.get("http://www.example.org/echo?x=1").json()["path"] == "/echo"


@pytest.mark.parametrize("url", ["https://other.example/", "http://other.example/", "http://127.0.0.1:1/", "http://www.example.org:81/"])
def test_every_other_host_is_refused_and_listed(client, net, url):
    try:
        status = client.get(url).status_code
    except httpx.ProxyError as error:
        status = int(str(error).split()[0])

    assert status == 403
    assert len(net.refused) == 1
    assert httpx.URL(url).host in net.refused[0]


def test_requests_verifies_with_the_same_file(net):
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get("https://www.example.org/echo", proxies={"https": net.proxy}, verify=str(net.ca), timeout=10)

    assert answer.json()["host"] == "www.example.org"


def test_without_the_authority_nobody_trusts_it(net):
    with httpx.Client(proxy=net.proxy, trust_env=False) as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get("https://www.example.org/")


def test_a_client_with_rules_of_its_own_reaches_the_tls_port(net):
    context = ssl.create_default_context(cafile=str(net.ca))
    with (
        socket.create_connection(("127.0.0.1", net.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="www.example.org") as secured,
    ):
        secured.sendall(b"GET /echo HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n")

        assert b"200 OK" in secured.recv(4096)


def test_an_idle_connection_keeps_nobody_waiting(net, client):
    with socket.create_connection(("127.0.0.1", net.port), timeout=10):
        assert client.get("https://www.example.org/echo").status_code == 200


def test_the_authority_is_kept_and_the_certificate_follows_the_hosts(folder, tmp_path):
    class More(Echo):
        hosts = ("www.example.org", "new.example.org")

    with loop_net(Desk([Echo()], Clock()), folder=tmp_path) as first:
        authority, leaf = first.ca.read_bytes(), (tmp_path / "leaf.pem").read_bytes()
    with loop_net(Desk([Echo()], Clock()), folder=tmp_path):
        assert (tmp_path / "leaf.pem").read_bytes() == leaf
    with loop_net(Desk([More()], Clock()), folder=tmp_path) as second:
        assert second.ca.read_bytes() == authority
        assert (tmp_path / "leaf.pem").read_bytes() != leaf
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
