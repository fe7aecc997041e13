"""Which secrets of a deployment are too weak to start with. Made ones are strong; these are those that somebody wrote into a setting.

OWASP ASVS 5, 11.1.1, 13.3.1 and 14.2: keys come from a random source and no two purposes share one. Reading keys is in `gateways.vault`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SHORTEST_KEY = 32
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
_MAKE_KEY = "make one: openssl rand -base64 48"
_MAKE_KEYS = "make the bytes: openssl rand -base64 32"


@dataclass(frozen=True, slots=True)
class Given:
    """What a deployment was given; None or empty where it was not. `token_keys`: by id, in bytes."""

    secret_key: str | None = field(default=None, repr=False)
    token_keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    google_client_id: str | None = None
    google_client_secret: str | None = field(default=None, repr=False)


def weaknesses(given: Given) -> list[str]:
    """Why not to start, a sentence each, which quotes no secret."""
    found = [_of_secret_key(given.secret_key), *map(_of_token_key, given.token_keys.items()), _shared(given), _half_a_client(given)]
    return [each for each in found if each is not None]


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
