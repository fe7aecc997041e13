"""The Chromium that reads TikTok: which one, and with which arguments. Sessions in it are in `gateways.tiktok.sessions`."""

import base64
import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = ("/usr/bin/chromium", "/usr/lib/chromium/chromium", "/snap/bin/chromium", "/opt/google/chrome/chrome")
# What it would do besides: nothing of that is wanted here, and each is a host that is asked.
QUIET = (
    "--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-domain-reliability", "--no-first-run", "--no-pings", "--metrics-recording-only",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater",
)  # fmt: skip
WHY_OFF = "the browser is switched off: set WHYRAL_TIKTOK_BROWSER to find, or to a path"
WHY_NONE = "no Chromium was found: install the package chromium, or name one in WHYRAL_TIKTOK_BROWSER"


@dataclass(frozen=True, slots=True)
class BrowserOptions:
    """How a browser is started. `proxy` may hold a name and a password."""

    path: Path
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


def find(choice: str) -> tuple[Path | None, str]:
    """The browser that is meant by `find`, a path or `off`; where there is none, why."""
    if choice == "off":
        return None, WHY_OFF
    if choice != "find":
        named = Path(choice)
        return (named, "") if named.is_file() else (None, f"the Chromium of WHYRAL_TIKTOK_BROWSER is not there: {choice}")
    found = next((path for name in NAMES if (path := shutil.which(name))), None) or next((p for p in PLACES if Path(p).is_file()), None)
    return (Path(found), "") if found else (None, WHY_NONE)


def arguments(options: BrowserOptions) -> list[str]:
    """The certificates of `ca_file` are trusted by their keys; all others are verified as ever."""
    if options.ca_file is None:
        return list(QUIET)
    return [*QUIET, "--ignore-certificate-errors-spki-list=" + ",".join(_keys(options.ca_file))]


def proxies(options: BrowserOptions) -> list[dict[str, str]] | None:
    """The proxy in the words of playwright."""
    if not options.proxy:
        return None
    parts = urlsplit(options.proxy)
    found = {"server": f"{parts.scheme}://{parts.hostname}:{parts.port or 80}"}
    if parts.username:
        found |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return [found]


def _keys(ca_file: Path) -> list[str]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    found = x509.load_pem_x509_certificates(ca_file.read_bytes())
    keys = (each.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for each in found)
    return [base64.b64encode(hashlib.sha256(key).digest()).decode() for key in keys]
