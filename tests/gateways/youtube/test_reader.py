"""The public reader, through Google's own client library, against the sandbox."""

from datetime import timedelta

import pytest

from domain.errors import SourceRefused, SourceUnavailable, Unacceptable
from domain.observations import Platform
from domain.ports import ReadsAccounts, ReadsComments, ReadsPosts, ReadsTrends, Searches
from domain.sources import Bucket, SearchKind, SourceName, Target
from gateways.youtube import YouTubeReader
from gateways.youtube.asking import Google
from sandbox.google import API_KEY
from sandbox.google import Google as SandboxGoogle
from sandbox.google.project import has_comments_off
from sandbox.world import Creator, make_world
from tests.gateways.errand import StraightErrand
from tests.gateways.scripted import error, saying
from tests.sandbox.google.place import EPOCH, Place


@pytest.fixture
def reader(client: Google) -> YouTubeReader:
    return YouTubeReader(client)


@pytest.fixture
def errand() -> StraightErrand:
    return StraightErrand()


def target(creator: Creator) -> Target:
    return Target(Platform.YOUTUBE, external_id=creator.native_id)


def ids(read) -> list[str]:
    return [each.video.external_id for each in read.posts]


def test_the_reader_fills_the_ports(reader):
    assert all(isinstance(reader, port) for port in (ReadsAccounts, ReadsPosts, ReadsComments, Searches, ReadsTrends))


def test_an_account_comes_with_its_newest_posts_and_their_counters(place: Place, reader, errand):
    creator = place.channels[0]

    read = reader.account(target(creator), errand, posts=10)

    posts = place.public(creator)[:10]
    assert (read.source, read.fetched_at) == (SourceName.YOUTUBE_API, EPOCH)
    assert (read.account.external_id, read.account.username, read.account.title) == (creator.native_id, creator.username, creator.title)
    assert read.account.declared_videos == len(place.public(creator))
    assert ids(read) == [post.native_id for post in posts]
    assert [each.line for each in read.posts] == list(range(1, 11))
    seen = place.world.seen(posts[0], at=EPOCH)
    assert (read.posts[0].counters.views, read.posts[0].counters.likes) == (seen.views, seen.likes)
    assert all(each.observed_at == EPOCH and each.account == read.account for each in read.posts)
    assert read.complete_since == posts[-1].posted_at


def test_a_handle_finds_the_same_account(place: Place, reader, errand):
    creator = place.channels[1]

    read = reader.account(Target(Platform.YOUTUBE, username=creator.username), errand, posts=1)

    assert read.account.external_id == creator.native_id


def test_an_account_costs_units_by_fifty_and_never_a_search(place: Place, reader, errand):
    read = reader.account(target(place.channels[0]), errand, posts=200)

    known = len(read.posts)
    assert 50 < known <= 100
    assert errand.operations == ["channels.list", "playlistItems.list", "playlistItems.list", "videos.list", "videos.list"]
    assert {ask.bucket for ask in errand.asked} == {Bucket.YOUTUBE_UNITS}
    assert place.google.project.used(EPOCH) == {"units": 5, "search": 0, "insert": 0, "stats": 0}
    assert sum(ask.units for ask in errand.asked) == 5
    assert read.complete_since == place.channels[0].created_at.replace(microsecond=0)


def test_reading_since_a_moment_stops_at_the_page_that_passes_it(place: Place, reader, errand):
    creator = place.channels[0]
    since = place.public(creator)[3].posted_at

    read = reader.account(target(creator), errand, posts=200, since=since)

    assert errand.operations == ["channels.list", "playlistItems.list", "videos.list"]
    assert read.complete_since == since
    assert ids(read)[:4] == [post.native_id for post in place.public(creator)[:4]]


def test_no_question_holds_the_key_and_each_page_is_another_one(place: Place, reader, errand):
    reader.account(target(place.channels[0]), errand, posts=200)

    keys = [(ask.operation, ask.key) for ask in errand.asked]
    assert len(set(keys)) == len(keys)
    assert not any("sandbox-api-key" in key for _, key in keys)
    assert all(ask.is_public and ask.is_kept for ask in errand.asked)


@pytest.mark.parametrize(
    "name", [{"external_id": "UC" + "0" * 22}, {"username": "nobody"}, {"username": "größe.と.🍞"}, {"username": "a&key=b"}]
)
def test_a_channel_that_is_not_there_is_refused(reader, errand, name):
    with pytest.raises(SourceRefused, match="no channel") as refused:
        reader.account(Target(Platform.YOUTUBE, **name), errand, posts=5)

    assert refused.value.category == "not_found"


def test_a_channel_without_a_video_is_a_read_without_posts(place: Place, reader, errand):
    world = make_world(seed=5, epoch=EPOCH, accounts=43, posts=1, mix=(("youtube", ("long",), 1),))
    place.desk.services = SandboxGoogle(world, place.clock).services
    empty = next(creator for creator in world.creators if creator.is_empty)

    read = reader.account(target(empty), errand, posts=50)

    assert (read.posts, read.account.declared_videos) == ((), 0)
    assert read.complete_since is not None


def test_a_channel_that_says_it_has_videos_but_has_no_list_is_a_fault_and_not_zero_videos(place: Place, reader, errand):
    channel = place.get("/youtube/v3/channels", key=API_KEY, part="snippet,contentDetails,statistics", id=place.channels[0].native_id)
    place.desk.services = (saying(channel.json(), error(404, "playlistNotFound")),)

    with pytest.raises(SourceUnavailable, match="its list is not there"):
        reader.account(target(place.channels[0]), errand, posts=50)


def test_posts_are_read_by_id_and_by_address_and_the_others_are_named(place: Place, reader, errand):
    first, second = (creator.native_id and place.public(creator)[0].native_id for creator in place.channels[:2])

    read = reader.posts([first, f"https://youtu.be/{second}?t=3", "zzzzzzzzzzz", first], errand)

    assert sorted(ids(read)) == sorted([first, second])
    assert dict(read.gone) == {"zzzzzzzzzzz": "not_found"}
    assert errand.operations == ["videos.list"]


def test_a_deleted_and_a_private_video_are_gone(place: Place, reader, errand):
    posts = [post for creator in place.channels for post in place.world.history(creator)]
    unseen = [post.native_id for post in posts if place.world.state(post, at=EPOCH).value in ("private", "deleted")]

    read = reader.posts(unseen, errand)

    assert set(read.gone) == set(unseen)
    assert read.posts == ()


@pytest.mark.parametrize("key", ["https://www.tiktok.com/@a/video/7000000000000000000", "https://www.youtube.com/@somebody", "not an id"])
def test_what_names_no_video_of_youtube_is_not_asked_for(reader, errand, key):
    with pytest.raises(Unacceptable):
        reader.posts([key], errand)

    assert errand.asked == []


def test_many_ids_are_asked_for_by_fifty(place: Place, reader, errand):
    wanted = [post.native_id for creator in place.channels for post in place.public(creator)][:120]

    read = reader.posts(wanted, errand)

    assert len(read.posts) == 120
    assert errand.operations == ["videos.list"] * 3


@pytest.mark.parametrize("inline", [0, 5])
def test_comments_come_newest_thread_first_with_their_replies(place: Place, reader, errand, inline):
    place.desk.services = SandboxGoogle(place.world, place.clock, inline_replies=inline).services
    post = place.public(place.channels[0])[5]
    wanted = place.world.comments(post, at=EPOCH, most=10_000)[:60]

    read = reader.comments(post.native_id, errand, limit=60)

    assert [each.external_id for each in read.comments] == [each.comment_id for each in wanted]
    assert [each.parent_id for each in read.comments] == [each.parent_id for each in wanted]
    assert (read.comments[0].text, read.comments[0].likes) == (wanted[0].text, wanted[0].likes)
    assert ("comments.list" in errand.operations) is (inline == 0)
    assert read.is_whole is (place.world.seen(post, at=EPOCH).comments < 60)


def test_all_comments_of_a_video_are_whole(place: Place, reader, errand):
    post = min(place.public(place.channels[0])[1:], key=lambda each: place.world.seen(each, at=EPOCH).comments)
    count = min(500, place.world.seen(post, at=EPOCH).comments)

    read = reader.comments(post.native_id, errand, limit=count + 1)

    assert (len(read.comments), read.is_whole, read.is_disabled) == (count, True, False)


def test_comments_that_are_switched_off_are_an_answer(place: Place, reader, errand):
    post = next(each for each in place.public(place.channels[0]) if has_comments_off(each))

    read = reader.comments(post.native_id, errand, limit=10)

    assert (read.is_disabled, read.comments) == (True, ())
    assert errand.answers[0].status == 403


def test_comments_of_a_video_that_is_not_there_are_refused(reader, errand):
    with pytest.raises(SourceRefused) as refused:
        reader.comments("zzzzzzzzzzz", errand, limit=10)

    assert refused.value.category == "not_found"


def test_a_search_costs_a_search_for_each_fifty_and_units_for_the_videos(place: Place, reader, errand):
    read = reader.search(SearchKind.TERM, "learn3", errand, limit=60)

    found = [post for post in place.world.all_posts("youtube", at=EPOCH) if "learn3" in post.hashtags]
    assert len(read.posts) == min(60, len(found))
    searches = -(-min(60, len(found)) // 50)
    assert errand.operations == ["search.list"] * searches + ["videos.list"] * searches
    assert [ask.bucket for ask in errand.asked][:searches] == [Bucket.YOUTUBE_SEARCH] * searches
    assert place.google.project.used(EPOCH)["search"] == searches


def test_a_search_by_hashtag_keeps_only_posts_that_have_it(place: Place, reader, errand):
    read = reader.search(SearchKind.HASHTAG, "learn3", errand, limit=20)

    assert len(read.posts) == 20
    assert all("learn3" in each.video.hashtags for each in read.posts)


def test_what_trends_in_a_country_comes_in_the_order_of_the_chart(place: Place, reader, errand):
    read = reader.trending("DE", errand, limit=7)

    views = [each.counters.views for each in read.posts]
    assert views == sorted(views, reverse=True)
    assert [each.line for each in read.posts] == [1, 2, 3, 4, 5, 6, 7]
    assert errand.operations == ["videos.list"]


def test_a_used_up_quota_says_when_it_is_full_again(place: Place, reader, errand):
    place.google.project.limits["units"] = 1

    with pytest.raises(SourceUnavailable) as refused:
        reader.account(target(place.channels[0]), errand, posts=10)

    assert refused.value.category == "quota"
    assert refused.value.retry_after_seconds == timedelta(hours=20).total_seconds()  # EPOCH is 04:00 in Los Angeles


def test_a_wrong_key_is_the_operators_to_mend(place: Place, client, errand):
    client.api_key = "wrong"

    with pytest.raises(SourceRefused, match="API key not valid") as refused:
        YouTubeReader(client).account(target(place.channels[0]), errand, posts=10)

    assert refused.value.category == "not_configured"
