"""The vault: envelope encryption of secrets that are replayed (OAuth tokens, PKCE verifiers). What is only compared is hashed instead.

Every secret has a data key of its own (AES-256-GCM), which is wrapped by a key-encryption key that is named by its id. Both are bound to
the context that the secret belongs to. Why not Fernet: docs/decisions.

    version 1 | length of key id | key id | nonce 12 | wrapped data key 48 | nonce 12 | secret + tag 16
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from types import MappingProxyType

from domain.errors import Unacceptable

VERSION = b"\x01"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
_WRAPPED = NONCE_BYTES + KEY_BYTES + TAG_BYTES
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_URLSAFE = str.maketrans("-_", "+/")
_SHAPE = "WHYRAL_TOKEN_KEYS: write <id>:<32 bytes in base64>, several separated by commas; `openssl rand -base64 32` makes the bytes"


class SealedVault:
    """Fills the port `Vault`. The first key seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError(_SHAPE)
        self._keys = MappingProxyType(dict(keys))
        self._current = next(iter(keys))

    @classmethod
    def of(cls, words: str) -> "SealedVault":
        """From the words of the setting. Raises ValueError, which quotes nothing of them."""
        return cls(keys_of(words))

    def __repr__(self) -> str:
        return f"SealedVault({', '.join(self._keys)})"

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        data_key = AESGCM.generate_key(bit_length=256)
        head = VERSION + bytes([len(self._current)]) + self._current.encode()
        outer, inner = secrets.token_bytes(NONCE_BYTES), secrets.token_bytes(NONCE_BYTES)
        wrapped = AESGCM(self._keys[self._current]).encrypt(outer, data_key, head + context)
        return head + outer + wrapped + inner + AESGCM(data_key).encrypt(inner, plain, head + context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_id, head, body = _parts(sealed)
        key = self._keys.get(key_id)
        if key is None:
            raise Unacceptable(f"the secret is sealed with the key {key_id!r}, which WHYRAL_TOKEN_KEYS does not hold")
        wrapped, inner, secret = body[NONCE_BYTES:_WRAPPED], body[_WRAPPED : _WRAPPED + NONCE_BYTES], body[_WRAPPED + NONCE_BYTES :]
        try:
            data_key = AESGCM(key).decrypt(body[:NONCE_BYTES], wrapped, head + context)
            return AESGCM(data_key).decrypt(inner, secret, head + context)
        except InvalidTag as error:
            raise Unacceptable("the secret was changed, or belongs to something else: it cannot be opened") from error

    def is_current(self, sealed: bytes) -> bool:
        return _parts(sealed)[0] == self._current


def keys_of(words: str) -> dict[str, bytes]:
    """The keys by id, in their order."""
    found: dict[str, bytes] = {}
    for word in filter(None, (each.strip() for each in words.split(","))):
        key_id, _, encoded = word.partition(":")
        try:
            key = base64.b64decode(encoded.strip().translate(_URLSAFE) + "=" * (-len(encoded.strip()) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(_SHAPE) from error
        if not _ID.fullmatch(key_id) or len(key) != KEY_BYTES or key_id in found:
            raise ValueError(_SHAPE)
        found[key_id] = key
    if not found:
        raise ValueError(_SHAPE)
    return found


def are_keys(words: str) -> bool:
    try:
        return bool(keys_of(words))
    except ValueError:
        return False


def new_keys(key_id: str) -> str:
    """A fresh key, in the words of the setting."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    length = sealed[1] if len(sealed) > 1 else 0
    head, body = sealed[: 2 + length], sealed[2 + length :]
    if sealed[:1] != VERSION or not length or len(body) < _WRAPPED + NONCE_BYTES + TAG_BYTES:
        raise Unacceptable("the secret is of no shape that we know: it cannot be opened")
    return head[2:].decode("ascii", "replace"), head, body
