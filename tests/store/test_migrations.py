"""The migrated schema is the one that the code believes in, however many processes start at once."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import bootstrap, doctor
from store.ids import new_id
from store.rls import APP, OWNER, SYSTEM
from store.tables import metadata
from tests.conftest import PASSWORD
from tests.conftest import TestUrls as Urls
from tests.store.crowds import at_once


@pytest.fixture
def owner(urls: Urls) -> Iterator[sa.Connection]:
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def empty(superuser_url: str) -> str:
    """A database in which nothing was migrated yet, as its owner."""
    name = f"empty_{new_id().hex}"
    bootstrap.ensure_database(superuser_url, name, owner=OWNER, guests=(APP, SYSTEM))
    address = superuser_url.rpartition("@")[2].rpartition("/")[0]
    return f"postgresql+psycopg://{OWNER}:{PASSWORD}@{address}/{name}"


def is_compared(name: str | None, kind: str, parents: object) -> bool:
    """Partitions are made by the month and belong to no metadata."""
    return not (kind == "table" and name is not None and name.startswith("video_snapshots_"))


def differences(connection: sa.Connection) -> list[object]:
    options = {"include_name": is_compared, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_migrated_schema_equals_the_tables_in_the_code(owner: sa.Connection) -> None:
    assert differences(owner) == []


@pytest.mark.parametrize(
    "change",
    [
        "alter table videos add column extra text",
        "alter table videos drop column url",
        "alter table videos alter column source drop not null",
        "alter table scores alter column multiple type numeric",
        "drop index ix_videos_account",
        "create table extra (n int)",
    ],
)
def test_a_difference_would_be_found(owner: sa.Connection, change: str) -> None:
    owner.exec_driver_sql(change)

    assert differences(owner) != []


def checks_of(table: sa.Table) -> set[str]:
    """The names of a table's check constraints, its columns' among them; Alembic does not compare these."""
    every = [*table.constraints, *(each for column in table.columns for each in column.constraints)]
    names = {str(each.name) for each in every if isinstance(each, sa.CheckConstraint)}
    return {name if name.startswith("ck_") else f"ck_{table.name}_{name}" for name in names}


def test_every_check_constraint_of_the_code_is_in_the_schema(owner: sa.Connection) -> None:
    wanted = set().union(*(checks_of(table) for table in metadata.tables.values()))

    found = set(owner.execute(sa.text("select conname from pg_constraint where contype = 'c'")).scalars())

    assert wanted - found == set()
    assert len(wanted) > 40


def is_at_head(owner_url: str) -> bool:
    current, heads = doctor.revisions(owner_url)
    return current == heads


def test_eight_at_once_migrate_an_empty_database_once(empty: str) -> None:
    answers = at_once(8, lambda number: bootstrap.migrate(empty))

    assert answers == [None] * 8
    assert is_at_head(empty)


def test_migrating_again_changes_nothing(empty: str) -> None:
    bootstrap.migrate(empty)

    bootstrap.migrate(empty)

    assert is_at_head(empty)


def test_an_empty_database_is_not_at_head(empty: str) -> None:
    assert not is_at_head(empty)
