"""Which secrets of a deployment are too weak to start with. Made ones are strong; these are those that somebody wrote into a setting.

OWASP ASVS 5, 11.1.1, 13.3.1 and 14.2: keys come from a random source and no two purposes share one. Reading keys is in `gateways.vault`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SHORTEST_KEY = 32
# A prefix, and 24 bytes or more in base64 or hex.
SHORTEST_SIGNER = 32
# 32 random characters of sixteen have fewer different ones than this about once in 10^7; 32 random bytes fewer than 16 never.
FEWEST_LETTERS, FEWEST_BYTES = 8, 16
_PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "replace",
    "placeholder",
    "your-",
    "your_",
    "example",
    "password",
    "secret-key",
    "secret_key",
)
# What the sandbox hands out says so; everybody knows it.
_MADE_UP = "sandbox"
_STRIPE_HOST = "api.stripe.com"
_MAKE_KEY = "make one: openssl rand -base64 48"
_MAKE_KEYS = "make the bytes: openssl rand -base64 32"


@dataclass(frozen=True, slots=True)
class Given:
    """What a deployment was given; None or empty where it was not. `token_keys`: by id, in bytes.

    `is_sandbox`: it reads the sandbox, and may have its keys.
    """

    secret_key: str | None = field(default=None, repr=False)
    token_keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    google_client_id: str | None = None
    google_client_secret: str | None = field(default=None, repr=False)
    stripe_key: str | None = field(default=None, repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_url: str | None = None
    dodo_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    is_sandbox: bool = False


def weaknesses(given: Given) -> list[str]:
    """Why not to start, a sentence each, which quotes no secret."""
    found = [_of_secret_key(given.secret_key), *map(_of_token_key, given.token_keys.items()), _shared(given), _half_a_client(given)]
    return [*(each for each in found if each is not None), *_made_up(given), *_of_payments(given)]


def _of_secret_key(key: str | None) -> str | None:
    if key is None:
        return None
    if len(key) < SHORTEST_KEY:
        return f"WHYRAL_SECRET_KEY has {len(key)} characters and needs {SHORTEST_KEY}: {_MAKE_KEY}"
    if len(set(key)) < FEWEST_LETTERS or key in (key + key)[1:-1] or any(word in key.lower() for word in _PLACEHOLDERS):
        return f"WHYRAL_SECRET_KEY can be guessed: {_MAKE_KEY}"
    return None


def _of_token_key(named: tuple[str, bytes]) -> str | None:
    key_id, key = named
    return f"the key {key_id!r} of WHYRAL_TOKEN_KEYS can be guessed: {_MAKE_KEYS}" if len(set(key)) < FEWEST_BYTES else None


def _shared(given: Given) -> str | None:
    """One key for two purposes: whoever gets to know one has both."""
    written = (given.secret_key or "").encode()
    keys = list(given.token_keys.values())
    if written in keys or len(set(keys)) < len(keys):
        return f"WHYRAL_SECRET_KEY and the keys of WHYRAL_TOKEN_KEYS have to differ: {_MAKE_KEYS}"
    return None


def _half_a_client(given: Given) -> str | None:
    """Connections through Google are on where either half is set, and work with both only."""
    if bool(given.google_client_id) == bool(given.google_client_secret):
        return None
    lacking, there = ("SECRET", "ID") if given.google_client_id else ("ID", "SECRET")
    return f"WHYRAL_GOOGLE_CLIENT_{lacking} is not set, and WHYRAL_GOOGLE_CLIENT_{there} is: set both, or none"


def _made_up(given: Given) -> Iterator[str]:
    """The sandbox's own, where it is not read: with its webhook secret anybody signs."""
    named = {
        "GOOGLE_CLIENT_SECRET": (given.google_client_secret,),
        "STRIPE_SECRET_KEY": (given.stripe_key,),
        "STRIPE_WEBHOOK_SECRET": given.stripe_webhook_secrets,
        "DODO_WEBHOOK_SECRET": given.dodo_webhook_secrets,
    }
    for name, words in named.items():
        if not given.is_sandbox and any(_MADE_UP in word for word in words if word):
            yield f"WHYRAL_{name} is the sandbox's, which everybody knows: set your own, or WHYRAL_SANDBOX=true"


def _of_payments(given: Given) -> Iterator[str]:
    key, host = given.stripe_key, urlsplit(given.stripe_url).hostname if given.stripe_url else _STRIPE_HOST
    if key and not key.startswith(("sk_", "rk_")):
        yield "WHYRAL_STRIPE_SECRET_KEY is no secret key of Stripe's: those begin with sk_ or rk_"
    if key and is_live(key) and host != _STRIPE_HOST:
        yield "WHYRAL_STRIPE_URL would send a live key of Stripe's somewhere else: unset it, or use a test key"
    for name, words in (("STRIPE", given.stripe_webhook_secrets), ("DODO", given.dodo_webhook_secrets)):
        if any(len(word) < SHORTEST_SIGNER for word in words):
            yield f"WHYRAL_{name}_WEBHOOK_SECRET can be guessed: copy it whole from the endpoint's page"


def is_live(stripe_key: str) -> bool:
    """Whether money moves with it."""
    return stripe_key.partition("_")[2].startswith("live_")
