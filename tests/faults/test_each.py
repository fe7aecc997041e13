"""Every fault on every gateway, while it lasts and after it: nothing is made up, nothing is doubled, and what was charged is booked."""

from contextlib import closing
from datetime import timedelta

import pytest

from domain.errors import FailureCategory as Is
from domain.errors import SourceUnavailable
from domain.prices import CREDITS_PER_PROFILE
from tests.faults.conftest import Places
from tests.faults.places import HASTY, NOW, PATIENT
from tests.faults.ways import COUNTED, INSTAGRAM, YOUTUBE, Gateway, X

# By its name: the fault, and what the tracking says of it.
FAULTS: dict[str, tuple[dict[str, object], Is]] = {
    "429": ({"kind": "429"}, Is.RATE_LIMIT),
    "429 with Retry-After": ({"kind": "429", "retry_after": "9000"}, Is.RATE_LIMIT),
    "500": ({"kind": "500"}, Is.API_ERROR),
    "502": ({"kind": "502"}, Is.API_ERROR),
    "503 with Retry-After": ({"kind": "503", "retry_after": "9000"}, Is.API_ERROR),
    "401": ({"kind": "401"}, Is.NOT_CONFIGURED),
    "403": ({"kind": "403"}, Is.BLOCKED),
    "time-out": ({"kind": "timeout", "seconds": 5}, Is.NETWORK),
    "slow drip": ({"kind": "drip", "seconds": 5}, Is.NETWORK),
    "reset": ({"kind": "reset"}, Is.NETWORK),
    "cut": ({"kind": "cut"}, Is.NETWORK),
    "cut in a chunk": ({"kind": "cut_chunk"}, Is.NETWORK),
    "HTML": ({"kind": "html"}, Is.PARSE_ERROR),
    "captcha": ({"kind": "captcha"}, Is.PARSE_ERROR),
    "empty": ({"kind": "empty"}, Is.PARSE_ERROR),
    "wrong types": ({"kind": "types"}, Is.PARSE_ERROR),
    "gzip bomb": ({"kind": "gzip_bomb"}, Is.PARSE_ERROR),
    "repeated cursor": ({"kind": "same_cursor"}, Is.PARSE_ERROR),
    "quotaExceeded": ({"kind": "quota"}, Is.QUOTA),
}
# Google's words say more than the status.
ELSE = {(YOUTUBE, "403"): Is.PRIVATE}
# Bright Data's answers come whole: there is no cursor.
PAIRS = [(gateway, name) for gateway in COUNTED for name in FAULTS if (gateway, name) != (INSTAGRAM, "repeated cursor")]
SLOW = {"timeout", "drip"}


@pytest.mark.parametrize(("gateway", "name"), PAIRS, ids=[f"{gateway.source.value}-{name}" for gateway, name in PAIRS])
def test_a_fault_makes_nothing_up_and_the_try_after_it_repairs_everything(places: Places, gateway: Gateway, name: str) -> None:
    expected = places.undisturbed(gateway)
    words, category = FAULTS[name]
    with places.open(gateway, limits=HASTY if words["kind"] in SLOW else PATIENT) as place:
        place.fault(**words)  # type: ignore[arg-type]

        place.run()

        assert place.rows("select count(*) from videos") == [(0,)]
        ((state, told, said, source),) = place.trackings()
        assert (told, source) == (ELSE.get((gateway, name), category), None)
        assert state != "live"
        assert said
        ((next_run_at,),) = place.rows("select next_run_at from trackings")
        assert str(next_run_at) >= str(NOW + timedelta(seconds=int(str(words.get("retry_after", 3600)))))
        place.assert_accounts_agree()

        place.desk.faults.clear()
        place.recover()

        assert place.stored() == expected
        place.assert_accounts_agree()


# The emptiest answer that each call can give.
NOTHING = {
    YOUTUBE: [
        ("/youtube/v3/playlistItems", '{"kind": "youtube#playlistItemListResponse", "items": []}'),
        ("/youtube/v3/videos", '{"kind": "youtube#videoListResponse", "items": []}'),
    ],
    INSTAGRAM: [("/datasets/v3/snapshot/", "[]")],
    X: [
        ("/twitter/user/last_tweets", '{"status": "success", "code": 0, "data": {"tweets": []}, "has_next_page": false, "next_cursor": ""}')
    ],
}
EMPTIES = [(gateway, where, body) for gateway, answers in NOTHING.items() for where, body in answers]


@pytest.mark.parametrize(("gateway", "where", "body"), EMPTIES, ids=[where for _, where, _ in EMPTIES])
def test_an_empty_answer_for_a_known_account_is_no_snapshot(places: Places, gateway: Gateway, where: str, body: str) -> None:
    with places.open(gateway) as place:
        place.run()
        before = place.stored()
        place.hands.advance(days=4)
        place.clock.advance(timedelta(days=4))
        place.fault("empty", where=where, body=body)

        place.run()

        ((state, _, said, _),) = place.trackings()
        assert (state, bool(said)) == ("stale", True)
        assert {**place.stored(), "trackings": []} == {**before, "trackings": []}
        assert place.booked() >= place.charged()

        place.desk.faults.clear()
        place.recover()

        seen = place.rows("select count(*) from video_snapshots group by video_id")
        assert set(seen) <= {(1,), (2,)}
        assert (2,) in seen
        assert place.booked() >= place.charged()


@pytest.mark.parametrize("gateway", COUNTED, ids=lambda gateway: gateway.source.value)
def test_a_fault_that_ends_at_once_is_not_even_noticed(places: Places, gateway: Gateway) -> None:
    expected = places.undisturbed(gateway)
    with places.open(gateway) as place:
        for where, kind in zip(gateway.calls, ("reset", "cut"), strict=False):
            place.fault(kind, where=where, times=1)

        tally = place.run()

        assert tally.outcomes == {"ok": 1}
        assert place.stored() == expected
        place.assert_accounts_agree()


def test_what_was_ordered_counts_in_whole_until_its_delivery_tells_the_price(places: Places) -> None:
    with places.open(INSTAGRAM) as place, closing(place.fetching()) as fetching:
        (target,) = place.targets(1)
        place.fault("500", where="/datasets/v3/snapshot/")
        with pytest.raises(SourceUnavailable):
            fetching.account(target, posts=200)
        before = place.booked(), place.charged()
        place.desk.faults.clear()

        read = fetching.account(target, posts=200)

        assert before == (201, 1 + len(read.posts))
        assert place.booked() == place.charged() == before[1]
        assert len(place.providers.brightdata.snapshots) == 2


def test_an_answer_of_x_that_breaks_off_was_paid_for_and_is_booked(places: Places) -> None:
    with places.open(X) as place, closing(place.fetching()) as fetching:
        place.fault("cut", where="/twitter/user/info", times=2)

        fetching.account(*place.targets(1), posts=0)

        assert (place.charged(), place.asked()) == (3 * CREDITS_PER_PROFILE, 3)
        assert place.booked() == 5 * CREDITS_PER_PROFILE
        assert place.unseen() == 4 * CREDITS_PER_PROFILE
