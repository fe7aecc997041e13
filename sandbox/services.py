"""Every provider that the sandbox stands in for, over one world and one clock, and the keys that they accept.

A new provider is one line in `services`, and one in `KEYS` where clients need a key.
"""

from sandbox.brightdata import BrightData
from sandbox.google import API_KEY, CLIENT_ID, CLIENT_SECRET, Google
from sandbox.serving import Service
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World

# Settings that a deployment needs to be let in. They are no secrets.
KEYS = {
    "WHYRAL_GOOGLE_API_KEY": API_KEY,
    "WHYRAL_GOOGLE_CLIENT_ID": CLIENT_ID,
    "WHYRAL_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
    "WHYRAL_BRIGHTDATA_KEY": "sandbox",
    "WHYRAL_TWITTERAPI_KEY": "sandbox",
}


def services(world: World, clock: Clock) -> list[Service]:
    """In the order in which they are asked where a request names no host."""
    return [*Google(world, clock).services, BrightData(world, clock), TwitterApi(world, clock)]
