"""Once a day: what is past its day goes, and the heads of the chains are kept where a change of the database does not reach."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest

from assets.logs import audit_chains_hold, logs_are_in_time, out_audit__heads, out_logs__kept
from domain.retention import LogsKept
from gateways.files.store import LocalFiles
from services import logs
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, TestUrls, make_member, make_urls

PLAIN = ("postgresql+psycopg://", "postgresql://")


@pytest.fixture(scope="module")
def own_urls(superuser_url: str) -> TestUrls:
    return make_urls(superuser_url, f"logs_{new_id().hex}")


@pytest.fixture
def database(own_urls: TestUrls) -> Iterator[Database]:
    made = Database(own_urls.app, system_url=own_urls.system)
    yield made
    made.close()


@pytest.fixture
def superuser(own_urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(own_urls.superuser.replace(*PLAIN), autocommit=True) as connection:
        connection.execute("delete from audit_exports; delete from audit_chain; delete from audit_addresses; delete from audit_log")
        connection.execute("delete from audit_heads; delete from access_log; delete from auth_events")
        yield connection


@pytest.fixture
def member(database: Database, superuser: psycopg.Connection[Any]) -> Member:
    made = make_member(database)
    with database.begin(made.tenant_id) as uow:
        for number in range(3):
            uow.trust.note("key.made", f"key {number}", actor=made.user_id)
    return made


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def run(database: Database, files: LocalFiles) -> dict[str, bool]:
    """The job of a day; which checks passed."""
    resources = {"database": database, "logs_kept": LogsKept(), "kept_files": files}
    done = dg.materialize([out_logs__kept, out_audit__heads, logs_are_in_time, audit_chains_hold], resources=resources)
    return {each.check_name: each.passed for each in done.get_asset_check_evaluations()}


def test_a_day_passes_and_its_heads_are_in_the_file_store(database: Database, files: LocalFiles, member: Member) -> None:
    assert run(database, files) == {"logs_are_in_time": True, "audit_chains_hold": True}

    with database.begin_system() as system:
        (export,) = system.audit.exports()
        heads = system.audit.heads()
    assert logs.read_heads(files, export) == heads
    assert [(head.tenant_id, head.seq) for head in heads] == [(member.tenant_id, 3)]


def test_a_chain_that_was_written_anew_does_not_extend_yesterdays_head(
    database: Database, files: LocalFiles, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    logs.export_heads(database, files, now=datetime.now(UTC) - timedelta(days=1))
    superuser.execute("delete from audit_chain; delete from audit_heads; delete from audit_log")
    with database.begin(member.tenant_id) as uow:
        for _ in range(4):
            uow.trust.note("nothing.done", "x", actor=None)

    assert logs.verify(database, [member.tenant_id])[0].reason is None
    assert run(database, files)["audit_chains_hold"] is False


@pytest.mark.parametrize("statement", ["delete from audit_log", "delete from audit_chain", "delete from audit_heads"])
def test_a_chain_that_does_not_hold_fails_the_check(
    database: Database, files: LocalFiles, member: Member, superuser: psycopg.Connection[Any], statement: str
) -> None:
    superuser.execute(statement)

    assert run(database, files)["audit_chains_hold"] is False


def test_an_export_that_is_gone_or_changed_fails_the_check(database: Database, files: LocalFiles, member: Member) -> None:
    made = logs.export_heads(database, files, now=datetime.now(UTC) - timedelta(days=1))
    files.path(made.file_key).write_bytes(b'{"heads": []}')
    changed = run(database, files)["audit_chains_hold"]
    files.delete(made.file_key)

    assert (changed, logs.broken(database, files) != []) == (False, True)


def put_old_lines(superuser: psycopg.Connection[Any], member: Member) -> None:
    for age in (31, 29):
        superuser.execute(
            "insert into access_log (access_id, at, method, endpoint, status, response_ms)"
            " values (%s, clock_timestamp() - %s * interval '1 day', 'GET', '/x', 200, 1)", (new_id(), age),
        )  # fmt: skip
    for age in (91, 89):
        superuser.execute(
            "insert into auth_events (event_id, at, kind, is_success) values (%s, clock_timestamp() - %s * interval '1d', 'login', true)",
            (new_id(), age),
        )
    superuser.execute(
        "insert into audit_addresses (tenant_id, entry_id, at, address, salt)"
        " select tenant_id, entry_id, clock_timestamp() - interval '92 days', '203.0.113.7', '' from audit_log"
    )


def test_what_is_past_its_day_goes_batch_by_batch_and_the_rest_stays(
    database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    put_old_lines(superuser, member)

    before = logs.overdue(database, LogsKept(), now=datetime.now(UTC) + timedelta(days=1))
    done = logs.prune(database, LogsKept(), now=datetime.now(UTC), batch=1).pruned

    left = [superuser.execute(f"select count(*) from {name}").fetchone() for name in ("access_log", "auth_events", "audit_addresses")]
    assert (before, done.access, done.auth, done.addresses) == (5, 1, 1, 3)
    assert left == [(1,), (1,), (0,)]


def test_lines_that_are_overdue_fail_the_check(database: Database, member: Member, superuser: psycopg.Connection[Any]) -> None:
    put_old_lines(superuser, member)

    found = logs_are_in_time(database=database, logs_kept=LogsKept(access=timedelta(days=20)))

    assert isinstance(found, dg.AssetCheckResult)
    assert not found.passed
