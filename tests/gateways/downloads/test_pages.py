"""Pages read by the real yt-dlp, behind a proxy that knows the sandbox only: what it finds is what the world holds."""

from datetime import timedelta

import pytest

from domain.errors import SourceRefused
from domain.observations import Platform, VideoFormat
from domain.ports import ReadsAccounts, ReadsComments, ReadsPosts, Searches
from domain.sources import SearchKind, SourceName, Target
from gateways.downloads.client import settings
from sandbox.world import State


def test_a_tiktok_account_comes_with_all_its_posts(tiktok, loop, errand):
    creator = loop.creator("tiktok")

    read = tiktok.account(Target(Platform.TIKTOK, username=creator.username), errand, posts=100)

    public = loop.public(creator)
    assert [post.video.external_id for post in read.posts] == [post.native_id for post in public]
    assert [post.video.title for post in read.posts] == [post.description for post in public]
    assert [post.counters.likes for post in read.posts] == [loop.world.seen(post, at=loop.clock.now()).likes for post in public]
    assert (read.account.external_id, read.account.declared_videos) == (creator.native_id, len(public))
    assert (read.source, errand.operations, read.complete_since) == (SourceName.TIKTOK_PAGES, ["account", "posts"], public[-1].posted_at)
    assert loop.refused == []


def test_both_ways_of_reading_tiktok_give_the_same_video(tiktok, loop, errand):
    """What yt-dlp does not tell apart: the sound's id, and whom marks name."""
    creator = loop.creator("tiktok")

    found = tiktok.account(Target(Platform.TIKTOK, username=creator.username), errand, posts=1).posts[0].video

    post = loop.public(creator)[0]
    assert found.url == f"https://www.tiktok.com/@{creator.username}/video/{post.native_id}"
    assert (found.format, found.hashtags, found.duration_seconds) == (VideoFormat.SHORT, post.hashtags, post.duration_seconds)
    assert (found.sound_title, found.posted_at, found.description) == (post.sound.title, post.posted_at, None)
    assert found.thumbnail_url is not None


def test_reading_a_tiktok_account_stops_behind_the_first_post_that_is_too_old(tiktok, loop, errand):
    creator = loop.creator("tiktok")
    since = loop.public(creator)[2].posted_at

    read = tiktok.account(Target(Platform.TIKTOK, username=creator.username), errand, posts=100, since=since)

    assert (len(read.posts), read.complete_since) == (4, since)


def test_a_tiktok_profile_without_posts_is_read_as_one(tiktok, loop, errand):
    with loop.at(timedelta(days=-300)):
        read = tiktok.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=10)

    assert (read.posts, read.account.declared_videos, errand.operations) == ((), 0, ["account"])


def test_tiktok_posts_that_are_gone_say_why(tiktok, loop, errand):
    post = loop.public(loop.creator("tiktok"))[0]
    deleted, private = loop.one("tiktok", State.DELETED), loop.one("tiktok", State.PRIVATE)

    read = tiktok.posts([deleted.native_id, post.native_id, private.native_id], errand)

    assert [found.video.external_id for found in read.posts] == [post.native_id]
    assert read.gone == {deleted.native_id: "not_found", private.native_id: "private"}


@pytest.mark.parametrize("name", ["nobody_at_all", "ünïcode名字"])
def test_a_tiktok_handle_that_nobody_has_is_not_found(tiktok, errand, name):
    with pytest.raises(SourceRefused) as caught:
        tiktok.account(Target(Platform.TIKTOK, username=name), errand, posts=1)

    assert caught.value.category == "not_found"


@pytest.mark.parametrize("by", ["username", "external_id"])
def test_a_youtube_channel_comes_with_its_newest_videos(youtube, loop, errand, by):
    creator = loop.creator("youtube", 2)
    known = {"username": creator.username} if by == "username" else {"external_id": creator.native_id}

    read = youtube.account(Target(Platform.YOUTUBE, **known), errand, posts=3)

    public = loop.public(creator)[:3]
    assert [(post.line, post.video.external_id, post.video.title) for post in read.posts] == [
        (line, post.native_id, post.title) for line, post in enumerate(public, 1)
    ]
    assert [post.video.posted_at for post in read.posts] == [post.posted_at for post in public]
    assert [post.counters.views for post in read.posts] == [loop.world.seen(post, at=loop.clock.now()).views for post in public]
    assert [post.video.format for post in read.posts] == [VideoFormat(post.format) for post in public]
    assert (read.account.external_id, read.account.username) == (creator.native_id, creator.username)
    assert read.account.followers == loop.world.followers(creator, at=loop.clock.now())
    assert (errand.operations, loop.refused) == (["account", "uploads", "post", "post", "post"], [])


def test_reading_a_youtube_channel_stops_behind_the_first_video_that_is_too_old(youtube, loop, errand):
    creator = loop.creator("youtube", 2)
    since = loop.public(creator)[1].posted_at

    read = youtube.account(Target(Platform.YOUTUBE, username=creator.username), errand, posts=10, since=since)

    assert (len(read.posts), read.complete_since) == (3, since)


def test_a_youtube_channel_that_nobody_has_is_not_found(youtube, errand):
    with pytest.raises(SourceRefused) as caught:
        youtube.account(Target(Platform.YOUTUBE, username="nobody-at-all"), errand, posts=1)

    assert caught.value.category == "not_found"


def test_youtube_videos_that_are_gone_say_why(youtube, loop, errand):
    deleted, private = loop.one("youtube", State.DELETED), loop.one("youtube", State.PRIVATE)

    read = youtube.posts([deleted.native_id, private.native_id, "https://youtu.be/aaaaaaaaaaa"], errand)

    assert read.gone == {deleted.native_id: "not_found", private.native_id: "private", "https://youtu.be/aaaaaaaaaaa": "not_found"}


def test_youtube_comments_come_with_their_replies_behind_them(youtube, loop, errand):
    posts = loop.world.all_posts("youtube", at=loop.clock.now())
    post = next(post for post in posts if 24 < loop.world.seen(post, at=loop.clock.now()).comments < 40)

    read = youtube.comments(post.native_id, errand, limit=100)
    some = youtube.comments(post.native_id, errand, limit=5)

    expected = loop.world.comments(post, at=loop.clock.now())
    assert {comment.external_id for comment in read.comments} == {comment.comment_id for comment in expected}
    assert {comment.text for comment in read.comments} == {comment.text for comment in expected}
    tops = [comment.parent_id is None for comment in read.comments]
    assert tops == sorted(tops, reverse=True)
    assert (read.is_whole, len(some.comments), some.is_whole) == (True, 5, False)


def test_youtube_videos_are_found_by_words(youtube, loop, errand):
    post = loop.public(loop.creator("youtube"))[0]

    read = youtube.search(SearchKind.TERM, post.title, errand, limit=2)

    assert read.posts[0].video.external_id == post.native_id
    assert errand.operations == ["search", "post"]


def test_a_heat_map_and_captions_are_read(youtube, loop, errand):
    posts = loop.world.all_posts("youtube", at=loop.clock.now())
    post = max(posts, key=lambda post: loop.world.seen(post, at=loop.clock.now()).views)

    marks, captions = youtube.heatmap(post.native_id, errand), youtube.captions(post.native_id, errand)

    assert (len(marks), max(mark.intensity_share for mark in marks)) == (20, 1.0)
    assert [first.end_seconds for first in marks[:-1]] == [after.start_seconds for after in marks[1:]]
    assert list(captions) == ["en-auto"]
    assert captions["en-auto"].startswith("WEBVTT")


def test_each_says_what_it_can_do(tiktok, youtube):
    assert [isinstance(tiktok, kind) for kind in (ReadsAccounts, ReadsPosts, ReadsComments, Searches)] == [True, True, False, False]
    assert [isinstance(youtube, kind) for kind in (ReadsAccounts, ReadsPosts, ReadsComments, Searches)] == [True] * 4


def test_yt_dlp_has_no_door_to_the_machine(options):
    told = settings(options)

    refused = ("cookiesfrombrowser", "cookiefile", "external_downloader", "usenetrc", "enable_file_urls", "cachedir", "postprocessors")
    assert [name for name in refused if told[name]] == []
    assert (told["nocheckcertificate"], told["skip_unavailable_fragments"], told["js_runtimes"]) == (False, False, {})
    assert told["retries"] == told["fragment_retries"] == options.bounds.retries


@pytest.mark.parametrize("url", ["https://example.org/video.mp4", "http://127.0.0.1/x", "file:///etc/passwd", "https://vimeo.com/1"])
def test_no_other_site_is_read(youtube, loop, url):
    with pytest.raises(SourceRefused) as caught:
        youtube.client.info(url)

    assert (caught.value.category, loop.refused) == ("invalid_url", [])


def test_nothing_is_said_on_stdout(tiktok, loop, errand, capfd):
    tiktok.posts([loop.one("tiktok", State.DELETED).native_id], errand)

    assert capfd.readouterr() == ("", "")
