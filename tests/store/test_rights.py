"""The schema has no table and no column that nobody thought about where a workspace is exported or erased."""

import sqlalchemy as sa

from domain.rights import NOT_SECRET, PLATFORM_TREATMENTS, TREATMENTS, Erased, looks_secret, treatment
from store.rls import NEVER_DELETED, PLATFORM_TABLES
from store.tables import metadata
from store.tenant_rows import coming_back, erased, exported, tenant_tables
from tests.conftest import TestUrls as Urls


def in_the_schema(urls: Urls, statement: str) -> set[str]:
    engine = sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return set(connection.execute(sa.text(statement)).scalars())


TABLES = """select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   and not c.relispartition and c.relname <> 'alembic_version'"""


def test_every_table_of_a_tenant_is_exported_and_erased_or_says_why_not(urls: Urls) -> None:
    of_tenants = in_the_schema(urls, TABLES) - PLATFORM_TABLES

    shown, gone, back = {each.name for each in exported()}, set(erased()), {each.name for each in coming_back()}

    assert of_tenants - shown == {name for name, each in TREATMENTS.items() if not each.is_exported}
    assert of_tenants - gone == {name for name, each in TREATMENTS.items() if each.erased is not Erased.DELETED}
    assert of_tenants - back == {name for name, each in TREATMENTS.items() if not each.comes_back}
    assert set(TREATMENTS) - of_tenants == set()
    assert all(each.why for each in TREATMENTS.values())


def test_every_table_of_the_platform_says_what_it_holds_of_a_tenant(urls: Urls) -> None:
    tables = in_the_schema(urls, TABLES)

    assert set(PLATFORM_TREATMENTS) == PLATFORM_TABLES & tables
    assert all(PLATFORM_TREATMENTS.values())


def test_only_what_is_never_deleted_stays_of_an_erased_workspace() -> None:
    kept = {table.name for table in tenant_tables() if treatment(table.name).erased in (Erased.KEPT, Erased.SCRUBBED)}

    assert kept == NEVER_DELETED - PLATFORM_TABLES


def test_no_column_that_looks_like_a_secret_is_exported_unless_it_is_none() -> None:
    doubtful = {
        (table.name, column)
        for table in exported()
        for column in table.columns
        if looks_secret(table.name, column, is_bytes=isinstance(metadata.tables[table.name].c[column].type, sa.LargeBinary))
    }

    assert doubtful == set()


def test_the_lists_name_nothing_that_is_not_there() -> None:
    columns = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
    hidden = {(name, column) for name, each in TREATMENTS.items() for column in each.hidden}

    assert (NOT_SECRET | hidden) - columns == set()
