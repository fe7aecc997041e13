"""Where the sandbox is, and the credentials that it accepts. They are no secrets. Light: whoever only points there need not load it."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

CLIENT_ID = "sandbox-client.apps.googleusercontent.test"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - made up, for a server on this machine
API_KEY = "sandbox-api-key"
STRIPE_KEY = "sk_test_sandbox"
STRIPE_WEBHOOK_SECRET = "whsec_of_the_sandbox_which_everybody_knows"  # noqa: S105 - as above
KEYS = {
    "WHYRAL_GOOGLE_API_KEY": API_KEY,
    "WHYRAL_GOOGLE_CLIENT_ID": CLIENT_ID,
    "WHYRAL_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
    "WHYRAL_BRIGHTDATA_KEY": "sandbox",
    "WHYRAL_TWITTERAPI_KEY": "sandbox",
    "WHYRAL_STRIPE_SECRET_KEY": STRIPE_KEY,
    "WHYRAL_STRIPE_WEBHOOK_SECRET": STRIPE_WEBHOOK_SECRET,
}
CA_FILE = "ca.pem"


def environment(folder: Path, port: int) -> Mapping[str, str]:
    """What a deployment sets to read the sandbox that stands, or is about to, in this folder and on this port."""
    return settings_for(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", folder.resolve() / CA_FILE)


def settings_for(url: str, proxy: str, ca_file: Path) -> Mapping[str, str]:
    return {
        "WHYRAL_SANDBOX": "true",
        "WHYRAL_SANDBOX_PORT": str(urlsplit(url).port),
        "WHYRAL_GOOGLE_URL": url,
        "WHYRAL_STRIPE_URL": url,
        "WHYRAL_PLATFORM_PROXY": proxy,
        "WHYRAL_PLATFORM_CA": str(ca_file),
        **KEYS,
    }


def is_local(url: str) -> bool:
    """The sandbox calls nobody but this machine."""
    parts = urlsplit(url)
    try:
        return parts.scheme == "http" and (parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback)
    except ValueError:
        return False
