"""TikTok's two gateways under faults: pages by yt-dlp, and the web client in a browser. Nothing is charged there."""

import pytest

from domain.errors import FailureCategory as Is
from tests.faults.conftest import Places
from tests.faults.places import HASTY, PATIENT
from tests.faults.ways import TIKTOK_PAGES, TIKTOK_WEB, Gateway

FAULTS: dict[str, Is] = {
    "429": Is.RATE_LIMIT,
    "503": Is.API_ERROR,
    "403": Is.BLOCKED,
    "captcha": Is.BLOCKED,
    "html": Is.BLOCKED,
    "empty": Is.BLOCKED,
    "cut": Is.NETWORK,
    "reset": Is.NETWORK,
    "types": Is.PARSE_ERROR,
    "gzip_bomb": Is.PARSE_ERROR,
    "same_cursor": Is.API_ERROR,
}
# A page has no cursor, and yt-dlp takes times that are no numbers for the same list again.
ELSE = {(TIKTOK_PAGES, "types"): Is.API_ERROR}
PAIRS = [(gateway, kind) for gateway in (TIKTOK_PAGES, TIKTOK_WEB) for kind in FAULTS if (gateway, kind) != (TIKTOK_PAGES, "same_cursor")]


@pytest.mark.parametrize(("gateway", "kind"), PAIRS, ids=[f"{gateway.source.value}-{kind}" for gateway, kind in PAIRS])
def test_a_fault_makes_nothing_up_and_the_try_after_it_repairs_everything(places: Places, gateway: Gateway, kind: str) -> None:
    expected = places.undisturbed(gateway)
    with places.open(gateway) as place:
        place.fault(kind)

        place.run()

        assert place.rows("select count(*) from videos") == [(0,)]
        ((state, category, said, source),) = place.trackings()
        assert (state, category, source) == ("stale", ELSE.get((gateway, kind), FAULTS[kind]), None)
        assert said

        place.desk.faults.clear()
        place.recover()

        assert place.stored() == expected


@pytest.mark.parametrize("kind", ["timeout", "drip"])
def test_pages_that_do_not_come_in_time_are_read_later(places: Places, kind: str) -> None:
    expected = places.undisturbed(TIKTOK_PAGES)
    with places.open(TIKTOK_PAGES, limits=HASTY) as place:
        place.fault(kind, seconds=2)

        place.run()

        assert place.trackings()[0][:2] == ("stale", "network")
        place.desk.faults.clear()
    with places.open(TIKTOK_PAGES, limits=PATIENT) as place:
        place.run()

        assert place.stored() == expected
