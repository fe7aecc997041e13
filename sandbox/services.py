"""Every provider that the sandbox stands in for, over one world and one clock.

A new provider is one line in `Providers`, and one in `sandbox.addresses` where clients need a key.
"""

import json
from pathlib import Path

from sandbox.brightdata import BrightData
from sandbox.google import Google
from sandbox.serving import Service
from sandbox.tiktok import TikTok
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World
from sandbox.youtube_pages import YoutubePages


class Providers:
    """All of them. `services` stand in the order in which they are asked where a request names no host."""

    def __init__(self, world: World, clock: Clock, *, folder: Path) -> None:
        self.google = Google(world, clock)
        self._grants, self._told = folder / "grants.json", ""
        if self._grants.exists():
            channels = {each.native_id for each in world.creators}
            self.google.grants.take_up(json.loads(self._grants.read_text(encoding="utf-8")), channels)
        pages = (TikTok(world, clock, folder=folder), YoutubePages(world, clock, folder=folder))
        self.services: tuple[Service, ...] = (*self.google.services, BrightData(world, clock), TwitterApi(world, clock), *pages)

    def tick(self) -> None:
        """What happens without being asked: feeds of new posts are pushed, and who consented is kept for a restart."""
        self.google.hub.push_due()
        self.keep_grants()

    def keep_grants(self) -> None:
        told = json.dumps(self.google.grants.told())
        if told != self._told:
            fresh = self._grants.with_suffix(".new")
            fresh.write_text(told, encoding="utf-8")
            fresh.replace(self._grants)
            self._told = told
