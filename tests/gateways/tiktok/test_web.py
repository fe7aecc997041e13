"""TikTok read by the real TikTokApi in a real browser: what it finds is what the world holds, and the browser leaves nothing behind."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from domain.errors import SourceRefused
from domain.observations import Platform
from domain.ports import ReadsAccounts, ReadsCharts, ReadsComments, ReadsPosts, ReadsTrends, Searches
from domain.sources import SearchKind, SourceName, Target
from gateways.tiktok import browser
from gateways.tiktok.pool import Pool
from sandbox.world import State

KINDS = (ReadsAccounts, ReadsPosts, ReadsComments, Searches, ReadsTrends, ReadsCharts)


def target(name: str) -> Target:
    return Target(Platform.TIKTOK, username=name)


def test_an_account_comes_with_all_its_posts_over_several_pages(web, loop, errand):
    creator = loop.creator("tiktok")

    read = web.account(target(creator.username), errand, posts=100)

    public = loop.public(creator)
    assert [post.video.external_id for post in read.posts] == [post.native_id for post in public]
    assert [post.counters.views for post in read.posts] == [loop.world.seen(post, at=loop.clock.now()).views for post in public]
    assert (read.account.external_id, read.account.followers) == (creator.native_id, loop.world.followers(creator, at=loop.clock.now()))
    assert errand.operations == ["account", *["posts"] * -(-len(public) // 10)]
    assert (read.source, read.complete_since, read.notes) == (SourceName.TIKTOK_WEB, public[-1].posted_at, ())
    assert loop.refused == []


def test_reading_stops_behind_the_first_post_that_is_too_old_and_a_pinned_one_is_none(web, loop, errand):
    creator = loop.creator("tiktok", 2)
    public = loop.public(creator)
    since = public[3].posted_at

    read = web.account(target(creator.username), errand, posts=100, since=since)

    assert errand.operations == ["account", "posts"]
    assert read.complete_since == since
    assert read.posts[0].video.external_id == public[-1].native_id  # pinned, and old
    assert {post.native_id for post in public[:4]} <= {post.video.external_id for post in read.posts}


def test_no_more_posts_are_given_than_were_asked_for(web, loop, errand):
    creator = loop.creator("tiktok")

    read = web.account(target(creator.username), errand, posts=3)

    assert len(read.posts) == 3
    assert read.complete_since == loop.public(creator)[2].posted_at


def test_a_profile_without_posts_is_read_as_one(web, loop, errand):
    with loop.at(timedelta(days=-300)):
        read = web.account(target(loop.creator("tiktok").username), errand, posts=10)

    assert (read.posts, read.account.declared_videos) == ((), 0)


@pytest.mark.parametrize("name", ["nobody_at_all", "ünïcode名字", "o'hara\"quoted"])
def test_a_handle_that_nobody_has_is_not_found(web, errand, name):
    with pytest.raises(SourceRefused) as caught:
        web.account(target(name), errand, posts=1)

    assert caught.value.category == "not_found"


def test_a_handle_that_went_to_another_account_is_not_taken_for_the_old_one(web, loop, errand):
    with pytest.raises(SourceRefused, match="another account"):
        web.account(Target(Platform.TIKTOK, external_id="123456", username=loop.creator("tiktok").username), errand, posts=1)


def test_posts_are_read_by_id_and_by_link_and_those_that_are_gone_say_why(web, loop, errand):
    post = loop.public(loop.creator("tiktok"))[0]
    deleted, private = loop.one("tiktok", State.DELETED), loop.one("tiktok", State.PRIVATE)
    link = f"https://www.tiktok.com/@{post.creator.username}/video/{post.native_id}?lang=en"

    read = web.posts([post.native_id, link, deleted.native_id, private.native_id], errand)

    assert [found.video.external_id for found in read.posts] == [post.native_id] * 2
    assert read.gone == {deleted.native_id: "not_found", private.native_id: "private"}
    found = read.posts[0].video
    assert (found.title, found.hashtags, found.sound_id) == (post.description, post.hashtags, post.sound.sound_id)
    assert found.duration_seconds == post.duration_seconds
    assert found.posted_at == post.posted_at


def test_a_link_that_names_no_post_is_refused_before_anybody_is_asked(web, errand):
    for key in ("https://www.tiktok.com/@someone", "https://youtu.be/aaaaaaaaaaa", "what"):
        with pytest.raises(SourceRefused) as caught:
            web.posts([key], errand)
        assert caught.value.category == "invalid_url"

    assert errand.asked == []


def test_comments_come_with_their_replies_behind_them(web, loop, errand):
    posts = loop.world.all_posts("tiktok", at=loop.clock.now())
    post = next(post for post in posts if 30 < loop.world.seen(post, at=loop.clock.now()).comments < 60)

    read = web.comments(post.native_id, errand, limit=100)
    some = web.comments(post.native_id, errand, limit=25)

    assert (len(read.comments), read.is_whole) == (loop.world.seen(post, at=loop.clock.now()).comments, True)
    tops = [comment for comment in read.comments if comment.parent_id is None]
    assert read.comments[: len(tops)] == tuple(tops)
    assert {comment.parent_id for comment in read.comments[len(tops) :]} <= {comment.external_id for comment in tops}
    assert sum(top.replies or 0 for top in tops) == len(read.comments) - len(tops)
    assert (len(some.comments), some.is_whole) == (25, False)


def test_posts_are_found_by_hashtag_and_by_words(web, loop, errand):
    post = loop.public(loop.creator("tiktok"))[0]

    tagged = web.search(SearchKind.HASHTAG, f"#{post.hashtags[0]}", errand, limit=15)
    worded = web.search(SearchKind.TERM, post.title, errand, limit=5)

    assert len(tagged.posts) == 15
    assert all(post.hashtags[0] in found.video.hashtags for found in tagged.posts)
    assert post.native_id in [found.video.external_id for found in worded.posts]


def test_a_hashtag_that_nobody_uses_is_not_found(web, errand):
    with pytest.raises(SourceRefused) as caught:
        web.search(SearchKind.HASHTAG, "nobodyusesthis", errand, limit=5)

    assert caught.value.category == "not_found"


def test_trending_posts_are_asked_for_until_there_are_enough_and_none_twice(web, errand):
    read = web.trending("DE", errand, limit=25)

    ids = [post.video.external_id for post in read.posts]
    assert len(set(ids)) == len(ids) == 25


def test_a_chart_of_our_own_counts_the_sounds_of_trending_posts(web, loop, errand):
    read = web.chart("US", errand, limit=5)

    assert [place.rank for place in read.sounds] == [1, 2, 3, 4, 5]
    counts = [len(place.sample_videos) for place in read.sounds]
    assert counts == sorted(counts, reverse=True)
    using = [
        post for post in loop.world.all_posts("tiktok", at=loop.clock.now()) if post.sound.sound_id == read.sounds[0].sound.external_id
    ]
    assert read.sounds[0].sound.videos == len(using)


def test_it_says_what_it_can_do(web):
    assert all(isinstance(web, kind) for kind in KINDS)


def test_a_browser_is_begun_anew_after_so_many_calls_and_never_two_at_once(options, loop):
    pool = Pool(options, calls=2)
    pids = []
    for _ in range(3):
        pool.call(lambda live: live.get("user/detail", {"uniqueId": loop.creator("tiktok").username}))
        pids.append(tuple(pool.browser_pids))

    assert pool.begun == 2
    assert pids[0] == pids[1] != pids[2]
    assert not any(psutil.pid_exists(pid) for pid in pids[0])

    pool.close()

    assert not any(psutil.pid_exists(pid) for pid in pids[2])


def test_a_run_that_is_killed_leaves_no_browser_behind(options, loop):
    words = (
        "import sys, time\nfrom pathlib import Path\nfrom gateways.tiktok.browser import BrowserOptions\n"
        "from gateways.tiktok.pool import Pool\n"
        f"pool = Pool(BrowserOptions(Path({str(options.path)!r}), {options.proxy!r}, Path({str(options.ca_file)!r})))\n"
        "pool.call(lambda live: live.get('user/detail', {'uniqueId': " + repr(loop.creator("tiktok").username) + "}))\n"
        "print(*pool.browser_pids, flush=True)\ntime.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, cwd=Path(browser.__file__).parents[2])
    assert run.stdout
    processes = [psutil.Process(int(pid)) for pid in run.stdout.readline().split()]
    assert len(processes) == 2

    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()

    _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []


def test_the_browser_is_looked_for_by_choice(tmp_path):
    named = tmp_path / "chromium"
    named.touch()

    assert browser.find("off") == (None, browser.WHY_OFF)
    assert browser.find(str(named)) == (named, "")
    assert "is not there" in browser.find(str(tmp_path / "nothing"))[1]


def test_a_proxy_with_a_password_is_given_to_the_browser_in_its_own_words():
    told = browser.proxies(browser.BrowserOptions(Path("x"), "http://me:p%40ss@proxy.example:3128"))

    assert told == [{"server": "http://proxy.example:3128", "username": "me", "password": "p@ss"}]
