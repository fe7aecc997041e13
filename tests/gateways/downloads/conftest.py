"""One sandbox per session, and yt-dlp that reaches nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.downloads.client import Client, PagesOptions
from gateways.downloads.tiktok_pages import TikTokPages
from gateways.downloads.watch import TIKTOK, YOUTUBE, Bounds
from gateways.downloads.youtube_pages import YoutubePages
from tests.gateways.errand import StraightErrand
from tests.gateways.loopback import Loopback, loopback


@pytest.fixture(scope="session")
def running_net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with loopback(tmp_path_factory.mktemp("loopback")) as running:
        yield running


@pytest.fixture
def loop(running_net: Loopback) -> Iterator[Loopback]:
    """The net, without the faults of the test before."""
    yield running_net
    running_net.desk.faults.clear()


@pytest.fixture
def options(loop: Loopback, tmp_path: Path) -> PagesOptions:
    return PagesOptions(loop.net.proxy, loop.net.ca, tmp_path / "work", Bounds(silence_seconds=10, requests=20))


@pytest.fixture
def tiktok(options: PagesOptions) -> TikTokPages:
    return TikTokPages(Client(TIKTOK, options))


@pytest.fixture
def youtube(options: PagesOptions) -> YoutubePages:
    return YoutubePages(Client(YOUTUBE, options))


@pytest.fixture
def errand() -> StraightErrand:
    return StraightErrand()
