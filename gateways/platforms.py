"""Puts together what reaches the platforms, from what is configured. What cannot be had is left out, and `lacking` says why."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.ports import Platforms, Reader
from gateways.bounded_http import BoundedHttp, Route
from gateways.downloads.client import Client, PagesOptions
from gateways.downloads.media import YtDlpMedia
from gateways.downloads.tiktok_pages import TikTokPages
from gateways.downloads.watch import TIKTOK, YOUTUBE
from gateways.downloads.youtube_pages import YoutubePages
from gateways.tiktok import browser, charts
from gateways.tiktok.pool import pool_of
from gateways.tiktok.web import TikTokWeb


@dataclass(frozen=True, slots=True)
class PlatformOptions:
    """What is configured. Secrets are plain text here and are never printed."""

    google_client_id: str | None = None
    google_client_secret: str | None = field(default=None, repr=False)
    google_api_key: str | None = field(default=None, repr=False)
    google_url: str | None = None
    brightdata_key: str | None = field(default=None, repr=False)
    brightdata_url: str = "https://api.brightdata.com"
    twitterapi_key: str | None = field(default=None, repr=False)
    twitterapi_url: str = "https://api.twitterapi.io"
    tiktok_browser: str = "find"
    youtube_pages: bool = False
    media_downloads: bool = False
    proxy: str | None = None
    ca_file: Path | None = None
    token_keys: str | None = field(default=None, repr=False)
    work_folder: Path = Path()


def platforms(options: PlatformOptions) -> Platforms:
    """The platforms as configured. Nothing is called and nothing heavy is imported here: a client is made when it is first used."""
    lacking: dict[str, str] = {}
    pages = PagesOptions(options.proxy, options.ca_file, options.work_folder)
    readers = (*_tiktok(options, pages, lacking), *_youtube_pages(options, pages, lacking))
    return Platforms(readers=readers, media=_media(options, pages, lacking), lacking=lacking)


def _tiktok(options: PlatformOptions, pages: PagesOptions, lacking: dict[str, str]) -> tuple[Reader, ...]:
    """The browser first; without one yt-dlp, which reads accounts and posts only. TikTok's own chart before one that we count."""
    chart = charts.TikTokCharts(BoundedHttp("TikTok", Route(charts.URL, proxy=options.proxy, ca_file=options.ca_file)))
    found, why_not = browser.find(options.tiktok_browser)
    if found is None:
        lacking["tiktok_web"] = why_not
        return chart, TikTokPages(Client(TIKTOK, pages))
    web = TikTokWeb(pool_of(browser.BrowserOptions(found, options.proxy, options.ca_file)))
    return chart, web, TikTokPages(Client(TIKTOK, pages))


def _youtube_pages(options: PlatformOptions, pages: PagesOptions, lacking: dict[str, str]) -> tuple[Reader, ...]:
    if options.youtube_pages:
        return (YoutubePages(Client(YOUTUBE, pages)),)
    lacking["youtube_pages"] = "reading YouTube's pages is off: WHYRAL_YOUTUBE_PAGES=true switches it on"
    return ()


def _media(options: PlatformOptions, pages: PagesOptions, lacking: dict[str, str]) -> YtDlpMedia | None:
    if options.media_downloads:
        return YtDlpMedia(pages)
    lacking["media"] = "downloads of public media are off: WHYRAL_MEDIA_DOWNLOADS=true switches them on"
    return None
