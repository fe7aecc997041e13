"""Puts together what reaches the platforms, from what is configured. What cannot be had is left out, and `lacking` says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from domain.ports import (
    AsksForPush,
    GivesConsent,
    Platforms,
    Reader,
    ReadsIdentityTokens,
    ReadsOwnData,
    ReadsThumbnails,
    Road,
    SignsIn,
    Vault,
)
from gateways.bounded_http import BoundedHttp, Limits, Route, trust
from gateways.brightdata import BrightDataInstagram
from gateways.downloads.client import Client, PagesOptions
from gateways.downloads.media import YtDlpMedia
from gateways.downloads.tiktok_pages import TikTokPages
from gateways.downloads.watch import TIKTOK, YOUTUBE
from gateways.downloads.youtube_pages import YoutubePages
from gateways.google_oauth import GoogleOAuth
from gateways.google_sign_in import GoogleSignIn
from gateways.guarded import Guarded
from gateways.oidc import tokens_of
from gateways.roads import PublicRoad
from gateways.safe_fetch import LinkResolver
from gateways.tiktok import browser, charts
from gateways.tiktok.pool import pool_of
from gateways.tiktok.web import TikTokWeb
from gateways.twitterapi import TwitterApi
from gateways.websub import WebSubHub
from gateways.youtube import YouTubeOwner, YouTubeReader
from gateways.youtube.asking import Google
from gateways.youtube.transport import Wire


@dataclass(frozen=True, slots=True)
class PlatformOptions:
    """What is configured. Secrets are plain text here and are never printed.

    `road`: how links of users are followed, where that is not the public internet: the wirings of a sandbox deployment hand over its own.
    """

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
    thumbnails: bool = False
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    token_keys: str | None = field(default=None, repr=False)
    work_folder: Path = Path()
    google_project: str = "default"
    youtube_amendment: bool = False
    public_url: str | None = None
    road: Road | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_authorized_parties: str | None = None


def platforms(options: PlatformOptions) -> Platforms:
    """The platforms as configured. Nothing is called and nothing heavy is imported here: a client is made when it is first used."""
    lacking: dict[str, str] = {}
    google = _google(options, lacking)
    pages = PagesOptions(options.proxy, options.ca_file, options.work_folder)
    return Platforms(
        readers=(
            *google.readers,
            *_youtube_pages(options, pages, lacking),
            *_tiktok(options, pages, lacking),
            *_instagram(options, lacking),
            *_x(options, lacking),
        ),
        google=google.consent,
        own_data=google.own_data,
        vault=_vault(options, lacking),
        push=google.push,
        links=_links(options),
        media=_media(options, pages, lacking),
        thumbnails=_thumbnails(options, lacking),
        google_sign_in=google.sign_in,
        issuer=_issuer(options, lacking),
        lacking=lacking,
        project=options.google_project,
        is_amended=options.youtube_amendment,
        callback_url=options.public_url,
    )


@dataclass(frozen=True, slots=True)
class _Google:
    """What is of Google: each part needs its own credential."""

    readers: tuple[Reader, ...]
    consent: GivesConsent | None
    own_data: ReadsOwnData | None
    push: AsksForPush
    sign_in: SignsIn | None


def _google(options: PlatformOptions, lacking: dict[str, str]) -> _Google:
    wire = partial(Wire, options.proxy, options.ca_file)
    google = Google(wire(), options.google_url, options.google_api_key)
    client, secret = options.google_client_id, options.google_client_secret
    has_client = bool(client and secret)
    if not options.google_api_key:
        lacking["youtube_api"] = "no API key: set WHYRAL_GOOGLE_API_KEY, see docs/platforms/youtube.md"
    if not has_client:
        lacking["google"] = "no OAuth client: set WHYRAL_GOOGLE_CLIENT_ID and WHYRAL_GOOGLE_CLIENT_SECRET, see docs/platforms/youtube.md"
    consent = GoogleOAuth(wire(subject="google"), client, secret, options.google_url) if client and secret else None
    return _Google(
        readers=(YouTubeReader(google),) if options.google_api_key else (),
        consent=consent,
        own_data=YouTubeOwner(google) if has_client else None,
        push=WebSubHub(wire(subject="websub"), options.google_url),
        sign_in=GoogleSignIn.of(consent) if consent else None,
    )


def _links(options: PlatformOptions) -> LinkResolver:
    return LinkResolver(options.road or PublicRoad(options.proxy), partial(trust, options.ca_file))


def _issuer(options: PlatformOptions, lacking: dict[str, str]) -> ReadsIdentityTokens | None:
    """Raises ValueError where the settings would take tokens that are meant for others."""
    if not options.oidc_issuer:
        lacking["oidc"] = "no issuer: set WHYRAL_OIDC_ISSUER, see docs/guides/sign-in.md"
        return None
    guarded = Guarded(options.road or PublicRoad(options.proxy), partial(trust, options.ca_file), "issuer", 200_000, 5.0)
    get = partial(guarded.get, accept="application/json")
    return tokens_of(options.oidc_issuer, options.oidc_audience, options.oidc_authorized_parties, get)


def _thumbnails(options: PlatformOptions, lacking: dict[str, str]) -> ReadsThumbnails | None:
    if options.thumbnails:
        from gateways.thumbnails import Thumbnails

        return Thumbnails(options.road or PublicRoad(options.proxy), partial(trust, options.ca_file))
    lacking["thumbnails"] = "thumbnails are not fetched: WHYRAL_THUMBNAILS=true switches that on, see docs/guides/insights-people.md"
    return None


def _instagram(options: PlatformOptions, lacking: dict[str, str]) -> tuple[Reader, ...]:
    if not options.brightdata_key:
        lacking["brightdata"] = "Instagram is not read: set WHYRAL_BRIGHTDATA_KEY"
        return ()
    headers = {"Authorization": f"Bearer {options.brightdata_key}"}
    # A snapshot comes in one piece.
    limits = Limits(read_seconds=60, total_seconds=120, decoded_bytes=100_000_000)
    return (BrightDataInstagram(BoundedHttp("brightdata", _route(options, options.brightdata_url, headers), limits)),)


def _x(options: PlatformOptions, lacking: dict[str, str]) -> tuple[Reader, ...]:
    if not options.twitterapi_key:
        lacking["twitterapi"] = "X is not read: set WHYRAL_TWITTERAPI_KEY"
        return ()
    return (TwitterApi(BoundedHttp("twitterapi", _route(options, options.twitterapi_url, {"X-API-Key": options.twitterapi_key}))),)


def _route(options: PlatformOptions, url: str, headers: Mapping[str, str]) -> Route:
    return Route(url, headers, proxy=options.proxy, ca_file=options.ca_file)


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


def _vault(options: PlatformOptions, lacking: dict[str, str]) -> Vault | None:
    """Raises ValueError where the keys cannot be read."""
    if not options.token_keys:
        lacking["vault"] = "WHYRAL_TOKEN_KEYS is not set: no token can be kept"
        return None
    from gateways.vault import SealedVault

    return SealedVault.of(options.token_keys)
