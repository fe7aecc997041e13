"""A database that was in use at an earlier revision is brought to head with all that it holds."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext

from store import bootstrap
from store.database import Database, KeyEntry
from store.ids import new_id
from store.rls import APP, OWNER, SYSTEM
from tests.conftest import PASSWORD
from tests.store.walls import holes

THEN = datetime(2026, 10, 1, 12, tzinfo=UTC)
# As a workspace looked before channels, trackings, the library and owners' reports.
_USED = """
insert into tenants (tenant_id, name) values (:tenant, 'Old friends');
insert into users (user_id, email) values (:user, :email);
insert into memberships (tenant_id, user_id, role) values (:tenant, :user, 'owner');
insert into subscriptions (tenant_id, plan, status) values (:tenant, 'free', 'active');
insert into accounts (tenant_id, account_id, platform, identity, external_id, username, followers, source, first_seen_at, last_seen_at)
  values (:tenant, :account, 'youtube', 'id:UCold', 'UCold', 'old', 40, 'import', :then, :then);
insert into videos (tenant_id, video_id, account_id, platform, external_id, title, hashtags, is_removed, views, selection, source,
    first_seen_at, observed_at, posted_at)
  values (:tenant, :there, :account, 'youtube', 'there', 'Bread', '{bread}', false, 10, 'census', 'import', :then, :then, :then),
    (:tenant, :gone, :account, 'youtube', 'gone', 'Water', '{}', true, 5, 'census', 'import', :then, :then, :then);
insert into video_snapshots (tenant_id, video_id, observed_at, views, source) values (:tenant, :there, :then, 10, 'import');
insert into requests (tenant_id, request_id, kind, subject, claim_on, state)
  values (:tenant, :request, 'insights', 'x', 'insights', 'succeeded');
insert into audit_log (tenant_id, entry_id, at, action, subject)
  values (:tenant, :there, :then, 'second', 'x'), (:tenant, :gone, :before, 'first', 'x');
insert into reservations (tenant_id, operation, subject, state, reserved_usd, spent_usd, day, expires_at)
  values (:tenant, 'spent', 'x', 'committed', 2, 1.5, :then, :then), (:tenant, 'held', 'x', 'reserved', 3, null, :then, :then);
insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  values (:tenant, 'spent', 'reserve', 'available', 'reserved', 2), (:tenant, 'spent', 'commit', 'reserved', 'spent', 1.5),
    (:tenant, 'spent', 'surplus', 'reserved', 'available', 0.5), (:tenant, 'held', 'reserve', 'available', 'reserved', 3);
insert into ledger_days (tenant_id, day, reserved_usd, spent_usd) values (:tenant, :then, 3, 1.5);
insert into account_changes (tenant_id, account_id, aggregate, change_id) values (:tenant, :account, 'totals', :request);
insert into api_keys (tenant_id, key_id, user_id, name, prefix, key_hash, scopes)
  values (:tenant, :there, :user, 'writes', 'x', 'writes', '{read,write}'), (:tenant, :gone, :user, 'reads', 'x', 'reads', '{read}')"""


@pytest.fixture(scope="module")
def workspace() -> dict[str, UUID]:
    return {name: new_id() for name in ("tenant", "user", "account", "there", "gone", "request")}


@pytest.fixture(scope="module")
def upgraded(superuser_url: str, workspace: dict[str, UUID]) -> Iterator[Database]:
    """Migrated half way, used, and migrated to head."""
    name = f"upgraded_{new_id().hex}"
    bootstrap.ensure_database(superuser_url, name, owner=OWNER, guests=(APP, SYSTEM))
    address = superuser_url.rpartition("@")[2].rpartition("/")[0]
    owner, app, system = (f"postgresql+psycopg://{role}:{PASSWORD}@{address}/{name}" for role in (OWNER, APP, SYSTEM))
    _migrate_to(owner, "0004")
    _use(superuser_url.rpartition("/")[0] + f"/{name}", workspace)
    bootstrap.migrate(owner)
    with closing(Database(app, system_url=system, pool_size=1)) as database:
        yield database


def _migrate_to(owner_url: str, revision: str) -> None:
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        command.upgrade(bootstrap._config(connection), revision)
        assert MigrationContext.configure(connection).get_current_revision() == revision
    engine.dispose()


def _use(superuser_url: str, workspace: dict[str, UUID]) -> None:
    engine = sa.create_engine(superuser_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in _USED.split(";\n"):
            words = {**workspace, "then": THEN, "before": THEN - timedelta(days=1), "email": f"{workspace['user'].hex}@example.org"}
            text = sa.text(statement)
            connection.execute(text, {name: word for name, word in words.items() if name in text._bindparams})
    engine.dispose()


def test_what_a_workspace_had_is_there_and_has_what_came_new(upgraded: Database, workspace: dict[str, UUID]) -> None:
    with upgraded.begin(workspace["tenant"]) as uow:
        there, gone = (uow.videos.get(workspace[name])[0] for name in ("there", "gone"))
        collections = list(uow.connection.execute(sa.text("select name, is_default from collections")))
        followers = list(uow.connection.execute(sa.text("select followers, observed_at from account_followers")))

    assert (there.title, there.is_removed, there.removed_since) == ("Bread", False, None)
    assert (gone.is_removed, gone.removed_since) == (True, THEN)
    assert (collections, followers) == ([("Default", True)], [(40, THEN)])


def test_aggregates_that_came_new_are_made_of_what_was_there(upgraded: Database, workspace: dict[str, UUID]) -> None:
    with upgraded.begin(workspace["tenant"]) as uow:
        uow.aggregates.put_totals(now=THEN)
        uow.aggregates.put_hashtags(now=THEN)
        found = list(uow.connection.execute(sa.text("select name, videos from hashtags")))

    assert found == [("bread", 1)]


def test_the_plan_counts_what_came_new(upgraded: Database, workspace: dict[str, UUID]) -> None:
    with upgraded.begin(workspace["tenant"]) as uow:
        taken = [uow.usage.take(meter, 1, operation=meter, now=THEN).used for meter in ("urls_per_day", "searches_per_day")]
        channels, trackings = (
            uow.connection.execute(sa.text(f"select limits -> '{name}' ->> 'limit' from plans where plan = 'free'")).scalar_one()
            for name in ("channels", "trackings")
        )

    assert (taken, channels, trackings) == ([1, 1], "5", "100")


def test_keys_that_wrote_go_on_to_make_keys_and_those_that_read_do_not(upgraded: Database) -> None:
    with upgraded.begin(KeyEntry(b"writes")) as uow:
        assert (uow.scopes, uow.role) == (("read", "write", "keys"), "owner")
    with upgraded.begin(KeyEntry(b"reads")) as uow:
        assert uow.scopes == ("read",)


def test_the_walls_stand_after_an_upgrade(upgraded: Database, workspace: dict[str, UUID]) -> None:
    with upgraded.begin(workspace["tenant"]) as uow:
        assert holes(uow.connection) == []
    with upgraded.begin(new_id()) as uow:
        assert uow.connection.execute(sa.text("select count(*) from account_followers")).scalar_one() == 0


def test_what_was_noted_before_there_was_a_chain_is_chained_in_the_order_of_its_time(
    upgraded: Database, workspace: dict[str, UUID]
) -> None:
    with upgraded.begin(workspace["tenant"]) as uow:
        uow.trust.note("third", "x", actor=None)
    with upgraded.begin_system() as system:
        proof = system.audit.verify(workspace["tenant"])
        order = system.connection.exec_driver_sql("select entry_id from audit_chain order by seq").scalars().all()

    assert (proof.entries, proof.reason) == (3, None)
    assert order[:2] == [workspace["gone"], workspace["there"]]


def test_what_was_spent_before_there_were_caps_of_the_deployment_counts_and_settles(upgraded: Database, workspace: dict[str, UUID]) -> None:
    def spending() -> dict[str, Decimal]:
        with upgraded.begin_system() as system:
            return {period: used for period, used, _ in system.ledger.deployment(THEN)}

    before = spending()
    with upgraded.begin(workspace["tenant"]) as uow:
        uow.ledger.commit("held", Decimal(1))

    assert before == {"day": Decimal("4.5"), "month": Decimal("4.5")}
    assert spending() == {"day": Decimal("2.5"), "month": Decimal("2.5")}
