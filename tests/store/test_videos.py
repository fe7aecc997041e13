"""Reading the library: what is known now is what was known as of now, however the observations came in; and lists use their index."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotFound
from store import keyset
from store.analytics import TABLE_SORTS, Scope
from store.database import Database
from store.keyset import Position
from store.videos import SORTS
from tests.conftest import Member, make_member
from tests.library import NOON, put, score, seen

HOUR = timedelta(hours=1)
counts = st.one_of(st.none(), st.integers(0, 50))
observations = st.lists(st.tuples(st.sampled_from("abc"), counts, counts, counts), min_size=1, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=observations)
def test_what_is_known_now_is_what_was_known_as_of_now(
    database: Database, rows: list[tuple[str, int | None, int | None, int | None]]
) -> None:
    tenant_id = make_member(database).tenant_id
    stream = [seen(name, *shown, comments=comments, shares=0, at=NOON + hour * HOUR) for hour, (name, *shown, comments) in enumerate(rows)]
    for batch in filter(None, (stream[: len(stream) // 2], stream[len(stream) // 2 :])):
        put(database, tenant_id, batch)
    moment = NOON + len(rows) * HOUR

    with database.begin(tenant_id) as uow:
        for video in uow.videos.page(sort="views", is_descending=True, limit=10):
            then, _ = uow.videos.get(video.video_id, as_of=moment)
            assert then._replace(observed_at=video.observed_at) == video
        now, then_totals = uow.analytics.totals(Scope()), uow.analytics.totals(Scope(as_of=moment))

    assert replace(then_totals, newest_observation=now.newest_observation) == now


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=observations, sort=st.sampled_from(TABLE_SORTS), is_descending=st.booleans(), limit=st.integers(1, 4))
def test_pages_of_the_table_are_the_table(
    database: Database, rows: list[tuple[str, int | None, int | None, int | None]], sort: str, is_descending: bool, limit: int
) -> None:
    tenant_id = make_member(database).tenant_id
    put(
        database,
        tenant_id,
        [seen(f"v{n}", views, likes, comments=comments, shares=1) for n, (_, views, likes, comments) in enumerate(rows)],
    )

    with database.begin(tenant_id) as uow:

        def pages() -> Iterator[list[UUID]]:
            after = None
            while found := uow.analytics.table(Scope(), sort=sort, is_descending=is_descending, limit=limit, after=after):
                yield [line.video_id for line in found]
                after = Position(found[-1].key(sort), found[-1].video_id)

        paged = [video_id for page in pages() for video_id in page]
        whole = uow.analytics.table(Scope(), sort=sort, is_descending=is_descending, limit=100)

    assert paged == [line.video_id for line in whole]
    assert len(paged) == len(rows)


def test_another_tenants_video_does_not_exist(database: Database, member: Member, other: Member) -> None:
    theirs = put(database, other.tenant_id, [seen("x", 1)])["x"]

    with database.begin(member.tenant_id) as uow:
        for read in (uow.videos.get, lambda video_id: uow.videos.snapshots(video_id, limit=1)):
            with pytest.raises(NotFound):
                read(theirs)


@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize("is_after", [True, False])
@pytest.mark.parametrize(("sort", "index"), [("views", "ix_videos_views"), ("posted_at", "ix_videos_posted")])
def test_a_page_is_a_range_of_its_index(
    database: Database, tenant_id: UUID, sort: str, index: str, is_descending: bool, is_after: bool
) -> None:
    clauses = keyset.known(SORTS[sort], "v.video_id", is_descending=is_descending, is_after=is_after)
    statement = (
        f"explain select v.video_id from videos v where v.tenant_id = %(tenant)s and {clauses.where} order by {clauses.order} limit 20"
    )
    words = {"tenant": tenant_id, "at": 5 if sort == "views" else NOON, "after": tenant_id}

    with database.begin(tenant_id) as uow:
        # A handful of rows is sorted in no time: forbidden to sort, the plan shows whether the order can come from the index at all.
        uow.connection.exec_driver_sql("set local enable_sort = off")
        plan = "\n".join(uow.connection.exec_driver_sql(statement, words).scalars())

    assert index in plan
    assert "Sort" not in plan


def test_a_score_of_another_tenant_is_not_joined(database: Database, member: Member, other: Member) -> None:
    mine, theirs = put(database, member.tenant_id, [seen("x", 1)]), put(database, other.tenant_id, [seen("x", 1)])
    score(database, other.tenant_id, {theirs["x"]: {"multiple": 9.0, "peers": 9}})

    with database.begin(member.tenant_id) as uow:
        found, _ = uow.videos.get(mine["x"])

    assert found.score is None


def test_a_search_says_how_much_it_looks_at(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen(f"v{number}", number, title="bread") for number in range(5)])

    with database.begin(tenant_id) as uow:
        found = uow.connection.exec_driver_sql("select count(*) from app.search_videos('bread', 3)").scalar_one()
        shown = uow.videos.page(sort="views", is_descending=True, limit=10, filters={"words": "bread"})

    assert (found, len(shown)) == (3, 5)
