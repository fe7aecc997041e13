"""Aggregates of the accounts that changed are those of a full recompute, whatever changed, in whatever order; and no change is missed."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
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

Rows = list[tuple[Any, ...]]
Figures = tuple[Rows, Rows]


def seen(
    video: str, views: int | None = None, *, at: datetime = NOON, posted: datetime | None = NOON - DAY, of: AccountFacts = ANA, **facts: Any
) -> Observed:
    counters = Counters(views=views, likes=facts.pop("likes", None))
    return Observed(1, of, at, 0, VideoFacts(video, posted_at=posted, **facts), counters)


def put(database: Database, tenant_id: UUID, *batch: Observed) -> None:
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([replace(row, line=line) for line, row in enumerate(batch, 1)], MANUAL)


def renew(database: Database, tenant_id: UUID, *, is_full: bool = False, only: tuple[UUID, ...] = (), now: datetime = NOON) -> None:
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=now, is_full=is_full, only=only)
        uow.aggregates.put_days(now=now, is_full=is_full, only=only)


def run(database: Database, tenant_id: UUID, statement: str) -> Rows:
    with database.begin(tenant_id) as uow:
        found = uow.connection.execute(sa.text(statement))
        return [tuple(row) for row in found] if found.returns_rows else []


def figures(database: Database, tenant_id: UUID) -> Figures:
    return (
        run(database, tenant_id, "select to_jsonb(t) - 'as_of' from account_totals t order by account_id"),
        run(database, tenant_id, "select to_jsonb(d) from account_days d order by account_id, day"),
    )


def made_anew(database: Database, tenant_id: UUID) -> Figures:
    renew(database, tenant_id, is_full=True)
    return figures(database, tenant_id)


def waiting(database: Database, tenant_id: UUID) -> Rows:
    return run(
        database, tenant_id, "select aggregate, since::text from account_changes where aggregate in ('totals', 'days') order by 1, 2"
    )


@pytest.fixture
def known(database: Database, tenant_id: UUID) -> UUID:
    """Two accounts with a history, and aggregates that are true."""
    put(
        database,
        tenant_id,
        *(seen("a1", 10 * day, at=NOON + day * DAY) for day in range(1, 4)),
        seen("b1", 5, of=BEN),
        seen("b2", 7, of=BEN),
    )
    renew(database, tenant_id)
    return tenant_id


def test_what_did_not_change_is_not_made_anew(database: Database, tenant_id: UUID, known: UUID) -> None:
    run(database, tenant_id, "update account_totals set views = -1")
    run(database, tenant_id, "update account_days set posts = -1")
    put(database, tenant_id, seen("a1", 40, at=NOON + 4 * DAY))

    renew(database, tenant_id)

    named = "join accounts using (tenant_id, account_id) order by external_id"
    assert run(database, tenant_id, f"select external_id, views from account_totals {named}") == [("UC1", 40), ("UC2", -1)]
    days = run(database, tenant_id, f"select day::text, posts from account_days {named}, day")
    assert days[-2:] == [("2026-02-09", -1), ("2026-02-10", -1)]
    assert ("2026-02-14", 0) in days


def test_the_same_rows_again_mark_nothing(database: Database, tenant_id: UUID, known: UUID) -> None:
    put(database, tenant_id, seen("b1", 5, of=BEN), seen("a1", 10, at=NOON + DAY))

    assert waiting(database, tenant_id) == []


CHANGES: dict[str, Callable[[Database, UUID], object]] = {
    "a newer observation": lambda database, tenant: put(database, tenant, seen("a1", 99, at=NOON + 9 * DAY)),
    "an older one": lambda database, tenant: put(database, tenant, seen("a1", 3, at=NOON - 5 * DAY, posted=None)),
    "one in between": lambda database, tenant: put(database, tenant, seen("a1", 15, at=NOON + 1.25 * DAY)),
    "a new post": lambda database, tenant: put(database, tenant, seen("a2", 4, posted=NOON - 30 * DAY)),
    "a post that moves in time": lambda database, tenant: put(database, tenant, seen("a1", 41, at=NOON + 5 * DAY, posted=NOON - 8 * DAY)),
    "a post that goes": lambda database, tenant: put(database, tenant, seen("b1", 6, at=NOON + DAY, of=BEN, is_removed=True)),
    "all posts of an account go": lambda database, tenant: put(database, tenant, seen("a1", 6, at=NOON + 9 * DAY, is_removed=True)),
    "a deleted snapshot": lambda database, tenant: run(database, tenant, "delete from video_snapshots where views = 20"),
    "a deleted post": lambda database, tenant: run(database, tenant, "delete from videos where external_id = 'b2'"),
    "a new account": lambda database, tenant: put(database, tenant, seen("c1", 1, of=replace(BEN, external_id="UC3", title="Other"))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_made_as_a_full_recompute_makes_it(database: Database, tenant_id: UUID, known: UUID, change: str) -> None:
    before = figures(database, tenant_id)
    CHANGES[change](database, tenant_id)

    renew(database, tenant_id)

    after = figures(database, tenant_id)
    assert after == made_anew(database, tenant_id)
    assert after != before


def test_an_account_that_becomes_another_takes_its_days_along(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen("a1", 1, of=replace(ANA, title="Renamed")), seen("x1", 5, of=SOMEBODY))
    renew(database, tenant_id)

    put(database, tenant_id, seen("a2", 3, at=NOON + DAY))
    renew(database, tenant_id)

    assert run(database, tenant_id, "select count(*) from account_totals") == [(1,)]
    assert figures(database, tenant_id) == made_anew(database, tenant_id)


def test_named_accounts_are_made_anew_without_a_mark(database: Database, tenant_id: UUID, known: UUID) -> None:
    ids: dict[str, UUID] = dict(run(database, tenant_id, "select external_id, account_id from accounts"))
    before = figures(database, tenant_id)
    run(database, tenant_id, "update account_totals set views = -1")
    run(database, tenant_id, "update account_days set posts = -1")

    renew(database, tenant_id, only=(ids["UC1"], ids["UC2"]))

    assert figures(database, tenant_id) == before


def test_another_method_makes_all_accounts_anew(database: Database, tenant_id: UUID, known: UUID) -> None:
    before = figures(database, tenant_id)
    run(database, tenant_id, "update account_totals set views = -1")
    run(database, tenant_id, "update aggregates_made set method = 'account-totals/0'")

    renew(database, tenant_id)

    assert figures(database, tenant_id) == before


def _fail_after_totals(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=NOON)
        uow.connection.execute(sa.text("select nothing"))


def test_a_recompute_that_fails_takes_no_mark_away(database: Database, tenant_id: UUID, known: UUID) -> None:
    put(database, tenant_id, seen("a1", 99, at=NOON + 9 * DAY))
    marks = waiting(database, tenant_id)

    with pytest.raises(sa.exc.ProgrammingError):
        _fail_after_totals(database, tenant_id)

    assert waiting(database, tenant_id) == marks
    assert marks == [("days", "2026-02-19"), ("totals", None)]


def test_what_comes_in_during_a_recompute_waits_for_the_next(database: Database, tenant_id: UUID, known: UUID) -> None:
    put(database, tenant_id, seen("a1", 99, at=NOON + 9 * DAY))
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=NOON)
        uow.aggregates.put_days(now=NOON)
        put(database, tenant_id, seen("a1", 100, at=NOON + 10 * DAY))

    assert waiting(database, tenant_id) == [("days", "2026-02-20"), ("totals", None)]
    renew(database, tenant_id)
    assert figures(database, tenant_id) == made_anew(database, tenant_id)


def test_what_is_not_committed_yet_is_not_taken_for_done(database: Database, tenant_id: UUID, known: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([seen("a1", 99, at=NOON + 9 * DAY)], MANUAL)
        renew(database, tenant_id)

    renew(database, tenant_id)

    assert figures(database, tenant_id) == made_anew(database, tenant_id)


def test_two_recomputes_at_once_write_one_after_the_other(database: Database, tenant_id: UUID, known: UUID) -> None:
    put(database, tenant_id, seen("a1", 99, at=NOON + 9 * DAY))
    second = threading.Thread(target=renew, args=(database, tenant_id))
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=NOON)
        second.start()
        put(database, tenant_id, seen("a1", 100, at=NOON + 10 * DAY))
    second.join(timeout=20)
    renew(database, tenant_id)

    assert figures(database, tenant_id) == made_anew(database, tenant_id)


def test_totals_are_true_up_to_the_latest_recompute(database: Database, tenant_id: UUID, known: UUID) -> None:
    renew(database, tenant_id, now=NOON + 3 * DAY)

    with database.begin(tenant_id) as uow:
        accounts = uow.accounts.page(sort="views", is_descending=True, limit=5)

    assert {each.totals.as_of for each in accounts if each.totals} == {NOON + 3 * DAY}


def test_marks_of_one_workspace_are_not_anothers(database: Database, member: Member, other: Member) -> None:
    put(database, member.tenant_id, seen("a1", 1))

    renew(database, other.tenant_id)

    assert waiting(database, member.tenant_id) == [("days", "2026-02-09"), ("totals", None)]


owners = st.sampled_from([ANA, BEN, SOMEBODY, replace(ANA, external_id="UC3")])
words = st.tuples(st.integers(0, 3), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 40)), owners, st.integers(0, 2), st.booleans())
steps = st.one_of(st.lists(words, min_size=1, max_size=5), st.sampled_from(["renew", "delete snapshots", "delete a post"]))
DELETES = {
    "delete snapshots": "delete from video_snapshots where views % 3 = 0",
    "delete a post": "delete from videos where external_id = 'v1'",
}


def told(word: tuple[int, int, int | None, AccountFacts, int, bool]) -> Observed:
    video, day, views, owner, posted, is_removed = word
    return seen(
        f"v{video}", views, at=NOON + day * DAY / 2, of=owner, posted=NOON - posted * DAY if posted else None, is_removed=is_removed,
        likes=views and views // 2,
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(history=st.lists(steps, min_size=2, max_size=8))
def test_whatever_happens_the_aggregates_are_those_of_a_full_recompute(database: Database, history: list[Any]) -> None:
    tenant_id = make_member(database).tenant_id
    renew(database, tenant_id)
    for step in history:
        if step == "renew":
            renew(database, tenant_id)
        elif isinstance(step, str):
            run(database, tenant_id, DELETES[step])
        else:
            put(database, tenant_id, *map(told, step))

    renew(database, tenant_id)

    assert figures(database, tenant_id) == made_anew(database, tenant_id)
