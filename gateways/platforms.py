"""Puts together what reaches the platforms, from what is configured. What cannot be had is left out, and `lacking` says why."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.ports import Platforms


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
    return Platforms(lacking=lacking, project=options.google_project, is_amended=options.youtube_amendment, callback_url=options.public_url)
