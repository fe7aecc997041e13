"""Puts together what reaches the platforms, from what is configured. What cannot be had is left out, and `lacking` says why."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from domain.ports import AsksForPush, GivesConsent, Platforms, Reader, ReadsOwnData, Vault
from gateways.google_oauth import GoogleOAuth
from gateways.websub import WebSubHub
from gateways.youtube import YouTubeOwner, YouTubeReader
from gateways.youtube.asking import Google
from gateways.youtube.transport import Wire


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
    google_project: str = "default"
    youtube_amendment: bool = False
    public_url: str | None = None


def platforms(options: PlatformOptions) -> Platforms:
    """The platforms as configured. Nothing is called and nothing heavy is imported here: a client is made when it is first used."""
    lacking: dict[str, str] = {}
    google = _google(options, lacking)
    return Platforms(
        readers=google.readers,
        google=google.consent,
        own_data=google.own_data,
        vault=_vault(options, lacking),
        push=google.push,
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


def _google(options: PlatformOptions, lacking: dict[str, str]) -> _Google:
    wire = partial(Wire, options.proxy, options.ca_file)
    google = Google(wire(), options.google_url, options.google_api_key)
    client, secret = options.google_client_id, options.google_client_secret
    has_client = bool(client and secret)
    if not options.google_api_key:
        lacking["youtube_api"] = "no API key: set WHYRAL_GOOGLE_API_KEY, see docs/platforms/youtube.md"
    if not has_client:
        lacking["google"] = "no OAuth client: set WHYRAL_GOOGLE_CLIENT_ID and WHYRAL_GOOGLE_CLIENT_SECRET, see docs/platforms/youtube.md"
    return _Google(
        readers=(YouTubeReader(google),) if options.google_api_key else (),
        consent=GoogleOAuth(wire(subject="google"), client, secret, options.google_url) if client and secret else None,
        own_data=YouTubeOwner(google) if has_client else None,
        push=WebSubHub(wire(subject="websub"), options.google_url),
    )


def _vault(options: PlatformOptions, lacking: dict[str, str]) -> Vault | None:
    """Raises ValueError where the keys cannot be read."""
    if not options.token_keys:
        lacking["vault"] = "WHYRAL_TOKEN_KEYS is not set: no token can be kept"
        return None
    from gateways.vault import SealedVault

    return SealedVault.of(options.token_keys)
