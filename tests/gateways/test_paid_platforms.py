"""What is put together from what is configured: who reads what, why somebody is missing, and that nothing heavy is loaded for it."""

import subprocess
import sys

import pytest

from domain.observations import Platform
from domain.ports import ReadsAccounts, ReadsComments, ReadsPosts, Searches
from domain.sources import SourceName
from gateways.platforms import PlatformOptions, platforms


def test_instagram_and_x_are_read_where_their_keys_are_there():
    found = platforms(PlatformOptions(brightdata_key="k3y", twitterapi_key="k3y"))

    assert [reader.name for reader in found.reading(Platform.INSTAGRAM, ReadsAccounts)] == [SourceName.BRIGHTDATA]
    assert [reader.name for reader in found.reading(Platform.X, Searches)] == [SourceName.TWITTERAPI]
    assert found.reading(Platform.INSTAGRAM, Searches) == ()
    assert all(found.reading(platform, kind) for platform in (Platform.INSTAGRAM, Platform.X) for kind in (ReadsPosts, ReadsComments))


@pytest.mark.parametrize("key", [None, ""])
def test_what_is_not_configured_says_which_setting_is_missing(key):
    lacking = platforms(PlatformOptions(brightdata_key=key, twitterapi_key=key)).lacking

    assert "WHYRAL_BRIGHTDATA_KEY" in lacking["brightdata"]
    assert "WHYRAL_TWITTERAPI_KEY" in lacking["twitterapi"]


def test_secrets_are_not_shown():
    assert "k3y" not in repr(PlatformOptions(brightdata_key="k3y", twitterapi_key="k3y"))


def test_putting_them_together_loads_nothing_heavy():
    script = (
        "import sys; from gateways.platforms import PlatformOptions, platforms; "
        "platforms(PlatformOptions(brightdata_key='k', twitterapi_key='k')); "
        "print(sorted({'httpx', 'stamina', 'TikTokApi', 'yt_dlp', 'googleapiclient', 'playwright', 'cryptography'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
