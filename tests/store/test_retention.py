"""What expires is confirmed by a newer reading, reduced to what is ours, or deleted; and what is left stays honest."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.observations import Observed, Platform
from domain.sources import CommentFacts, CommentsRead, SourceName
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from tests.library import NOON, seen
from tests.store.tracking import put_tracking

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def read(database: Database, tenant_id: UUID, *rows: Observed, selection: str = "census", expires: bool = True) -> None:
    """What an API told, to be kept for 30 days; or what a file told, for good."""
    at = max(row.observed_at for row in rows)
    origin = Origin("youtube_api", selection, expires_at=at + MONTH) if expires else Origin("import:own", "manual")
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([replace(row, line=line) for line, row in enumerate(rows, 1)], origin)


def clear(database: Database, tenant_id: UUID, *, now: Any, is_amended: bool = False) -> dict[str, int]:
    deleted = {}
    with database.begin(tenant_id) as uow:
        for table in ("video_texts", "video_comments", "account_followers", *(() if is_amended else ("video_snapshots",))):
            deleted[table] = uow.retention.clear_dated(table, now=now, batch=100)[1]
        deleted["videos"] = uow.retention.clear_videos(now=now, batch=100, is_amended=is_amended)[1]
        deleted["accounts"] = uow.retention.clear_accounts(now=now, batch=100)
        assert uow.retention.overdue(now=now, is_amended=is_amended) == dict.fromkeys(
            uow.retention.overdue(now=now, is_amended=is_amended), 0
        )
    return deleted


def run(database: Database, tenant_id: UUID, statement: str) -> list[tuple[Any, ...]]:
    with database.begin(tenant_id) as uow:
        return [tuple(row) for row in uow.connection.exec_driver_sql(statement)]


def youtube(video: str, views: int, **facts: Any) -> Observed:
    return seen(video, views, platform=Platform.YOUTUBE, **facts)


def test_what_was_not_read_again_is_deleted_with_all_that_hangs_on_it(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5, title="One"), youtube("two", 6))

    deleted = clear(database, tenant_id, now=NOON + MONTH + DAY)

    assert (deleted["videos"], deleted["video_texts"], deleted["video_snapshots"]) == (2, 1, 2)
    assert (
        run(database, tenant_id, "select 1 from videos union all select 1 from video_snapshots union all select 1 from video_texts") == []
    )


def test_what_was_read_in_time_stays_with_its_texts_though_they_never_changed(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5, title="One"))
    read(database, tenant_id, youtube("one", 5, title="One", at=NOON + 20 * DAY))

    clear(database, tenant_id, now=NOON + MONTH + DAY)

    assert run(database, tenant_id, "select title, views from videos") == [("One", 5)]
    assert run(database, tenant_id, "select title, seen_from from video_texts") == [("One", NOON)]
    assert run(database, tenant_id, "select views, observed_at, expires_at from video_snapshots") == [(5, NOON, NOON + 50 * DAY)]


def test_old_counts_go_and_the_newest_stays(database: Database, tenant_id: UUID) -> None:
    for day, views in ((0, 5), (10, 50), (25, 90)):
        read(database, tenant_id, youtube("one", views, at=NOON + day * DAY))

    clear(database, tenant_id, now=NOON + 41 * DAY)

    assert run(database, tenant_id, "select views from video_snapshots") == [(90,)]


def test_an_amended_deployment_keeps_its_statistics(database: Database, tenant_id: UUID) -> None:
    for day, views in ((0, 5), (20, 50)):
        read(database, tenant_id, youtube("one", views, title=f"{views}", at=NOON + day * DAY))

    clear(database, tenant_id, now=NOON + 31 * DAY, is_amended=True)

    assert run(database, tenant_id, "select views from video_snapshots order by 1") == [(5,), (50,)]
    assert run(database, tenant_id, "select title from video_texts") == [("50",)]


def test_what_a_file_told_stays_when_the_rest_has_to_go(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5, title="From a file"), expires=False)
    read(database, tenant_id, youtube("one", 90, likes=9, title="From the API", at=NOON + DAY))

    clear(database, tenant_id, now=NOON + 40 * DAY)

    assert run(database, tenant_id, "select title, views, likes, expires_at, missing ->> 'likes' is not null from videos") == [
        ("From a file", 5, None, None, True)
    ]


def test_a_removed_video_is_not_forgotten(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5, title="One"))
    with database.begin(tenant_id) as uow:
        uow.removals.mark(Platform.YOUTUBE, {"one": "private"}, now=NOON + 2 * DAY)

    clear(database, tenant_id, now=NOON + 40 * DAY)

    assert run(database, tenant_id, "select external_id, is_removed, removed_reason, title, views from videos") == [
        ("one", True, "private", None, None)
    ]


def test_a_collected_video_stays_without_what_may_not_be_kept(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5, title="One"), youtube("two", 5))
    with database.begin(tenant_id) as uow:
        where = uow.collections.add(new_id(), {"name": "Mine"}, user_id=None).collection_id
        ids = [video for video, _ in uow.videos.of_platform("youtube", ["one"]).values()]
        uow.collections.put_videos(where, ids)

    clear(database, tenant_id, now=NOON + 40 * DAY)

    assert run(database, tenant_id, "select external_id, title, views from videos") == [("one", None, None)]


def test_posts_beside_lost_ones_are_no_census_any_more(database: Database, tenant_id: UUID) -> None:
    old, new = NOON - 90 * DAY, NOON - 2 * DAY
    read(database, tenant_id, youtube("older", 5, posted=old - DAY), youtube("lost", 5, posted=old), youtube("newer", 5, posted=new))
    with database.begin(tenant_id) as uow:
        uow.trackings.put([replace(put_tracking(uow, at=NOON), complete_since=old - DAY)])
    read(
        database, tenant_id, youtube("older", 6, posted=old - DAY, at=NOON + 20 * DAY), youtube("newer", 6, posted=new, at=NOON + 20 * DAY)
    )

    clear(database, tenant_id, now=NOON + 31 * DAY)

    assert run(database, tenant_id, "select external_id, selection from videos order by 1") == [("newer", "census"), ("older", "manual")]
    assert run(database, tenant_id, "select complete_since from trackings") == [(old + timedelta(seconds=1),)]


def test_totals_are_made_anew_for_accounts_that_lost_something(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("one", 5), youtube("two", 7, at=NOON + 20 * DAY))
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=NOON)
        uow.connection.exec_driver_sql("update videos set expires_at = '2026-12-30' where external_id = 'two'")
        uow.connection.exec_driver_sql("update videos set expires_at = '2026-12-10' where external_id = 'one'")

    clear(database, tenant_id, now=NOON + 31 * DAY)

    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=NOON)
        assert uow.aggregates.accounts_off_by() == 0


def test_comments_and_followers_expire_and_an_account_keeps_its_name(database: Database, tenant_id: UUID) -> None:
    row = youtube("one", 5)
    read(database, tenant_id, replace(row, account=replace(row.account, followers=10, title="Ana's")))
    told = CommentsRead(SourceName.YOUTUBE_API, NOON, (CommentFacts("c1", "nice", NOON),))
    with database.begin(tenant_id) as uow:
        (video, _), *_ = uow.videos.of_platform("youtube", ["one"]).values()
        uow.comments.put(video, told, expires_at=NOON + MONTH)

    deleted = clear(database, tenant_id, now=NOON + MONTH + DAY)

    assert (deleted["video_comments"], deleted["account_followers"], deleted["accounts"]) == (1, 1, 1)
    assert run(database, tenant_id, "select username, title, followers from accounts") == [("ana", None, None)]


def test_what_expires_soon_is_named_most_urgent_first(database: Database, tenant_id: UUID) -> None:
    read(database, tenant_id, youtube("later", 5, at=NOON + 3 * DAY))
    read(database, tenant_id, youtube("sooner", 5))
    read(database, tenant_id, youtube("fresh", 5, at=NOON + 20 * DAY))
    read(database, tenant_id, youtube("for good", 5), expires=False)

    with database.begin(tenant_id) as uow:
        found = uow.retention.expiring_videos(before=NOON + 40 * DAY, limit=10)

    assert [each.external_id for each in found] == ["sooner", "later"]


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_batches_of_any_size_come_to_the_same(database: Database, tenant_id: UUID, batch: int) -> None:
    read(database, tenant_id, *(youtube(f"v{number}", number) for number in range(5)))

    looked: list[int] = []
    while not looked or looked[-1]:
        with database.begin(tenant_id) as uow:
            looked.append(uow.retention.clear_videos(now=NOON + 31 * DAY, batch=batch, is_amended=False)[0])

    assert sum(looked) == 5
    assert run(database, tenant_id, "select 1 from videos") == []
