"""How pages fail, each way under its name, and that the next reading is as good as any."""

import json
from dataclasses import replace

import pytest

from domain.errors import OutOfResources, SourceFailed, SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.sources import Target
from gateways.downloads.client import Client
from gateways.downloads.tiktok_pages import TikTokPages
from gateways.downloads.troubles import of_status, told
from gateways.downloads.watch import TIKTOK, YOUTUBE
from gateways.downloads.youtube_pages import YoutubePages
from sandbox.faults import Fault

PROFILE, LIST = r"^www\.tiktok\.com/@", r"^www\.tiktok\.com/api/creator/item_list/"
WATCH, PLAYER = r"^www\.youtube\.com/watch", r"^www\.youtube\.com/youtubei/v1/player"


@pytest.mark.parametrize(
    ("where", "kind", "category"),
    [
        (PROFILE, "429", "rate_limit"),
        (PROFILE, "403", "blocked"),
        (PROFILE, "500", "api_error"),
        (PROFILE, "captcha", "blocked"),
        (PROFILE, "html", "blocked"),
        (PROFILE, "empty", "blocked"),
        (PROFILE, "reset", "network"),
        (PROFILE, "cut", "network"),
        (PROFILE, "gzip_bomb", "parse_error"),
        (LIST, "429", "rate_limit"),
        (LIST, "500", "api_error"),
        (LIST, "html", "parse_error"),
        (LIST, "empty", "parse_error"),
        (LIST, "gzip_bomb", "parse_error"),
        (LIST, "cut", "network"),
        (LIST, "cut_chunk", "network"),
    ],
)
def test_a_failure_of_tiktok_has_its_name_and_passes(tiktok, loop, errand, where, kind, category):
    target = Target(Platform.TIKTOK, username=loop.creator("tiktok").username)
    loop.desk.faults.add(Fault(where, kind, times=9))

    with pytest.raises(SourceUnavailable) as caught:
        tiktok.account(target, errand, posts=5)
    loop.desk.faults.clear()

    assert caught.value.category == category
    assert len(tiktok.account(target, errand, posts=5).posts) == 5


@pytest.mark.parametrize(
    ("where", "kind", "category"),
    [
        (WATCH, "429", "rate_limit"),
        (WATCH, "reset", "network"),
        (WATCH, "500", "api_error"),
        (WATCH, "gzip_bomb", "parse_error"),
    ],
)
def test_a_failure_of_youtube_has_its_name_and_passes(youtube, loop, errand, where, kind, category):
    post = loop.public(loop.creator("youtube"))[0]
    loop.desk.faults.add(Fault(where, kind, times=9))

    with pytest.raises(SourceUnavailable) as caught:
        youtube.posts([post.native_id], errand)
    loop.desk.faults.clear()

    assert caught.value.category == category
    assert len(youtube.posts([post.native_id], errand).posts) == 1


def test_youtube_asking_whether_we_are_a_robot_is_a_block(youtube, loop, errand):
    page = '<script>ytcfg.set({});</script><script>var ytInitialData = {"contents": {}};</script>'
    loop.desk.faults.add(Fault(WATCH, "html", times=9, body=page))
    loop.desk.faults.add(Fault(PLAYER, "captcha", times=9))

    with pytest.raises(SourceUnavailable) as caught:
        youtube.posts([loop.public(loop.creator("youtube"))[0].native_id], errand)

    assert caught.value.category == "blocked"


def test_a_post_that_cannot_be_read_costs_itself_and_the_census(tiktok, loop, errand):
    good, bad = ({"id": "7702470213430206062", "createTime": 1_793_000_000, "stats": {}}, {"id": "x1", "createTime": 1_792_000_000})
    loop.desk.faults.add(Fault(LIST, "empty", body=json.dumps({"itemList": [good, bad], "hasMorePrevious": False})))

    read = tiktok.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=20)

    assert [post.video.external_id for post in read.posts] == ["7702470213430206062"]
    assert ("x1" in read.notes[0], read.complete_since) == (True, None)


def test_a_list_that_never_ends_is_left(options, loop, errand):
    """The same page for ever: yt-dlp goes on asking for the weeks before."""
    body = '{"itemList": [], "hasMorePrevious": true, "statusCode": 0}'
    loop.desk.faults.add(Fault(LIST, "empty", times=10_000, body=body))
    reader = TikTokPages(Client(TIKTOK, options))

    with pytest.raises(SourceFailed):
        reader.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=5)

    assert len([path for _, _, path in loop.desk.log if path.startswith("/api/creator/")]) < 100


def test_what_never_answers_is_given_up(options, loop, errand):
    hasty = replace(options, bounds=replace(options.bounds, silence_seconds=0.3, retries=0))
    loop.desk.faults.add(Fault(WATCH, "timeout", seconds=5))
    loop.desk.faults.add(Fault(PLAYER, "timeout", seconds=5))

    with pytest.raises(SourceUnavailable) as caught:
        YoutubePages(Client(YOUTUBE, hasty)).posts([loop.public(loop.creator("youtube"))[0].native_id], errand)

    assert caught.value.category == "network"


@pytest.mark.parametrize(
    ("words", "kind", "category"),
    [
        ("ERROR: [youtube] x: Private video. Sign in if you've been granted access to this video", SourceRefused, "private"),
        ("ERROR: [youtube] x: Sign in to confirm you’re not a bot. Use --cookies", SourceUnavailable, "blocked"),
        ("ERROR: [youtube] x: Video unavailable. This video has been removed by the uploader", SourceRefused, "not_found"),
        ("The uploader has not made this video available in your country", SourceRefused, "private"),
        ("This content isn't available, try again later. The current session has been rate-limited", SourceUnavailable, "rate_limit"),
        ("Sign in to confirm your age. This video may be inappropriate", SourceRefused, "private"),
        ("Join this channel to get access to members-only content", SourceRefused, "private"),
        ("[TikTok] 1: Your IP address is blocked from accessing this post", SourceRefused, "not_found"),
        ("[TikTok] 1: You do not have permission to view this post. Log into an account that has access", SourceRefused, "private"),
        ("[TikTok] 1: Video not available, status code 10231", SourceRefused, "private"),
        ("File is larger than max-filesize", OutOfResources, "unknown"),
        ("something that nobody has seen", SourceUnavailable, "unknown"),
    ],
)
def test_failures_are_told_apart_by_their_words(words, kind, category):
    error = told("YouTube", words)

    assert (type(error), error.category) == (kind, category)


@pytest.mark.parametrize(
    ("status", "kind", "category"),
    [
        (429, SourceUnavailable, "rate_limit"),
        (403, SourceUnavailable, "blocked"),
        (502, SourceUnavailable, "api_error"),
        (404, SourceRefused, "not_found"),
        (400, SourceRefused, "api_error"),
    ],
)
def test_statuses_become_the_two_verdicts(status, kind, category):
    error = of_status("YouTube", status, retry_after="9")

    assert (type(error), error.category) == (kind, category)
