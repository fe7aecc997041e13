"""What an owner granted, through Google's own client library, against the sandbox."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.errors import SourceRefused
from domain.owner_reports import SPECS
from domain.ports import ReadsOwnData
from domain.sources import Grant, Report, ReportAsk
from gateways.google_oauth import GoogleOAuth
from gateways.youtube import YouTubeOwner
from gateways.youtube.asking import Google
from sandbox.google import CLIENT_ID, CLIENT_SECRET
from sandbox.google.project import is_monetised
from sandbox.world import Creator, State
from tests.gateways.errand import StraightErrand
from tests.sandbox.google.place import ALL, ANALYTICS, EPOCH, MONETARY, READ, REDIRECT, VERIFIER, Place

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 9)


@pytest.fixture
def owner(client: Google) -> YouTubeOwner:
    return YouTubeOwner(client)


@pytest.fixture
def errand() -> StraightErrand:
    return StraightErrand()


def grant(place: Place, creator: Creator, scopes: tuple[str, ...] = ALL) -> Grant:
    return Grant(f"c{creator.number}", place.connect(creator, scopes)["access_token"], frozenset(scopes))


def test_the_owner_fills_the_port(owner):
    port: ReadsOwnData = owner
    assert port is owner


def test_the_channel_of_a_grant_is_found_without_naming_it(place: Place, owner, errand):
    creator = place.channels[2]

    read = owner.own_channel(grant(place, creator), errand)

    assert (read.account.external_id, read.account.username, read.posts) == (creator.native_id, creator.username, ())
    assert errand.operations == ["channels.list"]


def test_an_owner_sees_private_videos_and_nothing_of_it_may_be_shared(place: Place, owner, errand):
    creator = next(c for c in place.channels if any(place.world.state(p, at=EPOCH) is State.PRIVATE for p in place.world.history(c)))

    read = owner.own_posts(grant(place, creator), errand, posts=100)

    everything = place.world.posts(creator, at=EPOCH, everything=True)
    assert [each.video.external_id for each in read.posts] == [post.native_id for post in everything]
    assert [each.video.visibility.value for each in read.posts] == [place.world.state(post, at=EPOCH).value for post in everything]
    assert not any(ask.is_public or ask.is_kept for ask in errand.asked)
    assert all(ask.key.startswith(f"c{creator.number}:") for ask in errand.asked)


@pytest.mark.parametrize("report", [report for report in Report if report is not Report.RETENTION])
def test_every_report_about_a_channel_is_read(place: Place, owner, errand, report):
    creator = place.channels[0]

    read = owner.report(grant(place, creator), ReportAsk(report, creator.native_id, FIRST, LAST), errand)

    assert read.unavailable is None
    assert read.rows
    assert all((row.day is not None) is SPECS[report].is_by_day for row in read.rows)
    assert all(isinstance(amount, Decimal) for row in read.rows for amount in row.metrics.values())
    assert errand.operations == ["reports.query"]
    assert errand.asked[0].bucket is None


def test_the_retention_of_a_video_has_a_hundred_places(place: Place, owner, errand):
    creator = place.channels[0]
    video = place.public(creator)[4].native_id

    read = owner.report(grant(place, creator), ReportAsk(Report.RETENTION, creator.native_id, FIRST, LAST, video_id=video), errand)

    assert [row.dimensions for row in read.rows][::33] == [("0.01",), ("0.34",), ("0.67",), ("1",)]
    assert len(read.rows) == 100


def test_retention_without_a_video_is_our_own_mistake(place: Place, owner, errand):
    with pytest.raises(ValueError, match="about one video"):
        owner.report(grant(place, place.channels[0]), ReportAsk(Report.RETENTION, place.channels[0].native_id, FIRST, LAST), errand)


def test_days_that_are_not_there_yet_are_no_rows_and_no_zeros(place: Place, owner, errand):
    creator, today = place.channels[0], EPOCH.date()

    read = owner.report(grant(place, creator), ReportAsk(Report.DAILY, creator.native_id, today - timedelta(days=6), today), errand)

    assert [row.day for row in read.rows] == ["2026-11-04", "2026-11-05", "2026-11-06", "2026-11-07"]


@pytest.mark.parametrize(("scopes", "report"), [((READ,), Report.DAILY), ((READ, ANALYTICS), Report.REVENUE)])
def test_a_scope_that_was_not_granted_makes_a_report_unavailable_without_a_call(place: Place, owner, errand, scopes, report):
    creator = place.channels[0]

    read = owner.report(grant(place, creator, scopes), ReportAsk(report, creator.native_id, FIRST, LAST), errand)

    assert (read.unavailable, read.rows, errand.asked) == ("no_scope", (), [])


def test_a_grant_that_hides_its_scopes_is_tried_and_refused_by_google(place: Place, owner, errand):
    creator = place.channels[0]
    unknown = Grant("c0", place.connect(creator, (READ,))["access_token"])

    read = owner.report(unknown, ReportAsk(Report.DAILY, creator.native_id, FIRST, LAST), errand)

    assert (read.unavailable, errand.operations) == ("no_scope", ["reports.query"])


def test_revenue_of_a_channel_outside_the_partner_program_is_unavailable(place: Place, owner, errand):
    outside = next(creator for creator in place.channels if not is_monetised(creator))

    read = owner.report(grant(place, outside), ReportAsk(Report.REVENUE, outside.native_id, FIRST, LAST), errand)

    assert (read.unavailable, read.rows) == ("not_monetised", ())


def test_a_report_about_another_channel_is_refused(place: Place, owner, errand):
    with pytest.raises(SourceRefused) as refused:
        owner.report(grant(place, place.channels[0]), ReportAsk(Report.DAILY, place.channels[1].native_id, FIRST, LAST), errand)

    assert refused.value.category == "private"


def test_the_channel_needs_its_scope(place: Place, owner, errand):
    with pytest.raises(SourceRefused) as refused:
        owner.own_channel(grant(place, place.channels[0], (MONETARY,)), errand)

    assert (refused.value.category, errand.asked) == ("no_scope", [])


def test_a_connection_lives_from_consent_to_disconnect(place: Place, owner, errand, client: Google):
    creator, oauth = place.channels[1], GoogleOAuth(client.wire, CLIENT_ID, CLIENT_SECRET, place.url, now=place.clock.now)
    page = oauth.consent_url(state="st", verifier=VERIFIER, scopes=ALL, redirect_uri=REDIRECT)
    first = oauth.exchange(place.decide(page, channel=creator.native_id)["code"], verifier=VERIFIER, redirect_uri=REDIRECT)

    place.clock.advance(first.expires_at - EPOCH + timedelta(seconds=1))
    with pytest.raises(SourceRefused):
        owner.own_channel(Grant("c", first.access_token, first.scopes), errand)
    second = oauth.refresh(first.refresh_token or "")
    read = owner.own_channel(Grant("c", second.access_token, second.scopes), errand)
    oauth.revoke(first.refresh_token or "")

    assert read.account.external_id == creator.native_id
    with pytest.raises(SourceRefused) as ended:
        owner.own_channel(Grant("c", second.access_token, second.scopes), errand)
    assert ended.value.category == "invalid_grant"


def test_a_token_that_was_taken_back_is_an_invalid_grant(place: Place, owner, errand):
    held = grant(place, place.channels[0])
    place.google.grants.end(place.channels[0].native_id)

    with pytest.raises(SourceRefused) as refused:
        owner.own_channel(held, errand)

    assert refused.value.category == "invalid_grant"
    assert held.access_token not in str(refused.value)


def test_an_owners_posts_come_by_the_page_and_the_list_is_found_once(place: Place, owner, errand):
    creator = place.channels[0]
    allowed = grant(place, creator)
    whole = owner.own_posts(allowed, StraightErrand(), posts=100)

    reads = [owner.own_page(allowed, errand)]
    while reads[-1].next_page:
        reads.append(owner.own_page(allowed, errand, page=reads[-1].next_page))

    found = [post for read in reads for post in read.posts]

    assert [each.video.external_id for each in found] == [each.video.external_id for each in whole.posts]
    assert {each.account.external_id for each in found} == {creator.native_id}
    assert errand.operations == ["channels.list", *["playlistItems.list", "videos.list"] * len(reads)]


def test_a_later_page_asks_for_no_channel(place: Place, owner, errand):
    creator = place.channels[0]
    listed = owner.own_page(grant(place, creator), StraightErrand()).posts

    again = owner.own_page(grant(place, creator), errand, page=f"{creator.second_id}:")

    assert again.posts == listed
    assert errand.operations == ["playlistItems.list", "videos.list"]
