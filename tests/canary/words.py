"""Canaries: words that belong to one workspace, and finding them again. Where they are put is `tests.canary.filling`."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable

_CANARY = re.compile(rb"cnry\d\d+_[a-z0-9_]+", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_SEALED = re.compile(rb'"next_cursor":"([A-Za-z0-9_-]+)"')


def canary(owner: int, place: str) -> str:
    """The word of the `owner`-th workspace at this place: one lower-case word, so that it passes through links, tags and searches."""
    return f"cnry{owner:02d}_{re.sub('[^a-z0-9]', '_', place.lower())}"


def canaries(text: bytes) -> set[str]:
    """Every canary in it, those inside of cursors too."""
    return {each.group().decode().lower() for part in (text, *_opened(text)) for each in _CANARY.finditer(part)}


def crossed(answer: bytes, asked: bytes, owners: Iterable[int]) -> set[str]:
    """Canaries of others than these owners that the caller did not send itself."""
    mine = tuple(f"cnry{owner:02d}_" for owner in owners)
    return {word for word in canaries(answer) - canaries(asked) if not word.startswith(mine)}


def _opened(text: bytes) -> Iterable[bytes]:
    if text.startswith(_GZIP) or (at := text.find(b"\n\n" + _GZIP)) >= 0:
        yield zlib.decompress(text[0 if text.startswith(_GZIP) else at + 2 :], wbits=31)
    for found in _SEALED.finditer(text):
        try:
            yield base64.urlsafe_b64decode(found[1] + b"=" * (-len(found[1]) % 4))
        except binascii.Error:
            continue
