"""Every provider that the sandbox stands in for, over one world and one clock, and the keys that they accept.

A new provider is one line in `Providers`, and one in `KEYS` where clients need a key.
"""

from pathlib import Path

from sandbox.brightdata import BrightData
from sandbox.google import API_KEY, CLIENT_ID, CLIENT_SECRET, Google
from sandbox.serving import Service
from sandbox.tiktok import TikTok
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World
from sandbox.youtube_pages import YoutubePages

# Settings that a deployment needs to be let in. They are no secrets.
KEYS = {
    "WHYRAL_GOOGLE_API_KEY": API_KEY,
    "WHYRAL_GOOGLE_CLIENT_ID": CLIENT_ID,
    "WHYRAL_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
    "WHYRAL_BRIGHTDATA_KEY": "sandbox",
    "WHYRAL_TWITTERAPI_KEY": "sandbox",
}


class Providers:
    """All of them. `services` stand in the order in which they are asked where a request names no host."""

    def __init__(self, world: World, clock: Clock, *, folder: Path) -> None:
        self._google = Google(world, clock)
        pages = (TikTok(world, clock, folder=folder), YoutubePages(world, clock, folder=folder))
        self.services: tuple[Service, ...] = (*self._google.services, BrightData(world, clock), TwitterApi(world, clock), *pages)

    def tick(self) -> None:
        """What happens without being asked: feeds of new posts are pushed."""
        self._google.hub.push_due()
