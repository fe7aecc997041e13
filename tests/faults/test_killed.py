"""A run of many accounts that is killed in the middle: the next try of its request goes on, and pays for nothing again."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest

from domain.prices import CREDITS_PER_PROFILE, post_credits
from domain.requests import Request
from sandbox.world import World, make_world
from services.scraping import CONCURRENCY
from tests.faults.conftest import Places
from tests.faults.places import EPOCH, NOW, Place
from tests.faults.ways import INSTAGRAM, Gateway, X

POSTS = 4


def many(gateway: Gateway, accounts: int) -> World:
    return make_world(seed=9, epoch=EPOCH, accounts=accounts, posts=POSTS, mix=((gateway.platform.value, ("short",), 1),))


def worth(place: Place) -> int:
    """What reading every account once costs."""
    posts = [len(place.world.posts(creator, at=NOW)) for creator in place.world.creators]
    return sum(CREDITS_PER_PROFILE + post_credits(each) if place.gateway is X else 1 + each for each in posts)


def bought(place: Place) -> int:
    """How often something was asked for that costs."""
    return sum(bool(re.search(place.gateway.paid, path)) for _, _, path in place.desk.log)


def run_and_kill(places: Places, place: Place, request: Request, *, asked: int, read: int) -> None:
    """A run in a process of its own, which is gone at once when so much was asked for that costs, and so many accounts have been read."""
    words = {
        "database": places.url, "url": places.server.url, "tenant_id": str(place.tenant_id), "request_id": str(request.request_id),
        "platform": place.platform.value, "now": place.hands().isoformat(),
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-m", "tests.faults.victim", json.dumps(words)]) as victim:
        while (bought(place) < asked or place.live() < read) and victim.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                victim.wait(timeout=0.02)
        assert victim.poll() is None, "it ended before it was killed"
        victim.kill()


@pytest.mark.parametrize(("gateway", "accounts"), [(X, 40), (INSTAGRAM, 16)], ids=["x", "instagram"])
def test_a_run_that_was_killed_half_way_goes_on_and_pays_for_nothing_twice(places: Places, gateway: Gateway, accounts: int) -> None:
    with places.open(gateway, accounts=accounts, world=many(gateway, accounts)) as place:
        request, at_once = place.ask(), CONCURRENCY[gateway.platform]
        # Two things of an account cost. After half of them all who ask for the next one wait: nothing that was paid for is under way.
        place.fault("timeout", where=gateway.paid, skip=accounts, seconds=60)
        run_and_kill(places, place, request, asked=accounts + at_once, read=accounts // 4)
        place.desk.faults.clear()
        read = place.live()
        place.hands.advance(minutes=20)
        with places.database.begin_system() as system:
            system.ledger.sweep(place.hands() + timedelta(minutes=1))

        tally = place.run(request)

        assert accounts / 4 <= read < accounts
        assert (place.live(), tally.done) == (accounts, accounts - read)
        assert bought(place) == 2 * accounts + at_once
        assert place.charged() == worth(place)
        place.assert_accounts_agree()
