"""Which readers of TikTok and of YouTube's pages there are, by what is configured; nothing heavy is imported to find out."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.observations import Platform
from domain.ports import ReadsAccounts, ReadsCharts, ReadsComments
from domain.sources import SourceName
from gateways.platforms import PlatformOptions, platforms
from gateways.tiktok.web import TikTokWeb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def chromium(tmp_path: Path) -> str:
    path = tmp_path / "chromium"
    path.touch()
    return str(path)


def names(made, platform: Platform, kind: type) -> list[SourceName]:
    return [reader.name for reader in made.reading(platform, kind)]


def test_with_a_browser_it_reads_tiktok_first_and_yt_dlp_is_behind_it(chromium):
    made = platforms(PlatformOptions(tiktok_browser=chromium))

    assert names(made, Platform.TIKTOK, ReadsAccounts) == [SourceName.TIKTOK_WEB, SourceName.TIKTOK_PAGES]
    assert names(made, Platform.TIKTOK, ReadsComments) == [SourceName.TIKTOK_WEB]
    assert names(made, Platform.TIKTOK, ReadsCharts) == [SourceName.TIKTOK_CHARTS, SourceName.TIKTOK_WEB]
    assert "tiktok_web" not in made.lacking


@pytest.mark.parametrize(("choice", "why"), [("off", "is switched off"), ("/nowhere/chromium", "is not there")])
def test_without_a_browser_yt_dlp_reads_tiktok_and_it_is_said_why(choice, why):
    made = platforms(PlatformOptions(tiktok_browser=choice))

    assert names(made, Platform.TIKTOK, ReadsAccounts) == [SourceName.TIKTOK_PAGES]
    assert why in made.lacking["tiktok_web"]


def test_pages_of_youtube_and_media_are_switched_on_by_the_operator(chromium):
    shut = platforms(PlatformOptions(tiktok_browser=chromium))
    opened = platforms(PlatformOptions(tiktok_browser=chromium, youtube_pages=True, media_downloads=True))

    assert (names(shut, Platform.YOUTUBE, ReadsAccounts), shut.media) == ([], None)
    assert {"youtube_pages", "media"} <= shut.lacking.keys()
    assert SourceName.YOUTUBE_PAGES in names(opened, Platform.YOUTUBE, ReadsAccounts)
    assert opened.media is not None
    assert not {"youtube_pages", "media"} & opened.lacking.keys()


def test_the_same_options_share_one_browser(chromium):
    first, second, other = (
        platforms(PlatformOptions(tiktok_browser=chromium, proxy=proxy)).reading(Platform.TIKTOK, TikTokWeb)[0]
        for proxy in (None, None, "http://127.0.0.1:9")
    )

    assert first.pool is second.pool is not other.pool


def test_no_password_of_a_proxy_is_in_a_representation(chromium):
    made = platforms(
        PlatformOptions(tiktok_browser=chromium, youtube_pages=True, media_downloads=True, proxy="http://me:hunter2@proxy.example:1")
    )

    assert "hunter2" not in repr(made)


def test_putting_it_together_imports_no_client_library():
    words = (
        "import sys; from gateways.platforms import *; platforms(PlatformOptions(youtube_pages=True, media_downloads=True));"
        "heavy = ('TikTokApi', 'playwright', 'yt_dlp', 'curl_cffi', 'requests', 'httpx', 'cryptography');"
        "print([name for name in heavy if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    assert said.stdout.strip() == "[]"
