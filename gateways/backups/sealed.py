"""A stream that is encrypted and authenticated in chunks, front to back, in constant memory.

    "WHYRALBK" | version 1 | length of head 4 | head (JSON) | chunks: length 4, ciphertext + tag 16

The key of a file is derived (HKDF-SHA-256) from a key of WHYRAL_BACKUP_KEY, by its id, and a fresh salt. Chunk n is sealed with
AES-256-GCM under the nonce (n, is last), with the head as associated data, as in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015):
a chunk that is changed, moved, repeated, taken away or cut off at the end does not open.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from domain.errors import Unacceptable

MAGIC, VERSION, CHUNK, TAG = b"WHYRALBK", 1, 1024 * 1024, 16
_LONGEST_HEAD = 65_536
_INFO = b"whyral backup v1"


def _cipher(key: bytes, salt: bytes) -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=_INFO).derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class SealingWriter:
    """Takes bytes; `close` seals the end. What was not closed does not open."""

    def __init__(self, target: BinaryIO, keys: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
        key_id, salt = next(iter(keys)), secrets.token_bytes(32)
        head = json.dumps({"key": key_id, "salt": salt.hex(), **about}, default=str).encode()
        self._target, self._cipher, self._waiting, self._number = target, _cipher(keys[key_id], salt), bytearray(), 0
        self._head = MAGIC + bytes([VERSION]) + len(head).to_bytes(4, "big") + head
        target.write(self._head)

    def write(self, piece: bytes) -> None:
        self._waiting += piece
        while len(self._waiting) > CHUNK:  # the last chunk is sealed as such: one always waits
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._head)
        self._target.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def head_of(source: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """What is told in the clear: key id, when, which schema. Raises Unacceptable for what is no backup."""
    start = source.read(len(MAGIC) + 5)
    length = int.from_bytes(start[-4:], "big")
    if start[: len(MAGIC)] != MAGIC or len(start) != len(MAGIC) + 5 or length > _LONGEST_HEAD:
        raise Unacceptable("the file is no backup of Whyral")
    if start[len(MAGIC)] != VERSION:
        raise Unacceptable(f"the backup is of version {start[len(MAGIC)]}, this reads {VERSION}: restore it with a newer Whyral")
    words = source.read(length)
    try:
        told = json.loads(words)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not {"key", "salt"} <= set(told):
        raise Unacceptable("the backup was changed: its head cannot be read")
    return told, start + words


def opened(source: BinaryIO, keys: Mapping[str, bytes]) -> Iterator[bytes]:
    """The plain bytes, a chunk at a time; each is proven before it is given out. Raises Unacceptable."""
    from cryptography.exceptions import InvalidTag

    told, head = head_of(source)
    key = keys.get(str(told["key"]))
    if key is None:
        raise Unacceptable(f"the backup is sealed with the key {told['key']!r}: give it in WHYRAL_BACKUP_KEY")
    cipher, number, is_last = _cipher(key, bytes.fromhex(told["salt"])), 0, False
    sealed = _chunk(source)
    while not is_last:
        after = _chunk(source)
        is_last = after is None
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), sealed or b"", head)
        except InvalidTag as error:
            raise Unacceptable(f"the backup was changed or cut off at chunk {number}: it cannot be restored") from error
        sealed, number = after, number + 1


def _chunk(source: BinaryIO) -> bytes | None:
    length = source.read(4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    return source.read(size) if size <= CHUNK + TAG else b""
