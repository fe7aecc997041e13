"""Hashtags and sounds made of what changed are those of a full recompute, and follow what is put, moved, removed and deleted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from store.catalogue import Origin
from store.database import Database
from tests.conftest import Member, make_member

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MANUAL = Origin(source="test", selection="manual")
ANA = AccountFacts(Platform.YOUTUBE, external_id="UC1", title="The Kitchen")
BEN = AccountFacts(Platform.YOUTUBE, external_id="UC2", title="The Garden")
SOMEBODY = AccountFacts(Platform.YOUTUBE, title="The Kitchen")


def seen(video: str, views: int, *, of: AccountFacts = ANA, at: datetime = NOON, **facts: Any) -> Observed:
    return Observed(1, of, at, 0, VideoFacts(video, posted_at=NOON - DAY, **facts), Counters(views=views, likes=1))


def put(database: Database, tenant_id: UUID, *batch: Observed) -> None:
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([replace(row, line=line) for line, row in enumerate(batch, 1)], MANUAL)


def renew(database: Database, tenant_id: UUID, *, is_full: bool = False) -> None:
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_hashtags(now=NOON, is_full=is_full)
        uow.aggregates.put_sounds(now=NOON, is_full=is_full)


def run(database: Database, tenant_id: UUID, statement: str) -> list[tuple[Any, ...]]:
    with database.begin(tenant_id) as uow:
        found = uow.connection.exec_driver_sql(statement)
        return [tuple(row) for row in found] if found.returns_rows else []


def figures(database: Database, tenant_id: UUID) -> list[list[tuple[Any, ...]]]:
    tables = ("account_hashtags", "account_sounds", "hashtags", "sounds")
    return [run(database, tenant_id, f"select to_jsonb(t) from {name} t order by to_jsonb(t)::text") for name in tables]


def tags(database: Database, tenant_id: UUID) -> dict[str, tuple[int, int, int]]:
    rows = run(database, tenant_id, "select name, accounts, videos, views from hashtags")
    return {name: (accounts, videos, views) for name, accounts, videos, views in rows}


def test_a_tag_counts_once_per_post_whatever_its_case(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a", 10, hashtags=("Bread", "bread", "oven")), seen("b", 5, of=BEN, hashtags=("BREAD",)))

    renew(database, tenant_id)

    assert tags(database, tenant_id) == {"bread": (2, 2, 15), "oven": (1, 1, 10)}


def test_a_tag_that_nobody_uses_any_more_goes(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a", 10, hashtags=("bread",)), seen("b", 4, hashtags=("oven",)))
    renew(database, tenant_id)

    put(database, tenant_id, seen("a", 12, at=NOON + DAY, hashtags=("rye",)))
    renew(database, tenant_id)

    assert tags(database, tenant_id) == {"rye": (1, 1, 12), "oven": (1, 1, 4)}


def test_a_removed_post_counts_for_none_of_its_tags(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a", 10, hashtags=("bread",)), seen("b", 4, hashtags=("bread", "oven")))
    renew(database, tenant_id)

    with database.begin(tenant_id) as uow:
        uow.removals.mark(Platform.YOUTUBE, {"b": "private"}, now=NOON + DAY)
    renew(database, tenant_id)

    assert tags(database, tenant_id) == {"bread": (1, 1, 10)}


def test_what_an_account_used_goes_with_it(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a", 10, of=SOMEBODY, hashtags=("bread",), sound_id="s1"), seen("b", 5, of=BEN, hashtags=("bread",)))
    renew(database, tenant_id)
    put(database, tenant_id, seen("c", 1, hashtags=("rye",)))  # the provisional account becomes a real one, which is new

    run(database, tenant_id, "delete from videos where external_id in ('a', 'c')")
    run(database, tenant_id, "delete from accounts where external_id = 'UC1'")
    marked = run(database, tenant_id, "select aggregate, name from name_changes order by 1, 2")
    renew(database, tenant_id)

    assert marked == [("hashtags", "bread"), ("sounds", "s1")]
    assert tags(database, tenant_id) == {"bread": (1, 1, 5)}
    assert run(database, tenant_id, "select name from sounds") == []


def test_a_sound_has_its_newest_title_and_keeps_its_id(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a", 10, sound_id="s1", sound_title="first"))
    renew(database, tenant_id)
    before = run(database, tenant_id, "select sound_id from sounds")
    put(database, tenant_id, seen("b", 5, of=BEN, at=NOON + DAY, sound_id="s1", sound_title="second"))
    renew(database, tenant_id, is_full=True)

    assert run(database, tenant_id, "select sound_id from sounds") == before
    assert run(database, tenant_id, "select name, accounts, videos, views from sounds") == [("s1", 2, 2, 15)]


ROWS = st.lists(
    st.builds(
        lambda video, views, owner, day, tagged, sound, is_removed: seen(
            video, views, of=owner, at=NOON + day * DAY, hashtags=tagged, sound_id=sound, is_removed=is_removed
        ),
        st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 50), st.sampled_from([ANA, BEN, SOMEBODY]), st.integers(0, 3),
        st.lists(st.sampled_from(["x", "X", "y", "z"]), max_size=3).map(tuple), st.sampled_from([None, "s1", "s2"]), st.booleans(),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ROWS, st.booleans(), st.sampled_from(["", "a", "b"])), min_size=1, max_size=4))
def test_names_of_what_changed_are_those_of_a_full_recompute(database: Database, history: list[tuple[list[Observed], bool, str]]) -> None:
    tenant_id = make_member(database).tenant_id
    for batch, is_renewed, deleted in history:
        put(database, tenant_id, *batch)
        if deleted:
            run(database, tenant_id, f"delete from videos where external_id = '{deleted}'")
        if is_renewed:
            renew(database, tenant_id)
    renew(database, tenant_id)
    partial = figures(database, tenant_id)

    renew(database, tenant_id, is_full=True)

    assert partial == figures(database, tenant_id)
    with database.begin(tenant_id) as uow:
        assert (uow.aggregates.names_off_by("hashtags"), uow.aggregates.names_off_by("sounds")) == (0, 0)


def test_wrong_sums_are_found(database: Database, member: Member) -> None:
    put(database, member.tenant_id, seen("a", 10, hashtags=("bread",), sound_id="s"))
    renew(database, member.tenant_id)
    run(database, member.tenant_id, "update hashtags set views = views + 1")

    with database.begin(member.tenant_id) as uow:
        assert (uow.aggregates.names_off_by("hashtags"), uow.aggregates.names_off_by("sounds")) == (1, 0)


@pytest.mark.parametrize("words", ["BR", "br"])
def test_names_are_listed_by_how_they_begin(database: Database, tenant_id: UUID, words: str) -> None:
    put(database, tenant_id, seen("a", 10, hashtags=("bread", "brot", "rye")))
    renew(database, tenant_id)

    with database.begin(tenant_id) as uow:
        found = uow.names.hashtags(sort="views", limit=10, after=None, filters={"words": words, "platform": "youtube"})

    assert sorted(each.name for each in found) == ["bread", "brot"]
