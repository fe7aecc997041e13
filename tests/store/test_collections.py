"""Collections: the default one is the library itself, the others' counts follow their members whoever changes them at once."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import Conflict, NotFound
from domain.observations import Platform
from store.collections import Collection
from store.database import Database
from store.ids import new_id
from tests.conftest import Member
from tests.library import NOON, put, seen
from tests.store.crowds import at_once


def make(database: Database, tenant_id: UUID, name: str = "Spring") -> UUID:
    with database.begin(tenant_id) as uow:
        return uow.collections.add(new_id(), {"name": name}, user_id=None).collection_id


def found(database: Database, tenant_id: UUID, collection_id: UUID) -> Collection:
    with database.begin(tenant_id) as uow:
        return uow.collections.get(collection_id)


def members(database: Database, tenant_id: UUID, collection_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        words = {"c": collection_id}
        return int(uow.connection.exec_driver_sql("select count(*) from collection_videos where collection_id = %(c)s", words).scalar_one())


def default(database: Database, tenant_id: UUID) -> Collection:
    with database.begin(tenant_id) as uow:
        return uow.collections.page(limit=1)[0]


def test_there_is_no_collection_before_the_first_video(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        assert uow.collections.page(limit=10) == []


def test_the_first_video_brings_the_default_collection_and_every_video_is_in_it(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("one"), seen("two", account="ben")])
    first = default(database, tenant_id)
    put(database, tenant_id, [seen("three")])

    now = default(database, tenant_id)

    assert (first.name, first.is_default, first.videos, first.accounts) == ("Default", True, 2, 2)
    assert (now.collection_id, now.videos, now.accounts) == (first.collection_id, 3, 2)


def test_eight_first_videos_at_once_bring_one_default_collection(database: Database, tenant_id: UUID) -> None:
    assert not [each for each in at_once(8, lambda number: put(database, tenant_id, [seen(f"v{number}")])) if isinstance(each, Exception)]

    with database.begin(tenant_id) as uow:
        (only,) = uow.collections.page(limit=10)
    assert (only.is_default, only.videos) == (True, 8)


def test_the_default_collection_cannot_be_deleted_nor_lose_a_video(database: Database, tenant_id: UUID) -> None:
    videos = put(database, tenant_id, [seen("one")])
    kept = default(database, tenant_id).collection_id

    with pytest.raises(Conflict, match="cannot be deleted"), database.begin(tenant_id) as uow:
        uow.collections.delete(kept)
    with pytest.raises(Conflict, match="none can be taken out"), database.begin(tenant_id) as uow:
        uow.collections.drop_video(kept, videos["one"])
    with database.begin(tenant_id) as uow:
        assert uow.collections.put_videos(kept, [videos["one"]]) == 0


def test_counts_are_right_however_many_add_and_drop_at_once(database: Database, tenant_id: UUID) -> None:
    videos = list(put(database, tenant_id, [seen(f"v{number}") for number in range(24)]).values())
    one, two = make(database, tenant_id, "one"), make(database, tenant_id, "two")

    def work(number: int) -> None:
        for turn in range(4):
            with database.begin(tenant_id) as uow:
                for where in (one, two) if number % 2 else (two, one):
                    uow.collections.put_videos(where, videos[number : number + 8 + turn])
            with database.begin(tenant_id) as uow:
                uow.connection.exec_driver_sql(
                    "delete from collection_videos where video_id = %(v)s", {"v": videos[(number * 3 + turn) % len(videos)]}
                )

    troubles = [each for each in at_once(8, work) if isinstance(each, Exception)]

    # Two that add to two collections in another order may meet: the server ends one of them, which then changed nothing.
    assert [each for each in troubles if "deadlock" not in str(each)] == []
    for where in (one, two):
        assert found(database, tenant_id, where).videos == members(database, tenant_id, where) > 0


def test_a_video_that_is_deleted_leaves_the_counts_of_its_collections(database: Database, tenant_id: UUID) -> None:
    videos = put(database, tenant_id, [seen("one"), seen("two")])
    where = make(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.collections.put_videos(where, list(videos.values()))

    with database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("delete from videos where external_id = 'one'")

    assert (found(database, tenant_id, where).videos, default(database, tenant_id).videos) == (1, 1)


def test_adding_twice_counts_once_and_what_is_unknown_is_not_added(database: Database, tenant_id: UUID) -> None:
    videos = put(database, tenant_id, [seen("one")])
    where = make(database, tenant_id)

    with database.begin(tenant_id) as uow:
        added = [uow.collections.put_videos(where, [videos["one"]]) for _ in range(2)]
    with pytest.raises(NotFound, match="video"), database.begin(tenant_id) as uow:
        uow.collections.put_videos(where, [videos["one"], new_id()])

    assert (added, found(database, tenant_id, where).videos) == ([1, 0], 1)


def test_another_workspaces_video_is_not_there(database: Database, member: Member, other: Member) -> None:
    theirs = put(database, other.tenant_id, [seen("one")])
    where = make(database, member.tenant_id)

    with pytest.raises(NotFound), database.begin(member.tenant_id) as uow:
        uow.collections.put_videos(where, list(theirs.values()))


def test_deleting_a_collection_leaves_its_videos(database: Database, tenant_id: UUID) -> None:
    videos = put(database, tenant_id, [seen("one")])
    where = make(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.collections.put_videos(where, list(videos.values()))
        uow.collections.delete(where)

    with database.begin(tenant_id) as uow:
        assert [each.external_id for each in uow.videos.page(sort="views", is_descending=True, limit=5)] == ["one"]
        assert [each.name for each in uow.collections.page(limit=5)] == ["Default"]


def test_the_default_one_comes_first_then_the_oldest(database: Database, tenant_id: UUID) -> None:
    for name in ("a", "b", "c"):
        make(database, tenant_id, name)
    put(database, tenant_id, [seen("one")])

    with database.begin(tenant_id) as uow:
        whole = uow.collections.page(limit=10)
        steps = [uow.collections.page(limit=1, after=each.place)[:1] for each in whole]

    assert [each.name for each in whole] == ["Default", "a", "b", "c"]
    assert [each.name for step in steps for each in step] == ["a", "b", "c"]


def test_a_removed_video_says_since_when_and_comes_back_when_it_is_seen_again(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("one", 5)])
    day = timedelta(days=1)
    with database.begin(tenant_id) as uow:
        marked = uow.removals.mark(Platform.TIKTOK, {"one": "private", "nobody": "not_found"}, now=NOON + 5 * day)
        again = uow.removals.mark(Platform.TIKTOK, {"one": "not_found"}, now=NOON + 6 * day)
    gone = listed(database, tenant_id)

    put(database, tenant_id, [seen("one", 6, at=NOON + 3 * day)])
    seen_before = listed(database, tenant_id)
    put(database, tenant_id, [seen("one", 7, at=NOON + 7 * day)])

    assert (len(marked), again) == (1, [])
    assert gone == (True, NOON + 5 * day, "private", 5)
    assert seen_before == (True, NOON + 5 * day, "private", 6)
    assert listed(database, tenant_id) == (False, None, None, 7)


def listed(database: Database, tenant_id: UUID) -> tuple[object, ...]:
    with database.begin(tenant_id) as uow:
        (video,) = uow.videos.page(sort="views", is_descending=True, limit=5)
    return (video.is_removed, video.removed_since, video.removed_reason, video.views)
