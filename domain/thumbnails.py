"""Thumbnails as measured, which may be fetched, and when one that could not be measured is tried again. Measuring is `gateways.images`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

# A change of any measure is a new one: pictures are looked at again, a bounded number per run.
METHOD = "thumbnails-1"
# Hosts that serve the platforms' pictures, each with all names below it. An address elsewhere came in with a file: it is never asked.
HOSTS = (
    "ytimg.com", "tiktokcdn.com", "tiktokcdn-us.com", "tiktokcdn-eu.com", "ibyteimg.com", "byteimg.com", "cdninstagram.com", "fbcdn.net",
    "twimg.com",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
# After so many fruitless tries the same picture is left alone.
MOST_TRIES = 6
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=6), timedelta(days=30)
# What is refused may still come back: a picture that was not there yet, an address that had run out.
REFUSED_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one picture. `brightness`: mean luma; `contrast`: its standard deviation over one half, the largest there can be; `text_share`:
    share of the area that looks like writing; all three from 0 to 1. `colourfulness`: Hasler and Suesstrunk (2003), over 100. `faces`:
    how many were found. `width` and `height`: of the picture as it came, in pixels.
    """

    width: int
    height: int
    brightness: float
    contrast: float
    colourfulness: float
    faces: int
    text_share: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was fetched and measured."""

    sha256: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there are no measures. `may_pass`: it was not reached, and the picture itself may be all right."""

    reason: str
    may_pass: bool


def next_try(tries: int, *, now: datetime, may_pass: bool) -> datetime | None:
    """After how long a picture that failed `tries` times is asked for again; None: no more."""
    if tries >= MOST_TRIES:
        return None
    return now + (min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT) if may_pass else REFUSED_WAIT)


def why_not_asked(url: str) -> str | None:
    """Why a thumbnail's address is not asked; None: it may be."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return "its address cannot be read"
    if parts.scheme not in ("https", "http") or port not in (None, 80, 443) or not _is_plain(url):
        return "its address is no plain address of the web"
    if not _NAME.fullmatch(host) or not any(host == each or host.endswith(f".{each}") for each in HOSTS):
        return f"{host[:80]!r} is no host of a platform's pictures"
    return None


def _is_plain(url: str) -> bool:
    """Nothing in it ends a line, or a word, of the question that it becomes part of."""
    return all("!" <= letter <= "~" for letter in url)


def as_vocabulary(rows: Sequence[tuple[str, int, float, float, float]]) -> Mapping[str, Mapping[str, float]]:
    """(video, faces, brightness, text_share, colourfulness) as `Vocabulary.thumbnails` has them."""
    names = ("faces", "brightness", "text_share", "colourfulness")
    return {str(row[0]): dict(zip(names, map(float, row[1:]), strict=True)) for row in rows}
