"""Due work among many trackings: found by its index, whoever's it is; what is old of calls and answers goes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.sources import Answer, Ask, Call, SourceName
from store.database import Database
from store.fetches import KeptAnswer, packed
from store.ids import new_id
from store.trackings import _DUE
from tests import library
from tests.conftest import Member, make_member
from tests.store.tracking import put_tracking

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
_PLATFORMS = "(array['tiktok', 'youtube', 'instagram', 'x'])[1 + n % 4]"
_MANY = f"""
insert into accounts (tenant_id, account_id, platform, identity, external_id, source, first_seen_at, last_seen_at)
  select cast(:tenant as uuid), gen_random_uuid(), {_PLATFORMS}, 'id:' || n, n, 'test', :now, :now from generate_series(1, 5000) n;
insert into trackings (tenant_id, account_id, platform, state, next_run_at, next_reason, floor_seconds)
  select tenant_id, account_id, platform, 'live', cast(:now as timestamptz) + make_interval(mins => cast(external_id as int) - 200),
    'look', 3600 from accounts where tenant_id = cast(:tenant as uuid)"""


@pytest.fixture
def crowded(fresh: Database) -> tuple[Database, list[UUID]]:
    """Two workspaces with 5,000 trackings each, of which 200 each are due."""
    tenants = [make_member(fresh).tenant_id for _ in range(2)]
    for tenant_id in tenants:
        with fresh.begin(tenant_id) as uow:
            for statement in _MANY.split(";"):
                uow.connection.execute(sa.text(statement), {"tenant": str(tenant_id), "now": NOON})
    return fresh, tenants


def plan(connection: sa.Connection, statement: str, **words: object) -> str:
    return "\n".join(connection.execute(sa.text(f"explain {statement}"), words).scalars())


def test_due_work_among_ten_thousand_is_found_by_its_index(crowded: tuple[Database, list[UUID]], superuser_url: str) -> None:
    database, tenants = crowded
    with database.begin_system() as system:
        where = system.connection.engine.url.database
    engine = sa.create_engine(f"{superuser_url.rpartition('/')[0]}/{where}".replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("analyze trackings"))
    engine.dispose()

    with database.begin_system() as system:
        groups = system.trackings.due(now=NOON)
        used = plan(
            system.connection,
            "select tenant_id, platform, count(*), min(next_run_at) from trackings where next_run_at is not null and next_run_at <= :now"
            " group by tenant_id, platform",
            now=NOON,
        )
    with database.begin(tenants[0]) as uow:
        mine = plan(uow.connection, _DUE, tenant=tenants[0], platform="x", now=NOON, request=new_id(), limit=20, taken=[])

    assert {(each.tenant_id, each.accounts) for each in groups} == {(tenant_id, 50) for tenant_id in tenants}
    assert len(groups) == 8
    assert "Index Only Scan" in used
    assert "Seq Scan" not in used + mine


def test_only_accounts_of_the_request_that_nobody_else_reads_are_handed_out(database: Database, member: Member) -> None:
    library.put(database, member.tenant_id, [library.seen("one")])
    mine, others = new_id(), new_id()
    with database.begin(member.tenant_id) as uow:
        account = put_tracking(uow, at=NOON).account_id
        words = {"now": NOON, "until": NOON + timedelta(minutes=10), "limit": 5}
        first = uow.trackings.begin_due("tiktok", request_id=mine, **words)  # type: ignore[arg-type]
        again = uow.trackings.begin_due("tiktok", request_id=mine, taken=[account], **words)  # type: ignore[arg-type]
        theirs = uow.trackings.begin_due("tiktok", request_id=others, **words)  # type: ignore[arg-type]
        restarted = uow.trackings.begin_due("tiktok", request_id=mine, **words)  # type: ignore[arg-type]

    assert [[each.account_id for each in found] for found in (first, again, theirs, restarted)] == [[account], [], [], [account]]
    assert first[0].target.external_id == "id-ana"


def test_an_account_takes_its_tracking_with_it(database: Database, member: Member) -> None:
    library.put(database, member.tenant_id, [library.seen("one")])
    with database.begin(member.tenant_id) as uow:
        put_tracking(uow, at=NOON)
        uow.connection.execute(sa.text("delete from videos"))
        uow.connection.execute(sa.text("delete from accounts"))

        assert uow.trackings.page(limit=5) == []


def test_what_is_past_its_time_goes_and_the_rest_stays(fresh: Database) -> None:
    tenant_id, now = make_member(fresh).tenant_id, datetime.now(UTC)
    with fresh.begin(tenant_id) as uow:
        for days in (0, 100):
            moment = now - timedelta(days=days)
            ask = Ask(SourceName.YOUTUBE_API, "account", str(days))
            answer = KeptAnswer(new_id(), ask, Answer({"n": days}), moment, moment + timedelta(hours=1), packed({"n": days}))
            uow.fetches.put([answer], request_id=None)
            uow.fetches.log([Call(SourceName.YOUTUBE_API, "account", "ok", 200, moment, 5)], request_id=None)
            uow.quotas.charge(("p", "b", moment), 1)

    with fresh.begin_system() as system:
        gone = [system.fetches.forget(now) for _ in range(2)]

    with fresh.begin(tenant_id) as uow:
        kept = uow.fetches.find(Ask(SourceName.YOUTUBE_API, "account", "0"), oldest=now - timedelta(days=200), now=now)
        calls = uow.connection.execute(sa.text("select count(*) from external_calls")).scalar_one()
    assert gone == [5, 0]
    assert kept is not None
    assert (kept.payload, kept.is_mine, kept.is_first, calls) == ({"n": 0}, True, False, 1)


def test_an_older_answer_does_not_take_the_place_of_a_newer_one(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    ask = Ask(SourceName.YOUTUBE_API, "account", "ana")
    with fresh.begin(tenant_id) as uow:
        for minutes in (5, 0):
            moment = NOON + timedelta(minutes=minutes)
            uow.fetches.put(
                [KeptAnswer(new_id(), ask, Answer(minutes), moment, moment + timedelta(hours=1), packed(minutes))], request_id=None
            )

        found = uow.fetches.find(ask, oldest=NOON - timedelta(hours=1), now=NOON)

    assert found is not None
    assert (found.payload, found.fetched_at) == (5, NOON + timedelta(minutes=5))
