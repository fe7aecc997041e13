"""Fetches thumbnails and has them measured, under the guard of `gateways.safe_fetch`: from hosts of the platforms' pictures only.

No cookies, no redirects, few bytes, little time. A picture is measured and let go: nothing of it is kept but the figures and its hash.
"""

import hashlib

from domain.errors import SourceRefused
from domain.ports import Road
from domain.thumbnails import Picture, why_not_asked
from gateways import images
from gateways.guarded import Guarded
from gateways.safe_fetch import Trust

SECONDS = 5.0


class Thumbnails:
    """Fills the port ReadsThumbnails; threads may share it."""

    def __init__(self, road: Road, trust: Trust, *, seconds: float = SECONDS) -> None:
        self._guarded = Guarded(road, trust, images.SOURCE, images.MOST_BYTES, seconds)

    def read(self, url: str) -> Picture:
        """Raises SourceUnavailable where it was not reached, SourceRefused where it may not be asked, is not there, or is no picture."""
        if why := why_not_asked(url):
            raise SourceRefused(images.SOURCE, why, category="invalid_url")
        content = self._guarded.get(url, accept="image/jpeg,image/png,image/webp")
        return Picture(hashlib.sha256(content).hexdigest(), images.measure(content))
