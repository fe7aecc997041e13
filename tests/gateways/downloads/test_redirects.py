"""Where yt-dlp's clients are sent: on within the platform's hosts, nowhere else, whichever of them asks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from yt_dlp.networking import Request
from yt_dlp.networking.impersonate import ImpersonateTarget

from domain.errors import SourceFailed
from gateways.downloads.client import Client, PagesOptions
from gateways.downloads.watch import TIKTOK, Bounds
from sandbox.net import Net, loop_net
from sandbox.serving import Answered, Asked, Desk
from sandbox.world import Clock
from tests.gateways.loopback import EPOCH

CLIENTS = ("Urllib", "Requests", "CurlCFFI")
ELSEWHERE = (
    "https://attacker.example/x",
    "http://127.0.0.1:1/x",
    "http://169.254.169.254/latest",
    "//attacker.example/x",
    "https://tiktok.com.attacker.example/",
)


@dataclass
class Signpost:
    """Answers every path with where to go; the path `/there` with a page."""

    leads: str = "/there"
    hosts: tuple[str, ...] = ("www.tiktok.com", "m.tiktok.com", "attacker.example")
    paths: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(f"{asked.host}{asked.path}")
        if asked.path == "/there":
            return Answered.of_html("<p>here</p>")
        return Answered(302, headers={"Location": self.leads})


@pytest.fixture(scope="module")
def signpost() -> Signpost:
    return Signpost()


@pytest.fixture(scope="module")
def net(signpost: Signpost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    with loop_net(Desk([signpost], Clock(frozen_at=EPOCH)), folder=tmp_path_factory.mktemp("signpost")) as running:
        yield running


@pytest.fixture
def client(net: Net, signpost: Signpost, tmp_path: Path) -> Client:
    signpost.asked, signpost.leads = [], "/there"
    return Client(TIKTOK, PagesOptions(net.proxy, net.ca, tmp_path, Bounds(silence_seconds=2, requests=9, retries=0)))


def page(client: Client, name: str) -> str:
    """A page, by one of the three."""
    words = {"extensions": {"impersonate": ImpersonateTarget()}} if name == "CurlCFFI" else {}

    def get(opened: object) -> str:
        director = opened._request_director  # type: ignore[attr-defined]
        director.handlers = {key: each for key, each in director.handlers.items() if key == name}
        with opened.urlopen(Request("https://www.tiktok.com/begin", **words)) as answer:  # type: ignore[attr-defined]
            return str(answer.read().decode())

    return str(client.ask(get))


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("leads", ["/there", "https://m.tiktok.com/there"])
def test_a_redirect_within_the_platform_is_followed(client: Client, signpost: Signpost, name: str, leads: str) -> None:
    signpost.leads = leads

    assert page(client, name) == "<p>here</p>"
    assert len(signpost.asked) == 2


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("leads", ELSEWHERE)
def test_a_redirect_to_elsewhere_is_not_followed(client: Client, signpost: Signpost, net: Net, name: str, leads: str) -> None:
    signpost.leads = leads

    with pytest.raises(SourceFailed, match="none of its hosts"):
        page(client, name)

    assert (signpost.asked, net.refused) == (["www.tiktok.com/begin"], [])


@pytest.mark.parametrize("name", CLIENTS)
def test_a_redirect_in_a_circle_ends(client: Client, signpost: Signpost, name: str) -> None:
    signpost.leads = "/begin"

    with pytest.raises(SourceFailed):
        page(client, name)

    assert len(signpost.asked) <= 12
