"""Every way in which TikTok fails silently, under its name; and after it the same answer as without it."""

import json
import threading

import psutil
import pytest

from domain.errors import SourceFailed, SourceUnavailable
from domain.observations import Platform
from domain.sources import Target
from gateways.tiktok import failures
from gateways.tiktok.browser import BrowserOptions
from gateways.tiktok.pool import Pool
from sandbox.faults import Fault

POSTS, USER, PAGE = (rf"^www\.tiktok\.com/{path}" for path in ("api/post/item_list/", "api/user/detail/", "@_/video/"))


def failing(web, loop, errand, fault: Fault, *, posts: int = 20) -> SourceFailed:
    loop.desk.faults.add(fault)
    with pytest.raises(SourceFailed) as caught:
        web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=posts)
    loop.desk.faults.clear()
    return caught.value


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("429", "rate_limit"),
        ("403", "blocked"),
        ("500", "api_error"),
        ("503", "api_error"),
        ("captcha", "blocked"),
        ("empty", "blocked"),
        ("html", "blocked"),
        ("cut", "network"),
        ("reset", "network"),
        ("types", "parse_error"),
        ("gzip_bomb", "parse_error"),
    ],
)
@pytest.mark.parametrize("where", [USER, POSTS], ids=["profile", "posts"])
def test_a_failure_has_its_name_and_passes(web, loop, errand, where, kind, category):
    web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=0)
    before = web.pool.begun

    error = failing(web, loop, errand, Fault(where, kind, times=9 if kind == "reset" else 1))
    after = web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=20)

    assert (type(error), error.category) == (SourceUnavailable, category)
    assert [post.video.external_id for post in after.posts] == [post.native_id for post in loop.public(loop.creator("tiktok"))[:20]]
    assert web.pool.begun == before


def test_how_long_to_stay_away_is_handed_on(web, loop, errand):
    assert failing(web, loop, errand, Fault(POSTS, "429", retry_after="7")).retry_after_seconds == 7


def test_a_list_that_sends_the_same_page_again_ends(web, loop, errand):
    error = failing(web, loop, errand, Fault(POSTS, "same_cursor", times=20), posts=100)

    assert error.category == "api_error"
    assert len(errand.asked) < 8


def test_an_empty_list_beside_a_profile_with_posts_is_a_block(web, loop, errand):
    error = failing(web, loop, errand, Fault(POSTS, "empty", body='{"status_code": 0, "itemList": [], "hasMore": false}'))

    assert (error.category, "none of" in str(error)) == ("blocked", True)


def test_a_post_that_cannot_be_read_costs_itself_and_the_census(web, loop, errand):
    good, bad = ({"id": "7702470213430206062", "createTime": 1_793_000_000, "author": {"uniqueId": "a"}}, {"id": "7", "createTime": "soon"})
    loop.desk.faults.add(Fault(POSTS, "empty", body=json.dumps({"status_code": 0, "itemList": [good, bad], "hasMore": False})))

    read = web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=20)

    assert [post.video.external_id for post in read.posts] == ["7702470213430206062"]
    assert ("createTime" in read.notes[0], read.complete_since) == (True, None)


def test_posts_of_which_none_can_be_read_are_no_answer(web, loop, errand):
    error = failing(web, loop, errand, Fault(POSTS, "empty", body='{"status_code": 0, "itemList": [{"id": "x"}], "hasMore": false}'))

    assert (error.category, len(errand.answers)) == ("parse_error", 1)


def test_pages_that_stay_empty_while_their_cursor_moves_end(web, loop, errand):
    for cursor in range(5):
        body = json.dumps({"status_code": 0, "itemList": [{"id": "12345", "createTime": 0}], "hasMore": True, "cursor": str(100 + cursor)})
        loop.desk.faults.add(Fault(POSTS, "empty", body=body))

    with pytest.raises(SourceUnavailable) as caught:
        web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=20)

    assert (caught.value.category, errand.operations) == ("api_error", ["account", *["posts"] * 4])


def test_a_page_of_a_post_without_data_is_a_block(web, loop, errand):
    loop.desk.faults.add(Fault(PAGE, "captcha"))

    with pytest.raises(SourceUnavailable) as caught:
        web.posts(["7702470213430206062"], errand)

    assert caught.value.category == "blocked"


def test_what_never_answers_is_given_up_and_the_session_stays(web, loop, errand):
    web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=0)
    before = web.pool.begun
    loop.desk.faults.add(Fault(USER, "timeout", seconds=20))

    with pytest.raises(SourceUnavailable) as caught:
        web.pool.call(lambda live: live.get("user/detail", {"uniqueId": "x"}), seconds=0.5)
    web.account(Target(Platform.TIKTOK, username=loop.creator("tiktok").username), errand, posts=0)

    assert caught.value.category == "network"
    assert web.pool.begun == before


def test_a_browser_that_is_killed_during_a_call_fails_that_call_and_another_begins(web, loop, errand):
    name = loop.creator("tiktok").username
    web.account(Target(Platform.TIKTOK, username=name), errand, posts=0)
    before = web.pool.begun
    seen = loop.desk.log.count(("GET", "www.tiktok.com", "/api/user/detail/"))
    killer = threading.Thread(target=_kill_when, args=(loop, seen, web.pool.browser_pids[-1]))
    killer.start()

    error = failing(web, loop, errand, Fault(USER, "timeout", seconds=20))
    killer.join()
    read = web.account(Target(Platform.TIKTOK, username=name), errand, posts=2)

    assert (error.category, len(read.posts), web.pool.begun) == ("network", 2, before + 1)


def _kill_when(loop, seen: int, pid: int) -> None:
    """When the call is on its way."""
    with loop.desk.heard:
        loop.desk.heard.wait_for(lambda: loop.desk.log.count(("GET", "www.tiktok.com", "/api/user/detail/")) > seen, timeout=10)
    psutil.Process(pid).kill()


def test_a_browser_that_is_missing_is_said_to_be(tmp_path):
    pool = Pool(BrowserOptions(tmp_path / "nothing"))

    with pytest.raises(SourceUnavailable, match="did not begin") as caught:
        pool.call(lambda live: live.get("user/detail", {}))

    assert caught.value.category == "network"
    pool.close()


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        ({"status_code": 10202}, "not_found"),
        ({"statusCode": 10222, "status_code": 0}, "private"),
        ({"status_code": "10000"}, "blocked"),
        ({"status_code": 10101}, "api_error"),
        ({"status_code": 4711}, "api_error"),
        ({"type": "verify", "code": "10000"}, "blocked"),
        ([], "parse_error"),
        (None, "parse_error"),
    ],
)
def test_what_stands_in_an_answer_is_read(answer, category):
    with pytest.raises(SourceFailed) as caught:
        failures.checked(answer)

    assert caught.value.category == category
