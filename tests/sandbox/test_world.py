from datetime import UTC, datetime, timedelta

import pytest

from sandbox.pictures import look_of
from sandbox.world import Clock, State, World, make_world, write_history

EPOCH = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=3, epoch=EPOCH, accounts=22, posts=40)


def test_a_seed_makes_one_world(world):
    again = make_world(seed=3, epoch=EPOCH, accounts=22, posts=40)
    other = make_world(seed=4, epoch=EPOCH, accounts=22, posts=40)

    ids = [[post.native_id for creator in each.creators for post in each.posts(creator, at=EPOCH)] for each in (world, again, other)]

    assert ids[0] == ids[1] != ids[2]
    assert len(set(ids[0])) == len(ids[0])


def test_every_platform_has_accounts_and_one_finds_them_by_any_of_their_names(world):
    assert {creator.platform for creator in world.creators} == {"tiktok", "youtube", "instagram", "x"}
    for creator in world.creators:
        words = (creator.native_id, creator.second_id, creator.username.upper())
        assert [world.creator(creator.platform, word) for word in words] == [creator] * 3


def test_counters_never_fall_and_end_near_the_potential(world):
    post = world.posts(world.creators[0], at=EPOCH)[-1]

    views = [world.seen(post, at=post.posted_at + timedelta(hours=hours)).views for hours in range(0, 24 * 200, 3)]

    assert views == sorted(views)
    assert 0.95 * post.potential < views[-1] <= post.potential


def test_a_moved_clock_brings_new_posts(world):
    clock = Clock(frozen_at=EPOCH)
    before = {creator: len(world.posts(creator, at=clock.now())) for creator in world.creators}

    clock.advance(timedelta(days=10))

    assert all(len(world.posts(creator, at=clock.now())) > before[creator] for creator in world.creators)


def test_some_posts_are_deleted_some_private_and_some_public_late(world):
    every = [post for creator in world.creators for post in world.posts(creator, at=EPOCH + timedelta(days=300), everything=True)]
    hidden = [post for post in every if post.hidden_until]
    made_private = [post for post in every if post.private_from]

    assert hidden
    assert made_private
    assert all(world.state(post, at=post.posted_at + timedelta(hours=1)) is State.PRIVATE for post in hidden)
    assert all(world.state(post, at=post.private_from + timedelta(hours=1)) is State.PRIVATE for post in made_private)


def test_comments_stay_the_same_and_more_come(world):
    post = max(world.posts(world.creators[0], at=EPOCH), key=lambda each: each.potential)

    young = world.comments(post, at=post.posted_at + timedelta(hours=6))
    old = world.comments(post, at=post.posted_at + timedelta(days=20))

    assert {each.comment_id for each in young} < {each.comment_id for each in old}
    assert {each.parent_id for each in old if each.parent_id} <= {each.comment_id for each in old}


def test_the_history_ends_at_its_moment_and_is_the_same_each_time(world, tmp_path):
    first = write_history(world, tmp_path / "a", until=EPOCH).read_bytes()
    second = write_history(world, tmp_path / "b", until=EPOCH).read_bytes()

    assert first == second


def test_the_truth_names_the_accounts_whose_views_jump(world):
    truth = world.truth()

    assert truth.effects["is_question"] == 0.35
    assert truth.people["Mira Ostrander"] == 0.40
    assert [change["account"] for change in truth.changes] == [world.creators[7].username]
    assert set(truth.breaks) <= {creator.username for creator in world.creators}


def test_a_thumbnail_is_the_same_for_ever_and_pictures_differ(world):
    posts = [post for creator in world.creators for post in world.history(creator)]
    looks = [look_of(post) for post in posts]

    assert (
        looks == [look_of(post) for post in make_world(seed=3, epoch=EPOCH, accounts=22, posts=40).history(world.creators[0])] + looks[40:]
    )
    assert {look.faces for look in looks} == {0, 1, 2}
    assert max(look.light for look in looks) - min(look.light for look in looks) > 0.3
