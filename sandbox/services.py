"""Every provider that the sandbox stands in for, over one world and one clock.

A new provider is one line in `Providers`, and one in `sandbox.addresses` where clients need a key.
"""

from pathlib import Path

from sandbox.brightdata import BrightData
from sandbox.dodo import Dodo
from sandbox.google import Google
from sandbox.google.memory import keep_in
from sandbox.issuer import Issuer
from sandbox.pictures import Pictures
from sandbox.serving import Service
from sandbox.stripe import Stripe
from sandbox.stripe.keeping import Keeper
from sandbox.stripe.opening import Opening, open_shop
from sandbox.tiktok import TikTok
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World
from sandbox.youtube_pages import YoutubePages


class Providers:
    """All of them. `services` stand in the order in which they are asked where a request names no host; `shop`: what Stripe sells."""

    def __init__(self, world: World, clock: Clock, *, folder: Path, shop: Opening | None = None) -> None:
        self._google = Google(world, clock)
        keep_in(folder / "grants.json", self._google.grants)
        pages = (TikTok(world, clock, folder=folder), YoutubePages(world, clock, folder=folder))
        self._stripe = Stripe(clock)
        keeper = Keeper(folder / "stripe.json", self._stripe)
        if shop is not None:
            open_shop(self._stripe.books, shop)
            keeper.keep()
        self.services: tuple[Service, ...] = (
            *self._google.services, BrightData(world, clock), TwitterApi(world, clock), *pages, Pictures(world), Issuer(clock),
            self._stripe, Dodo(clock),
        )  # fmt: skip

    def tick(self) -> None:
        """What happens without being asked: feeds of new posts are pushed, plans renew, and Stripe tells of it."""
        self._google.hub.push_due()
        self._stripe.tick()
