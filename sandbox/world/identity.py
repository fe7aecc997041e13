"""Ids as each platform makes them, from a seed. They look like real ones and belong to nobody."""

import base64
import hashlib
from datetime import datetime


def native_ids(platform: str, seed: int, number: int) -> tuple[str, str]:
    """The id an account is known by, and a second one (TikTok's secUid, YouTube's uploads playlist)."""
    word = _word(seed, platform, number)
    if platform == "youtube":
        channel = "UC" + word[:22]
        return channel, "UU" + channel[2:]
    whole = (
        str(10**18 // 2 + _number(seed, platform, number) % 10**17)
        if platform == "tiktok"
        else str(_number(seed, platform, number) % 10**10)
    )
    # A secUid has 64 characters behind its prefix; clients tell it from a handle by that.
    return whole, f"MS4wLjABAAAA{word}{_word('more', word)[:21]}" if platform == "tiktok" else f"second-{whole}"


def post_id(platform: str, seed: int, creator: int, number: int, posted_at: datetime) -> str:
    """TikTok's and X's ids carry the time, as theirs do; the others are words."""
    if platform == "tiktok":
        return str((int(posted_at.timestamp()) << 32) | _number(seed, creator, number) % 2**32)
    if platform == "x":
        return str(((int(posted_at.timestamp() * 1000) - 1288834974657) << 22) | _number(seed, creator, number) % 2**22)
    return _word(seed, platform, creator, number)[:11]


def _word(*parts: object) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(":".join(map(str, parts)).encode()).digest()).decode().rstrip("=")


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8], "big")
