"""One sandbox and one browser per session. Where no Chromium can be had, what needs it is skipped, saying so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.tiktok import browser
from gateways.tiktok.browser import BrowserOptions
from gateways.tiktok.pool import Pool
from gateways.tiktok.web import TikTokWeb
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


@pytest.fixture(scope="session")
def chromium() -> Path:
    found, why_not = browser.find("find")
    if found is None:
        pytest.skip(f"no browser, so nothing that needs one is tested here: {why_not}")
    return found


@pytest.fixture(scope="session")
def options(running_net: Loopback, chromium: Path) -> BrowserOptions:
    return BrowserOptions(chromium, running_net.net.proxy, running_net.net.ca)


@pytest.fixture(scope="session")
def pool(options: BrowserOptions) -> Iterator[Pool]:
    made = Pool(options)
    yield made
    made.close()


@pytest.fixture
def web(pool: Pool, loop: Loopback) -> TikTokWeb:
    """The reader. A page of ten makes three of a small account."""
    return TikTokWeb(pool, page=10)


@pytest.fixture
def errand() -> StraightErrand:
    return StraightErrand()
