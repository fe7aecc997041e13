"""Instagram through Bright Data, against the sandbox: what is read, what it costs, what a killed run pays twice, and every trouble."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.errors import FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.observations import Platform, VideoFormat
from domain.ports import ReadsAccounts, ReadsComments, ReadsPosts
from domain.sources import AccountRead, Bucket, Target
from sandbox.faults import Fault
from sandbox.world import State
from tests.gateways.errand import KeepingErrand, StraightErrand
from tests.gateways.worlds import NOW, SLOW, Paid, paid, video


@pytest.fixture
def there() -> Iterator[Paid]:
    with paid() as there:
        yield there


def target(there: Paid, number: int = 0) -> Target:
    return Target(Platform.INSTAGRAM, username=there.creator("instagram", number).username)


def read(there: Paid, *, number: int = 0, posts: int = 50) -> AccountRead:
    return there.instagram.account(target(there, number), StraightErrand(), posts=posts)


def failing(there: Paid, *, number: int = 0) -> SourceFailed:
    with pytest.raises(SourceFailed) as caught:
        read(there, number=number)
    return caught.value


def test_it_says_by_its_protocols_what_it_can(there):
    assert all(isinstance(there.instagram, kind) for kind in (ReadsAccounts, ReadsPosts, ReadsComments))


def test_an_account_is_read_as_the_world_has_it(there):
    creator = there.creator("instagram")

    found = read(there)

    facts = found.account
    assert (facts.external_id, facts.username, facts.title) == (creator.native_id, creator.username, creator.title)
    assert facts.followers == there.world.followers(creator, at=NOW)
    assert [video(post).external_id for post in found.posts] == [post.native_id for post in there.world.posts(creator, at=NOW)]
    assert [post.line for post in found.posts] == list(range(1, len(found.posts) + 1))
    assert {post.account for post in found.posts} == {facts}
    assert {post.observed_at for post in found.posts} == {NOW}


def test_a_post_has_its_counters_and_facts(there):
    creator = there.creator("instagram", 1)
    post = there.world.posts(creator, at=NOW)[0]
    seen = there.world.seen(post, at=NOW)

    found = read(there, number=1).posts[0]

    assert (found.counters.views, found.counters.likes, found.counters.comments) == (seen.views, seen.likes, seen.comments)
    assert video(found).posted_at == post.posted_at
    assert video(found).format is VideoFormat.SHORT
    assert video(found).duration_seconds == post.duration_seconds
    assert video(found).hashtags == post.hashtags
    assert video(found).sound_id == post.sound.sound_id
    assert video(found).url == f"https://www.instagram.com/p/{post.native_id}/"


def test_hidden_likes_are_missing_and_not_minus_one(there):
    found = read(there, number=0).posts[0]

    assert found.counters.likes is None
    assert found.missing["likes"] == "the owner hides the number of likes"


def test_a_list_that_was_cut_promises_only_what_is_in_it(there):
    found = read(there, posts=5)

    assert len(found.posts) == 5
    assert found.complete_since == video(found.posts[-1]).posted_at


def test_a_list_that_was_read_to_its_end_promises_the_same(there):
    found = read(there, posts=500)

    assert len(found.posts) > 15
    assert found.complete_since == video(found.posts[-1]).posted_at


def test_since_is_asked_for_and_kept_as_the_promise(there):
    since = NOW - timedelta(days=9, hours=5)
    wanted = [post for post in there.world.posts(there.creator("instagram"), at=NOW) if post.posted_at >= since]

    found = there.instagram.account(target(there), StraightErrand(), posts=50, since=since)

    assert [video(post).external_id for post in found.posts][: len(wanted)] == [post.native_id for post in wanted]
    assert len(found.posts) <= len(wanted) + 1
    assert found.complete_since == since


def test_nothing_new_since_is_an_answer_when_the_profile_agrees(there):
    newest = there.world.posts(there.creator("instagram"), at=NOW)[0].posted_at
    there.clock.advance(timedelta(hours=1))
    since = max(newest, NOW) + timedelta(days=1)

    found = there.instagram.account(target(there), StraightErrand(), posts=50, since=since)

    assert (found.posts, found.complete_since) == ((), since)


def test_an_account_without_posts_is_read_without_posts(there):
    empty = next(creator for creator in there.world.creators if creator.platform == "instagram" and creator.is_empty)

    found = there.instagram.account(Target(Platform.INSTAGRAM, username=empty.username), StraightErrand(), posts=10)

    assert (found.posts, found.account.declared_videos) == ((), 0)


def test_only_the_profile_costs_one_record(there):
    errand = StraightErrand()

    there.instagram.account(target(there), errand, posts=0)

    assert there.brightdata.billed_records == 1
    assert {ask.operation.split(".")[0] for ask in errand.asked} == {"profile"}


def test_what_is_charged_is_what_is_billed(there):
    errand = StraightErrand()

    there.instagram.account(target(there), errand, posts=7)
    there.instagram.posts([post.native_id for post in there.world.posts(there.creator("instagram"), at=NOW)[:3]], errand)

    charged = [(ask, answer.units or 0) for ask, answer in zip(errand.asked, errand.answers, strict=True) if ask.bucket]
    assert {ask.bucket for ask, _ in charged} == {Bucket.BRIGHTDATA_RECORDS}
    assert sum(units for _, units in charged) == there.brightdata.billed_records == 1 + 7 + 3
    assert all(units <= ask.units for ask, units in charged)


def test_both_orders_are_placed_before_either_is_waited_for(there):
    errand = StraightErrand()

    there.instagram.account(target(there), errand, posts=7)

    assert errand.operations[:2] == ["profile.trigger", "account_posts.trigger"]
    assert [ask.is_durable for ask in errand.asked[:2]] == [True, True]
    assert not any(ask.is_kept for ask in errand.asked if ask.operation.endswith(".progress"))


def test_a_killed_run_goes_on_with_its_snapshots_and_pays_nothing_twice(there):
    errand = KeepingErrand()
    there.desk.faults.add(Fault("/progress/", "500", times=3))
    with pytest.raises(SourceUnavailable):
        there.instagram.account(target(there), errand, posts=7)

    found = there.instagram.account(target(there), errand, posts=7)
    again = there.instagram.account(target(there), errand, posts=7)

    assert found == again
    assert len(found.posts) == 7
    assert there.brightdata.billed_records == 8
    assert len(there.brightdata.snapshots) == 2


def test_a_snapshot_that_failed_is_ordered_once_more(there):
    there.brightdata.fail_next = 1
    errand = KeepingErrand()

    found = there.instagram.account(target(there), errand, posts=3)

    assert len(found.posts) == 3
    assert errand.operations.count("profile.trigger") == 2


def test_a_snapshot_that_fails_again_is_told(there):
    there.brightdata.fail_next = 4

    error = failing(there)

    assert isinstance(error, SourceUnavailable)
    assert "failed" in str(error)


def test_waiting_is_bounded_and_the_next_run_goes_on(there):
    there.desk.faults.add(Fault("/progress/", "empty", times=1000, body='{"status": "running"}'))
    errand = KeepingErrand()

    with pytest.raises(SourceUnavailable, match="the next run goes on with it"):
        there.instagram.account(target(there), errand, posts=3)
    there.desk.faults.clear()

    assert 55 <= sum(there.slept) <= 61
    assert len(there.instagram.account(target(there), errand, posts=3).posts) == 3
    assert len(there.brightdata.snapshots) == 2


def test_an_empty_list_is_never_zero_posts(there):
    there.desk.faults.add(Fault("/snapshot/", "drip", seconds=0))
    there.desk.faults.add(Fault("/snapshot/", "empty", times=2, body="[]"))

    error = failing(there)

    assert isinstance(error, SourceUnavailable)
    assert error.category is FailureCategory.BLOCKED


def test_nobody_of_that_name_is_refused(there):
    with pytest.raises(SourceRefused, match="not found") as caught:
        there.instagram.account(Target(Platform.INSTAGRAM, username="nobody.at.all"), StraightErrand(), posts=3)

    assert caught.value.category is FailureCategory.NOT_FOUND


def test_an_account_without_a_handle_cannot_be_asked_for(there):
    with pytest.raises(SourceRefused, match="by handle"):
        there.instagram.account(Target(Platform.INSTAGRAM, external_id="123"), StraightErrand(), posts=3)


def test_posts_are_read_by_code_and_by_address_and_the_missing_are_named(there):
    every = [post for creator in there.world.creators if creator.platform == "instagram" for post in there.world._posts[creator]]
    states = {state: [post for post in every if there.world.state(post, at=NOW) is state] for state in State}
    shown, gone, hidden = states[State.PUBLIC][:2], states[State.DELETED][0], states[State.PRIVATE][0]
    keys = [shown[0].native_id, f"https://www.instagram.com/reel/{shown[1].native_id}/?x=1", gone.native_id, hidden.native_id]

    found = there.instagram.posts(keys, StraightErrand())

    assert {video(post).external_id for post in found.posts} == {post.native_id for post in shown}
    assert {post.account.username for post in found.posts} == {post.creator.username for post in shown}
    assert found.gone == {gone.native_id: "not_found", hidden.native_id: "private"}


def test_an_address_of_a_profile_is_no_post(there):
    with pytest.raises(SourceRefused, match="no post on Instagram"):
        there.instagram.posts(["https://www.instagram.com/somebody/"], StraightErrand())


def test_comments_are_read_up_to_the_limit(there):
    post = there.world.posts(there.creator("instagram"), at=NOW)[-1]
    wanted = [comment for comment in there.world.comments(post, at=NOW) if comment.parent_id is None]

    found = there.instagram.comments(post.native_id, StraightErrand(), limit=4)

    assert [comment.external_id for comment in found.comments] == [comment.comment_id for comment in wanted[:4]]
    assert (found.comments[0].text, found.comments[0].likes) == (wanted[0].text, wanted[0].likes)
    assert not found.is_whole


@pytest.mark.parametrize(
    ("where", "kind", "category"),
    [
        ("/trigger", "429", FailureCategory.RATE_LIMIT),
        ("/trigger", "500", FailureCategory.API_ERROR),
        ("/trigger", "reset", FailureCategory.NETWORK),
        ("/trigger", "types", None),
        ("/trigger", "html", FailureCategory.PARSE_ERROR),
        ("/trigger", "empty", FailureCategory.PARSE_ERROR),
        ("/trigger", "quota", FailureCategory.QUOTA),
        ("/trigger", "401", FailureCategory.NOT_CONFIGURED),
        ("/progress/", "html", FailureCategory.PARSE_ERROR),
        ("/progress/", "timeout", FailureCategory.NETWORK),
        ("/snapshot/", "cut", FailureCategory.NETWORK),
        ("/snapshot/", "cut_chunk", FailureCategory.NETWORK),
        ("/snapshot/", "types", FailureCategory.PARSE_ERROR),
        ("/snapshot/", "captcha", FailureCategory.PARSE_ERROR),
        ("/snapshot/", "gzip_bomb", FailureCategory.PARSE_ERROR),
        ("/snapshot/", "429", FailureCategory.RATE_LIMIT),
    ],
)
def test_every_trouble_is_named_and_nothing_of_it_stays(there, where, kind, category):
    errand, whole = KeepingErrand(), read(there, posts=4)
    there.desk.faults.add(Fault(where, kind, times=3, seconds=5))

    if category is not None:
        with there.hasty() as (hasty, _), pytest.raises(SourceFailed) as caught:
            (hasty if kind in SLOW else there.instagram).account(target(there), errand, posts=4)
        assert caught.value.category is category
    there.desk.faults.clear()

    assert there.instagram.account(target(there), errand, posts=4) == whole
