"""What `whyral doctor` sees in a real database, whole and with breaks planted in it."""

from collections.abc import Iterator

import psycopg
import pytest

from domain.doctor import database as judged
from domain.doctor.findings import Finding, Level
from domain.doctor.parts import Heartbeat
from domain.errors import SourceRefused, SourceUnavailable
from gateways.machine import free_port
from store import doctor
from store.database import Database
from store.ids import new_id
from tests.conftest import PASSWORD, make_urls
from tests.conftest import TestUrls as Urls


@pytest.fixture(scope="module")
def scratch(superuser_url: str) -> Urls:
    """A database of this module's own, with a partition more than the migration made."""
    urls = make_urls(superuser_url, f"doctor_{new_id().hex}")
    database = Database(urls.app)
    database.ensure_months(["2026-02"])
    database.close()
    return urls


@pytest.fixture
def superuser(scratch: Urls) -> Iterator[psycopg.Connection]:
    with psycopg.connect(scratch.superuser, autocommit=True) as connection:
        yield connection


@pytest.fixture
def stranger(superuser: psycopg.Connection, scratch: Urls) -> Iterator[str]:
    """A role of the test's own, for roles belong to the whole server."""
    name = f"stranger_{new_id().hex}"
    superuser.execute(f"create role {name} login password '{PASSWORD}'")
    superuser.execute(f"grant connect, temporary on database {scratch.app.rpartition('/')[2]} to {name}")
    yield name
    superuser.execute(f"drop owned by {name}")
    superuser.execute(f"drop role {name}")


def walls(scratch: Urls) -> Finding:
    return judged.walls(doctor.catalogue(scratch.app).walls)


def test_a_migrated_database_is_well(scratch: Urls) -> None:
    found = doctor.catalogue(scratch.app)
    of_system = doctor.catalogue(scratch.system).role

    assert walls(scratch).level is Level.OK
    assert found.walls.tables > 20
    assert judged.server(found.version, found.where).level is Level.OK
    for check, role in (("app role", found.role), ("system role", of_system)):
        assert judged.role(check, role, setting="DATABASE_URL").level is Level.OK


BREAKS = [
    ("alter table videos no force row level security", "alter table videos force row level security", "videos does not force it"),
    ("alter table users disable row level security", "alter table users enable row level security", "users does not force it"),
    (
        "alter table video_snapshots_202602 no force row level security",
        "alter table video_snapshots_202602 force row level security",
        "video_snapshots_202602 does not force it",
    ),
    ("create table loose (n int)", "drop table loose", "loose does not force it, loose has no policy"),
    ("alter policy tenant on videos rename to other", "alter policy other on videos rename to tenant", "videos has no policy"),
]


@pytest.mark.parametrize(("change", "repair", "found"), BREAKS, ids=[found for _, _, found in BREAKS])
def test_a_hole_in_the_walls_is_found(superuser: psycopg.Connection, scratch: Urls, change: str, repair: str, found: str) -> None:
    superuser.execute(change.encode())
    try:
        told = walls(scratch)
    finally:
        superuser.execute(repair.encode())

    assert (told.level, told.found) == (Level.FAIL, found)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("alter role {} superuser", "is a superuser"),
        ("alter role {} bypassrls", "passes row-level security"),
        ("create table mine (n int); alter table mine owner to {}", "owns 1 objects"),
        ("grant whyral_owner to {}", "is a member of whyral_definer, whyral_owner"),
    ],
)
def test_a_role_that_is_too_strong_is_found(superuser: psycopg.Connection, scratch: Urls, stranger: str, change: str, found: str) -> None:
    for statement in change.format(stranger).split("; "):
        superuser.execute(statement.encode())

    seen = doctor.catalogue(scratch.app.replace("whyral_app", stranger)).role

    told = judged.role("app role", seen, setting="DATABASE_URL")
    assert (told.level, told.found) == (Level.FAIL, f"{stranger} {found}")


def test_a_schema_that_is_behind_is_found(superuser: psycopg.Connection, scratch: Urls) -> None:
    current, heads = doctor.revisions(scratch.owner)
    assert current == heads

    superuser.execute("update alembic_version set version_num = '0000'")
    try:
        behind, _ = doctor.revisions(scratch.owner)
    finally:
        superuser.execute("update alembic_version set version_num = %s", heads)

    assert behind == ("0000",)


def test_the_servers_clock_is_compared_with_ours(scratch: Urls) -> None:
    assert abs(doctor.clock_ahead_seconds(scratch.app)) < 5


def test_heartbeats_are_read_by_the_servers_clock(superuser: psycopg.Connection, scratch: Urls) -> None:
    assert doctor.heartbeats(scratch.owner.replace("+psycopg", "+psycopg2")) == {}

    superuser.execute("create table daemon_heartbeats (daemon_type text, body text); grant select on daemon_heartbeats to public")
    superuser.execute(
        "insert into daemon_heartbeats"
        " select kind, json_build_object('timestamp', extract(epoch from clock_timestamp()) - 100, 'errors', errors)"
        """ from (values ('SENSOR', null), ('BACKFILL', '[{"message": "no"}]'::json)) as t (kind, errors)"""
    )
    try:
        found = doctor.heartbeats(scratch.owner.replace("+psycopg", "+psycopg2"))
    finally:
        superuser.execute("drop table daemon_heartbeats")

    assert {name: (round(beat.age_seconds, -1), beat.errors) for name, beat in found.items()} == {"SENSOR": (100, 0), "BACKFILL": (100, 1)}
    assert isinstance(found["SENSOR"], Heartbeat)


def test_looking_changes_nothing(scratch: Urls) -> None:
    with doctor._connected(scratch.owner) as connection, pytest.raises(Exception, match="read-only transaction"):
        connection.exec_driver_sql("delete from videos")


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable, match="database: "):
        doctor.catalogue(f"postgresql+psycopg://whyral_app:x@127.0.0.1:{free_port()}/whyral")


@pytest.mark.parametrize("url", ["postgresql://whyral_app:p@ss/w0rd@db:5432/whyral", "postgresql://whyral_app:s3cret/whyral", "s3cret", ""])
def test_a_url_that_cannot_be_read_is_not_quoted(url: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        doctor.catalogue(url)

    assert str(caught.value) == "database: its URL cannot be read as one"
    assert doctor.scheme_of(url) == ""
    assert doctor.password_of(url) is None
