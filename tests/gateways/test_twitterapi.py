"""X through TwitterAPI.io, against the sandbox: what is read, page by page, what it costs, and every trouble."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.observations import Platform, VideoFormat
from domain.ports import ReadsAccounts, ReadsComments, ReadsPosts, Searches
from domain.sources import AccountRead, Bucket, SearchKind, Target
from sandbox.faults import Fault
from sandbox.serving import Answered, Asked
from sandbox.world import Post, State
from tests.gateways.errand import KeepingErrand, StraightErrand
from tests.gateways.worlds import NOW, SLOW, Paid, paid, video

Answers = Callable[[Asked], Answered | None]


@pytest.fixture
def there() -> Iterator[Paid]:
    with paid() as there:
        yield there


def target(there: Paid, number: int = 0) -> Target:
    return Target(Platform.X, username=there.creator("x", number).username)


def read(there: Paid, *, posts: int = 50, since=None) -> AccountRead:
    return there.x.account(target(there), StraightErrand(), posts=posts, since=since)


def known(there: Paid) -> list[Post]:
    return there.world.posts(there.creator("x"), at=NOW)


def of_state(there: Paid, state: State) -> Post:
    every = [post for creator in there.world.creators if creator.platform == "x" for post in there.world._posts[creator]]
    return next(post for post in every if there.world.state(post, at=NOW) is state)


def answering(there: Paid, path: str, words: dict[str, Any]) -> None:
    """From now on that path answers these words."""
    plain: Answers = there.twitterapi.answer

    def answer(asked: Asked) -> Answered | None:
        return Answered.of_json(words) if asked.path == path else plain(asked)

    there.twitterapi.answer = answer  # type: ignore[method-assign]


def test_it_says_by_its_protocols_what_it_can(there):
    assert all(isinstance(there.x, kind) for kind in (ReadsAccounts, ReadsPosts, ReadsComments, Searches))


def test_an_account_is_read_as_the_world_has_it(there):
    creator = there.creator("x")

    found = read(there)

    assert (found.account.external_id, found.account.username) == (creator.native_id, creator.username)
    assert found.account.followers == there.world.followers(creator, at=NOW)
    assert [video(post).external_id for post in found.posts] == [post.native_id for post in known(there)]
    assert [post.line for post in found.posts] == list(range(1, len(found.posts) + 1))
    assert {post.account for post in found.posts} == {found.account}


def test_a_post_has_its_counters_and_facts(there):
    post, found = known(there)[0], read(there).posts[0]
    seen = there.world.seen(post, at=NOW)

    counters = found.counters
    assert (counters.views, counters.likes, counters.comments) == (seen.views, seen.likes, seen.comments)
    assert (counters.shares, counters.bookmarks) == (seen.shares, seen.bookmarks)
    assert video(found).posted_at == post.posted_at
    assert (video(found).format, video(found).duration_seconds) == (VideoFormat.SHORT, post.duration_seconds)
    assert video(found).hashtags == post.hashtags
    assert video(found).url == f"https://x.com/{post.creator.username}/status/{post.native_id}"


def test_an_account_is_found_by_its_number_as_well(there):
    by_id = Target(Platform.X, external_id=there.creator("x").native_id)

    assert there.x.account(by_id, StraightErrand(), posts=50) == read(there)


def test_pages_are_followed_as_far_as_wanted(there):
    errand = StraightErrand()

    found = there.x.account(target(there), errand, posts=21)

    assert errand.operations == ["user.info", "user.last_tweets", "user.last_tweets"]
    assert len(found.posts) == 21
    assert found.complete_since == video(found.posts[-1]).posted_at


def test_reading_stops_behind_the_day_asked_for(there):
    since, errand = NOW - timedelta(days=9), StraightErrand()

    found = there.x.account(target(there), errand, posts=50, since=since)

    assert errand.operations == ["user.info", "user.last_tweets"]
    assert found.complete_since == since
    assert {post.native_id for post in known(there) if post.posted_at >= since} <= {video(post).external_id for post in found.posts}


def test_what_is_charged_is_what_is_taken(there):
    errand = StraightErrand()

    there.x.account(target(there), errand, posts=30)
    there.x.posts([post.native_id for post in known(there)[:2]], errand)
    there.x.search(SearchKind.TERM, "no such words anywhere", errand, limit=5)

    assert {ask.bucket for ask in errand.asked} == {Bucket.TWITTERAPI_CREDITS}
    assert sum(answer.units or 0 for answer in errand.answers) == there.twitterapi.spent_credits
    assert all((answer.units or 0) <= ask.units for ask, answer in zip(errand.asked, errand.answers, strict=True))


def test_an_account_without_posts_is_read_without_posts(there):
    answering(there, "/twitter/user/last_tweets", {"status": "success", "data": {"tweets": []}, "has_next_page": False, "next_cursor": ""})
    words = {"id": "9", "userName": "quiet", "statusesCount": 0}
    answering(there, "/twitter/user/info", {"status": "success", "data": words})

    assert read(there).posts == ()


def test_an_empty_list_is_never_zero_posts(there):
    answering(there, "/twitter/user/last_tweets", {"status": "success", "data": {"tweets": []}, "has_next_page": False, "next_cursor": ""})

    with pytest.raises(SourceUnavailable, match="none came") as caught:
        read(there)

    assert caught.value.category is FailureCategory.BLOCKED


def test_who_only_ever_replied_has_no_posts(there):
    plain: Answers = there.twitterapi.answer

    def answer(asked: Asked) -> Answered | None:
        if asked.query.get("includeReplies") == "false":
            return Answered.of_json({"status": "success", "data": {"tweets": []}, "has_next_page": False, "next_cursor": ""})
        return plain(asked)

    there.twitterapi.answer = answer

    assert read(there).posts == ()


def test_nobody_of_that_name_is_refused_after_a_second_look(there):
    with pytest.raises(SourceRefused, match="User not found") as caught:
        there.x.account(Target(Platform.X, username="nobody"), StraightErrand(), posts=3)

    assert caught.value.category is FailureCategory.NOT_FOUND
    assert len(there.desk.log) == 2


def test_an_account_that_is_not_found_at_first_is_found(there):
    there.desk.faults.add(Fault("/user/info", "empty", body='{"status": "error", "msg": "User not found", "data": null}'))

    assert read(there).posts


@pytest.mark.parametrize(
    ("more", "category"),
    [({"unavailable": True, "unavailableReason": "Suspended"}, FailureCategory.NOT_FOUND), ({"protected": True}, FailureCategory.PRIVATE)],
)
def test_accounts_that_cannot_be_read_are_refused_by_name(there, more, category):
    answering(there, "/twitter/user/info", {"status": "success", "data": {"id": "9", "userName": "a", **more}})

    with pytest.raises(SourceRefused) as caught:
        read(there)

    assert caught.value.category is category


def test_reposts_are_not_the_accounts_own_posts(there):
    plain: Answers = there.twitterapi.answer

    def answer(asked: Asked) -> Answered | None:
        found = plain(asked)
        if found and asked.path == "/twitter/user/last_tweets":
            words = json.loads(found.body)
            words["data"]["tweets"][0]["retweeted_tweet"] = {"id": "1"}
            return Answered.of_json(words)
        return found

    there.twitterapi.answer = answer

    assert known(there)[0].native_id not in {video(post).external_id for post in read(there, posts=5).posts}


def test_posts_are_read_by_id_and_the_missing_are_named(there):
    gone, hidden = of_state(there, State.DELETED).native_id, of_state(there, State.PRIVATE).native_id
    shown = [post.native_id for post in known(there)[:2]]

    found = there.x.posts([*shown, gone, hidden], StraightErrand())

    assert {video(post).external_id for post in found.posts} == set(shown)
    assert {post.account.username for post in found.posts} == {there.creator("x").username}
    assert found.gone == {gone: "not_found", hidden: "not_found"}


def test_no_post_of_several_is_a_failure_and_not_their_end(there):
    answering(there, "/twitter/tweets", {"tweets": [], "status": "success"})

    assert there.x.posts(["12345"], StraightErrand()).gone == {"12345": "not_found"}
    with pytest.raises(SourceUnavailable, match="none of 3 posts"):
        there.x.posts(["12345", "12346", "12347"], StraightErrand())


def test_replies_are_read_with_what_they_answer(there):
    post = known(there)[-1]
    every = there.world.comments(post, at=NOW)

    found = there.x.comments(post.native_id, StraightErrand(), limit=len(every))
    few = there.x.comments(post.native_id, StraightErrand(), limit=3)

    assert len(found.comments) == len(every)
    assert sum(comment.parent_id is not None for comment in found.comments) == sum(comment.parent_id is not None for comment in every)
    assert {comment.parent_id for comment in found.comments} - {None} <= {comment.external_id for comment in found.comments}
    assert found.is_whole
    assert (len(few.comments), few.is_whole) == (3, False)


def test_replies_to_a_post_that_is_gone_are_refused(there):
    with pytest.raises(SourceRefused, match="Tweet not found"):
        there.x.comments(of_state(there, State.DELETED).native_id, StraightErrand(), limit=3)


@pytest.mark.parametrize("kind", list(SearchKind))
def test_a_search_finds_posts_with_their_authors(there, kind):
    word = known(there)[0].hashtags[0]
    wanted = {post.native_id for post in there.world.all_posts("x", at=NOW) if word in post.description.casefold()}

    found = there.x.search(kind, word, StraightErrand(), limit=30)

    assert 0 < len(found.posts) <= 30
    assert {video(post).external_id for post in found.posts} <= wanted
    assert all(post.account.external_id and post.account.followers for post in found.posts)


def test_a_list_that_leads_back_is_noticed_and_not_kept(there):
    errand, whole = KeepingErrand(), read(there, posts=30)
    there.desk.faults.add(Fault("/last_tweets", "same_cursor", times=3))

    with pytest.raises(SourceUnavailable, match="leads back"):
        there.x.account(target(there), errand, posts=30)
    there.desk.faults.clear()

    assert there.x.account(target(there), errand, posts=30) == whole


@pytest.mark.parametrize(
    ("where", "kind", "category"),
    [
        ("/user/info", "429", FailureCategory.RATE_LIMIT),
        ("/user/info", "types", FailureCategory.PARSE_ERROR),
        ("/user/info", "quota", FailureCategory.QUOTA),
        ("/user/info", "401", FailureCategory.NOT_CONFIGURED),
        ("/last_tweets", "503", FailureCategory.API_ERROR),
        ("/last_tweets", "timeout", FailureCategory.NETWORK),
        ("/last_tweets", "reset", FailureCategory.NETWORK),
        ("/last_tweets", "html", FailureCategory.PARSE_ERROR),
        ("/last_tweets", "captcha", FailureCategory.PARSE_ERROR),
        ("/last_tweets", "empty", FailureCategory.PARSE_ERROR),
        ("/last_tweets", "cut", FailureCategory.NETWORK),
        ("/last_tweets", "cut_chunk", FailureCategory.NETWORK),
        ("/last_tweets", "types", FailureCategory.PARSE_ERROR),
        ("/last_tweets", "drip", FailureCategory.NETWORK),
        ("/last_tweets", "gzip_bomb", FailureCategory.PARSE_ERROR),
    ],
)
def test_every_trouble_is_named_and_nothing_of_it_stays(there, where, kind, category):
    errand, whole = KeepingErrand(), read(there, posts=30)
    there.desk.faults.add(Fault(where, kind, times=3, seconds=5))

    with there.hasty() as (_, hasty), pytest.raises(SourceFailed) as caught:
        (hasty if kind in SLOW else there.x).account(target(there), errand, posts=30)
    there.desk.faults.clear()

    assert caught.value.category is category
    assert there.x.account(target(there), errand, posts=30) == whole


def test_a_status_of_its_own_beside_200_is_a_failure(there):
    answering(there, "/twitter/user/last_tweets", {"status": "error", "msg": "Internal error, try again", "data": None})

    with pytest.raises(SourceUnavailable, match="Internal error"):
        read(there)


def test_a_key_that_is_not_accepted_is_named_and_not_shown():
    with paid(key="revoked") as there:
        with pytest.raises(SourceRefused, match="key is not accepted") as caught:
            read(there)

        assert caught.value.category is FailureCategory.NOT_CONFIGURED
        assert "revoked" not in str(caught.value)
