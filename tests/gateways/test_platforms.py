"""What reaches the platforms is put together from what is configured, and nothing heavy is imported for it."""

import subprocess
import sys
from pathlib import Path

from domain.observations import Platform
from domain.sources import SourceName
from gateways.google_oauth import GoogleOAuth
from gateways.platforms import PlatformOptions, platforms
from gateways.youtube import YouTubeOwner, YouTubeReader

ROOT = Path(__file__).parents[2]


def test_without_credentials_google_is_lacking_and_it_is_said_why():
    made = platforms(PlatformOptions())

    assert (made.google, made.own_data, made.reading(Platform.YOUTUBE, YouTubeReader)) == (None, None, ())
    assert "WHYRAL_GOOGLE_API_KEY" in made.lacking["youtube_api"]
    assert "WHYRAL_GOOGLE_CLIENT_ID" in made.lacking["google"]


def test_with_a_key_the_public_reader_is_there_and_with_a_client_the_owners():
    key = platforms(PlatformOptions(google_api_key="k"))
    client = platforms(PlatformOptions(google_client_id="c", google_client_secret="s"))

    assert [reader.name for reader in key.reading(Platform.YOUTUBE, YouTubeReader)] == [SourceName.YOUTUBE_API]
    assert (key.google, "youtube_api" in key.lacking) == (None, False)
    assert isinstance(client.google, GoogleOAuth)
    assert isinstance(client.own_data, YouTubeOwner)
    assert "google" not in client.lacking


def test_half_a_client_is_none():
    made = platforms(PlatformOptions(google_client_id="c"))

    assert (made.google, made.own_data) == (None, None)
    assert "google" in made.lacking


def test_no_secret_is_in_its_representation():
    made = platforms(PlatformOptions(google_client_id="c", google_client_secret="s3cret-word", google_api_key="k3y-word"))

    assert "s3cret-word" not in repr(made)
    assert "k3y-word" not in repr(made)


def test_putting_it_together_imports_no_client_library():
    words = (
        "import sys; from gateways.platforms import *;"
        "platforms(PlatformOptions(google_client_id='c', google_client_secret='s', google_api_key='k'));"
        "print([name for name in ('googleapiclient', 'google.auth', 'httplib2', 'httpx') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    assert said.stdout.strip() == "[]"
