"""The walls between tenants, read from the catalogue of a migrated database: every table, partition, index, view, function and grant."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from domain.errors import Refused
from store.database import Database
from store.ids import new_id
from store.rls import APPEND_ONLY, DEFINER_TABLES, NEVER_DELETED, PLATFORM_TABLES, SYSTEM_TABLES
from store.tables import metadata
from tests.conftest import TestUrls as Urls
from tests.conftest import make_urls
from tests.store.walls import holes


@pytest.fixture(scope="module")
def scratch(superuser_url: str) -> Urls:
    """A database of this module's own, with a partition more than the migration made."""
    urls = make_urls(superuser_url, f"rules_{new_id().hex}")
    database = Database(urls.app)
    database.ensure_months(["2026-02"])
    database.close()
    return urls


@pytest.fixture
def superuser(scratch: Urls) -> Iterator[sa.Connection]:
    """What a test does here is rolled back."""
    engine = sa.create_engine(scratch.superuser.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def test_the_migrated_database_has_no_hole(superuser: sa.Connection) -> None:
    assert holes(superuser) == []


def test_the_rules_see_every_table_and_the_partitions(superuser: sa.Connection) -> None:
    seen = set(superuser.execute(sa.text("select relname from pg_class where relkind in ('r', 'p') and relrowsecurity")).scalars())

    assert seen == {*metadata.tables, "video_snapshots_default", "video_snapshots_202602"}


def test_the_lists_name_tables_that_exist() -> None:
    assert set(metadata.tables) >= (APPEND_ONLY | NEVER_DELETED | SYSTEM_TABLES | DEFINER_TABLES | PLATFORM_TABLES)


LOOSE = "create table loose (tenant_id uuid, n int, primary key (tenant_id, n)); alter table loose owner to whyral_owner;"
FORCED = LOOSE + "alter table loose enable row level security; alter table loose force row level security;"
FUNCTION = "create function app.peek() returns bigint language sql security definer {} as 'select count(*) from videos';"
SABOTAGE = [
    (LOOSE, "table loose does not force row-level security"),
    (LOOSE + "alter table loose enable row level security;", "table loose does not force row-level security"),
    (FORCED, "table loose has no tenant policy"),
    ("alter table videos no force row level security", "table videos does not force row-level security"),
    ("alter table video_snapshots_202602 disable row level security", "table video_snapshots_202602 does not force row-level security"),
    ("grant select on video_snapshots_202602 to whyral_app", "whyral_app may SELECT on video_snapshots_202602"),
    ("create policy all_of_it on videos to whyral_app using (true)", "policy all_of_it on videos lets whyral_app pass"),
    ("create policy all_of_it on videos using (true)", "policy all_of_it on videos lets public pass"),
    ("create policy all_of_it on videos to whyral_system using (true)", "policy all_of_it on videos lets whyral_system pass"),
    ("create unique index u on videos (external_id)", "unique index u on videos does not begin with tenant_id"),
    (
        "alter table media add constraint m unique (media_id);"
        "alter table clips add constraint loose foreign key (media_id) references media (media_id)",
        "foreign key loose of clips does not hold the tenant",
    ),
    ("grant truncate on videos to whyral_app", "whyral_app may TRUNCATE on videos"),
    ("grant trigger on videos to whyral_app", "whyral_app may TRIGGER on videos"),
    ("grant references on videos to whyral_app", "whyral_app may REFERENCES on videos"),
    ("grant select on videos to public", "public may SELECT on videos"),
    ("grant select (email) on users to whyral_app", "whyral_app may SELECT on users"),
    ("grant select on rate_limits to whyral_app", "whyral_app may SELECT on rate_limits"),
    ("grant insert on plans to whyral_app", "whyral_app may INSERT on plans"),
    ("grant select on videos to whyral_system", "whyral_system may SELECT on videos"),
    ("grant update on video_snapshots to whyral_app", "whyral_app may UPDATE on video_snapshots"),
    ("grant update (views) on video_snapshots to whyral_app", "whyral_app may UPDATE on video_snapshots"),
    ("grant delete on ledger_entries to whyral_system", "whyral_system may DELETE on ledger_entries"),
    ("create view all_videos as select * from videos", "view all_videos is not security_invoker"),
    ("create materialized view all_videos as select * from videos", "all_videos is of a kind (m) that row-level security does not reach"),
    ("create sequence numbers", "numbers is of a kind (S) that row-level security does not reach"),
    (FUNCTION.format("set search_path = public, pg_temp"), "function peek does not fix its tenant"),
    (FUNCTION.format(""), "function peek has no fixed search_path that ends in pg_temp"),
    (FUNCTION.format("set search_path = public, pg_temp"), "function peek may be called by everybody"),
    ("alter function app.search_videos(text, int) owner to whyral_owner", "function search_videos runs as whyral_owner"),
    ("alter table videos owner to whyral_app", "role whyral_app owns tables"),
    ("alter role whyral_app bypassrls", "role whyral_app is powerful"),
    ("alter role whyral_system superuser", "role whyral_system is powerful"),
    ("alter role whyral_definer login", "role whyral_definer may log in"),
    ("grant whyral_definer to whyral_app", "role whyral_app is a member of ['whyral_definer']"),
    ("grant create on schema app to whyral_definer", "role whyral_definer may create in a schema"),
]


@pytest.mark.parametrize(("change", "hole"), SABOTAGE, ids=[f"{number}: {hole}" for number, (_, hole) in enumerate(SABOTAGE)])
def test_a_hole_would_be_found(superuser: sa.Connection, change: str, hole: str) -> None:
    superuser.exec_driver_sql(change)

    found = holes(superuser)

    assert hole in found


@pytest.mark.parametrize("role", ["superuser", "owner"])
def test_a_role_that_walks_through_the_wall_is_refused(scratch: Urls, role: str) -> None:
    url = getattr(scratch, role).replace("postgresql://", "postgresql+psycopg://")
    for database in (Database(url), Database(scratch.app, system_url=url)):
        with pytest.raises(Refused, match="role"):
            database.check_roles()
        database.close()


def test_the_roles_that_serve_are_accepted(scratch: Urls) -> None:
    database = Database(scratch.app, system_url=scratch.system)

    database.check_roles()

    database.close()
