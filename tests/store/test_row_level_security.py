"""Row-level security at work: what a transaction sees and may write, with a tenant, with another one, and with none."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON

from domain.entities import EntityKind, asked_entity
from domain.errors import Unauthenticated
from domain.observations import Counters
from domain.thumbnails import Failure
from store.catalogue import Origin
from store.database import Database, KeyEntry, MemberEntry
from store.ids import new_id
from store.rls import PLATFORM_TABLES
from store.tables import metadata
from store.thumbnails import DueThumbnail
from tests import library
from tests.conftest import Member, make_member
from tests.conftest import TestUrls as Urls
from tests.store.channels import put_channel
from tests.store.media import put_clip, put_media
from tests.store.test_catalogue import NOON, REAL, seen
from tests.store.tracking import put_tracking

TENANT_TABLES = sorted(set(metadata.tables) - PLATFORM_TABLES)
MANUAL = Origin(source="test", selection="manual")


def value_for(column: "sa.Column[object]", tenant_id: UUID) -> object:
    """Something of the column's type; a check constraint may refuse it, row-level security must come first."""
    if column.name == "tenant_id":
        return tenant_id
    if isinstance(column.type, JSON):
        return {}
    kind = column.type.as_generic().python_type if not isinstance(column.type, sa.ARRAY) else list
    made: dict[type, object] = {
        UUID: new_id(),
        str: "x",
        int: 1,
        float: 0.5,
        bool: False,
        Decimal: Decimal(1),
        bytes: b"x",
        list: [],
        dict: {},
    }
    return made.get(kind, NOON.date() if kind is type(NOON.date()) else NOON)


def row_for(table: sa.Table, tenant_id: UUID) -> dict[str, object]:
    return {each.name: value_for(each, tenant_id) for each in table.columns if not each.nullable and each.server_default is None}


@pytest.fixture
def furnished(database: Database, other: Member) -> Member:
    """A workspace that has a row in every table of tenants."""
    with database.begin(other.tenant_id) as uow:
        uow.catalogue.put([seen(owner_metrics={"m": Decimal(1)})], MANUAL)
        put_tracking(uow, at=NOON)
        uow.requests.ask(request_id=new_id(), kind="insights", subject="x", params={}, user_id=None)
        uow.usage.take("imports_per_day", 1, operation="x", now=NOON)
        uow.ledger.reserve("x", "clip", Decimal(1), now=NOON, expires_at=NOON.replace(year=2027))
        uow.trust.raise_once(dedupe_key="x", kind="x", severity="info", title="x", details={})
        uow.trust.mail_once(dedupe_key="x", recipient="a@example.org", subject="x", body="x")
        uow.trust.note("x", "x", actor=None)
        kept = put_media(uow)
        put_clip(uow, kept)
        put_channel(uow, other.user_id)
        video = uow.connection.execute(sa.text("select video_id from videos")).scalar_one()
        uow.thumbnails.put(DueThumbnail(video, "https://i.ytimg.com/x", "x", 0), Failure("x", may_pass=True), now=NOON)
        uow.entities.begin_change()
        uow.entities.add(new_id(), asked_entity("x", EntityKind.PERSON, []), user_id=None)
        _fill_the_rest(uow.connection, other)
    return other


def _fill_the_rest(connection: sa.Connection, member: Member) -> None:
    """Tables without a repository method at hand: one plain row each, its references taken from what is there."""
    account, video = connection.execute(sa.text("select account_id, video_id from videos")).one()
    release, collection = new_id(), connection.execute(sa.text("select collection_id from collections")).scalar_one()
    known: dict[str, object] = {
        "account_id": account, "video_id": video, "release_id": release, "user_id": member.user_id, "kind": "scores", "period": "day",
        "report": "daily", "is_available": True,
        "experiment_id": release, "import_id": release, "model_id": release, "prediction_id": release,
        "collection_id": collection, "scrape_id": release, "action": "viewed", "search_type": "term", "outcome": "saved", "role": "member",
        "media_id": connection.execute(sa.text("select media_id from media")).scalar_one(), "start_seconds": 0.25,
        "request_id": connection.execute(sa.text("select min(request_id::text)::uuid from requests")).scalar_one(),
        "entry_id": connection.execute(sa.text("select entry_id from audit_log")).scalar_one(), "provider": "stripe",
    }  # fmt: skip
    states: dict[str, dict[str, object]] = {
        "billing_calls": {"state": "open"}, "billing_customers": {"customer_id": str(release)},
        "billing_subscriptions": {"state": "active", "subscription_id": str(release)}, "subscription_changes": {"status": "active"},
    }  # fmt: skip
    for name in ("releases", "scrapes", "experiments", "experiment_imports", "scoring_models", "predictions", *TENANT_TABLES):
        table = metadata.tables[name]
        if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0:
            row = row_for(table, member.tenant_id)
            connection.execute(
                table.insert().values({**row, **{key: value for key, value in (known | states.get(name, {})).items() if key in row}})
            )


def count(connection: sa.Connection, name: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[name])).scalar_one())


def test_a_tenant_sees_its_own_rows_and_another_sees_none(database: Database, member: Member, furnished: Member) -> None:
    made = {"tenants", "memberships", "subscriptions"}

    with database.begin(furnished.tenant_id) as uow:
        mine = {name: count(uow.connection, name) for name in TENANT_TABLES}
    with database.begin(member.tenant_id) as uow:
        seen_by_others = {name: count(uow.connection, name) for name in TENANT_TABLES}

    assert {name for name, rows in mine.items() if rows == 0} == set()
    assert {name for name, rows in seen_by_others.items() if rows} == made


def test_without_a_tenant_nothing_is_seen(database: Database, furnished: Member) -> None:
    with database.begin_anonymous() as uow:
        assert {name: count(uow.connection, name) for name in TENANT_TABLES} == dict.fromkeys(TENANT_TABLES, 0)


@pytest.mark.parametrize("name", TENANT_TABLES)
@pytest.mark.parametrize("has_tenant", [True, False])
def test_a_row_of_another_tenant_cannot_be_written(database: Database, member: Member, other: Member, name: str, has_tenant: bool) -> None:
    table = metadata.tables[name]
    entry = database.begin(member.tenant_id) if has_tenant else database.begin_anonymous()

    with pytest.raises(sa.exc.ProgrammingError, match="violates row-level security policy"), entry as uow:
        uow.connection.execute(table.insert().values(row_for(table, other.tenant_id)))


def test_rows_of_another_tenant_cannot_be_changed_or_given_away(database: Database, member: Member, furnished: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        changed = uow.connection.execute(sa.text("update videos set title = 'mine'")).rowcount
        deleted = uow.connection.execute(sa.text("delete from videos")).rowcount
    with pytest.raises(sa.exc.ProgrammingError, match="violates row-level security policy"), database.begin(furnished.tenant_id) as uow:
        uow.connection.execute(sa.text("update alerts set tenant_id = :other"), {"other": member.tenant_id})

    assert (changed, deleted) == (0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "users",
        "rate_limits",
        "oauth_states",
        "fetch_cache",
        "quota_days",
        "source_health",
        "push_feeds",
        "video_snapshots_default",
        "sessions",
        "user_tokens",
        "user_identities",
        "recovery_codes",
        "known_devices",
        "auth_events",
        "switches",
    ],
)
def test_platform_tables_and_partitions_are_out_of_reach(database: Database, member: Member, name: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text(f"select 1 from {name}"))


@pytest.fixture
def single(urls: Urls) -> Iterator[Database]:
    """One pooled connection, so that the next transaction gets the same one."""
    made = Database(urls.app, pool_size=1)
    yield made
    made.close()


@pytest.mark.parametrize("is_good", [True, False])
def test_the_tenant_does_not_leak_to_the_next_transaction(single: Database, furnished: Member, is_good: bool) -> None:
    backend = sa.text("select pg_backend_pid()")
    try:
        with single.begin(furnished.tenant_id) as uow:
            first = uow.connection.execute(backend).scalar_one()
            assert count(uow.connection, "videos") == 1
            uow.connection.execute(sa.text("select 1" if is_good else "select 1 / 0"))
    except sa.exc.DataError:
        assert not is_good

    with single.begin_anonymous() as uow:
        assert uow.connection.execute(backend).scalar_one() == first
        assert count(uow.connection, "videos") == 0


def test_a_tenant_setting_of_nonsense_opens_nothing(database: Database, furnished: Member) -> None:
    with database.begin_anonymous() as uow:
        uow.connection.execute(sa.text("select set_config('app.tenant', '', true)"))
        assert count(uow.connection, "videos") == 0


def test_an_unknown_key_and_a_stranger_open_nothing(database: Database, member: Member, other: Member) -> None:
    for entry in (KeyEntry(b"no such key"), MemberEntry(other.tenant_id, member.user_id)):
        with pytest.raises(Unauthenticated), database.begin(entry):
            raise AssertionError("the door was open")


def test_the_system_reaches_its_listed_tables_only(fresh: Database) -> None:
    make_member(fresh)
    with fresh.begin_system() as system:
        assert count(system.connection, "tenants") == 1
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), fresh.begin_system() as system:
        count(system.connection, "videos")


def search(database: Database, tenant_id: UUID, words: str) -> list[UUID]:
    with database.begin(tenant_id) as uow:
        return list(uow.connection.execute(sa.text("select app.search_videos(:words, 10)"), {"words": words}).scalars())


def test_a_search_finds_the_tenants_own_videos_only(database: Database, member: Member, furnished: Member) -> None:
    with database.begin(furnished.tenant_id) as uow:
        wanted = uow.connection.execute(sa.text("select video_id from videos")).scalar_one()

    assert search(database, furnished.tenant_id, "title") == [wanted]
    assert search(database, member.tenant_id, "title") == []
    with database.begin_anonymous() as uow:
        assert uow.connection.execute(sa.text("select app.search_videos('title', 10)")).all() == []


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("title", True),
        ("-other", True),
        ("title -other", True),
        ('"a title"', True),
        ('"title a"', False),
        ("-title", False),
        ("!!!", False),
    ],
)
def test_what_is_searched_for_means_what_it_says(database: Database, furnished: Member, member: Member, words: str, is_found: bool) -> None:
    library.put(database, member.tenant_id, [library.seen("theirs", title="a title")])
    with database.begin(furnished.tenant_id) as uow:
        wanted = uow.connection.execute(
            sa.text("update videos set title = 'a title', description = 'of mine' returning video_id")
        ).scalar_one()

    found = search(database, furnished.tenant_id, words)

    assert found == ([wanted] if is_found else [])


def test_the_name_of_a_workspace_opens_nothing(database: Database, furnished: Member, member: Member) -> None:
    library.put(database, member.tenant_id, [library.seen("mine", title="a title")])

    assert search(database, member.tenant_id, str(furnished.tenant_id)) == []


def test_a_search_uses_the_index_of_words(fresh: Database, superuser_url: str) -> None:
    tenant_id = make_member(fresh).tenant_id
    rows = [seen(line, f"v{line}", title=f"word{line} common", account=REAL) for line in range(3_000)]
    with fresh.begin(tenant_id) as uow:
        uow.catalogue.put([each for each in rows if each.counters == Counters(views=10)], MANUAL)
        where = uow.connection.engine.url.database

    plan = _plan_of_definer(f"{superuser_url.rpartition('/')[0]}/{where}", tenant_id)

    assert "ix_videos_search" in plan


def _plan_of_definer(superuser_url: str, tenant_id: UUID) -> str:
    """How the definer, whose policy is `using (true)`, runs the statement of the search."""
    engine = sa.create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("analyze videos"))
        connection.execute(sa.text("set local role whyral_definer"))
        plan = connection.execute(
            sa.text(
                "explain select v.video_id from videos v"
                " where (array_to_tsvector(array[v.tenant_id::text]) || v.search) @@ (websearch_to_tsquery('simple', 'word7')"
                " && quote_literal(:mine)::tsquery) and v.tenant_id = :tenant limit 10"
            ),
            {"tenant": tenant_id, "mine": str(tenant_id)},
        )
        return "\n".join(plan.scalars())
