"""The audit log as a chain: whatever a superuser does to it is found, writers do not wait for one another's work."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.errors import NotFound
from store.audit import PLATFORM, AuditFilter, AuditProof
from store.calls import Call, serve
from store.database import Database
from store.ids import new_id
from store.trust import Trust, note_platform
from tests.conftest import Member, TestUrls
from tests.store.crowds import at_once

PLAIN = ("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def superuser(urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.superuser.replace(*PLAIN), autocommit=True) as connection:
        yield connection


def note(database: Database, tenant_id: UUID, action: str = "key.made", **details: object) -> None:
    with database.begin(tenant_id) as uow:
        uow.trust.note(action, "key 1", actor=None, details=details)


def verify(database: Database, tenant_id: UUID) -> AuditProof:
    with database.begin_system() as system:
        return system.audit.verify(tenant_id)


@pytest.fixture
def chained(database: Database, tenant_id: UUID) -> Iterator[UUID]:
    """Five entries, in three transactions; the third was made by a call."""
    note(database, tenant_id, number=1)
    with database.begin(tenant_id) as uow:
        for number in (2, 3, 4):
            uow.trust.note("key.made", f"key {number}", actor=new_id(), details={"number": number, "text": 'ä "quoted" \\ €'})
    serve(Call("request-0001", "203.0.113.7"))
    note(database, tenant_id, number=5)
    serve(None)
    yield tenant_id
    serve(None)


def test_a_chain_that_nobody_touched_holds(database: Database, chained: UUID) -> None:
    assert verify(database, chained) == AuditProof(chained, 5, None, None, None)


def test_a_workspace_without_entries_holds(database: Database) -> None:
    assert verify(database, new_id()).reason is None


_ENTRY = "entry_id = (select entry_id from audit_chain where tenant_id = %(tenant)s and seq = 3) and tenant_id = %(tenant)s"
TAMPERING = {
    "an action is changed": (f"update audit_log set action = 'nothing' where {_ENTRY}", 3, "the entry or its place was changed"),
    "a time is changed": (f"update audit_log set at = at - interval '1 us' where {_ENTRY}", 3, "the entry or its place was changed"),
    "an actor is changed": (f"update audit_log set actor = null where {_ENTRY}", 3, "the entry or its place was changed"),
    "details are changed": (f"update audit_log set details = '{{}}' where {_ENTRY}", 3, "the entry or its place was changed"),
    "a request id is put in": (f"update audit_log set request_id = 'x' where {_ENTRY}", 3, "the entry or its place was changed"),
    "somebody else did it": (f"update audit_log set impersonator = tenant_id where {_ENTRY}", 3, "the entry or its place was changed"),
    "an entry is deleted": (f"delete from audit_log where {_ENTRY}", 3, "the entry was deleted"),
    "an entry and its link are deleted": (
        f"with gone as (delete from audit_chain where tenant_id = %(tenant)s and seq = 3 returning entry_id)"
        f" delete from audit_log where {_ENTRY}", 3, "a link of the chain is missing",
    ),
    "two entries change places": (
        "update audit_chain c set entry_id = o.entry_id from audit_chain o"
        " where c.tenant_id = %(tenant)s and o.tenant_id = %(tenant)s and (c.seq, o.seq) in ((2, 3), (3, 2))",
        2, "the entry or its place was changed",
    ),
    "the end is cut off": (
        "with gone as (delete from audit_chain where tenant_id = %(tenant)s and seq = 5 returning entry_id)"
        " delete from audit_log l using gone where l.tenant_id = %(tenant)s and l.entry_id = gone.entry_id",
        5, "the end of the chain was cut off or changed",
    ),
    "the head is moved": ("update audit_heads set seq = 4 where tenant_id = %(tenant)s", 6, "the end of the chain was cut off or changed"),
    "the head is deleted": ("delete from audit_heads where tenant_id = %(tenant)s", 6, "the end of the chain was cut off or changed"),
    "an address is changed": (
        "update audit_addresses set address = '198.51.100.1' where tenant_id = %(tenant)s", 5, "the address was changed",
    ),
    "an entry is put in": (
        "insert into audit_log (tenant_id, entry_id, action, subject)"
        " values (%(tenant)s, '01931c00-0000-7000-8000-000000000001', 'key.made', 'x')",
        6, "the entry stands outside of the chain",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_what_a_superuser_does_to_it_is_found(database: Database, superuser: psycopg.Connection[Any], chained: UUID, name: str) -> None:
    statement, place, reason = TAMPERING[name]
    superuser.execute("set session_replication_role = replica")
    if name == "two entries change places":
        superuser.execute("drop index uq_audit_chain_entry")
    try:
        done = superuser.execute(statement, {"tenant": chained})
        found = verify(database, chained)
    finally:
        superuser.execute("delete from audit_addresses where tenant_id = %s", (chained,))
        superuser.execute("delete from audit_chain where tenant_id = %s", (chained,))
        superuser.execute("create unique index if not exists uq_audit_chain_entry on audit_chain (tenant_id, entry_id)")

    assert done.rowcount > 0
    assert (found.broken_seq, found.reason) == (place, reason)


def test_an_address_that_went_leaves_the_chain_whole(database: Database, superuser: psycopg.Connection[Any], chained: UUID) -> None:
    superuser.execute("delete from audit_addresses where tenant_id = %s", (chained,))

    with database.begin(chained) as uow:
        newest = uow.audit.page(AuditFilter(), limit=1)[0]
    assert (newest.address, newest.request_id) == (None, "request-0001")
    assert verify(database, chained).reason is None


def test_an_entry_that_was_rolled_back_leaves_no_gap(database: Database, chained: UUID) -> None:
    with pytest.raises(NotFound), database.begin(chained) as uow:
        note_and_fail(uow.trust)
    note(database, chained)

    assert verify(database, chained) == AuditProof(chained, 6, None, None, None)


def note_and_fail(trust: Trust) -> None:
    trust.note("never", "x", actor=None)
    trust.resolve(new_id())


def note_ten(database: Database, tenant_id: UUID) -> None:
    for _ in range(10):
        note(database, tenant_id)


def test_many_writers_of_one_workspace_make_one_chain(database: Database, tenant_id: UUID) -> None:
    at_once(8, lambda number: note_ten(database, tenant_id))

    assert verify(database, tenant_id) == AuditProof(tenant_id, 80, None, None, None)


def test_no_writer_waits_for_the_work_of_another(database: Database, tenant_id: UUID) -> None:
    note(database, tenant_id)
    ended = threading.Event()

    def write() -> None:
        note(database, tenant_id)
        ended.set()

    with database.begin(tenant_id) as uow:
        uow.trust.note("slow", "x", actor=None)
        other = threading.Thread(target=write)
        other.start()
        assert ended.wait(10)
    other.join()

    assert verify(database, tenant_id).entries == 3


def test_the_platform_has_a_chain_of_its_own(database: Database, member: Member) -> None:
    before = verify(database, PLATFORM).entries

    with database.begin(member.tenant_id) as uow:
        uow.trust.note("user.deactivated", "x", actor=member.user_id)
        uow.trust.note_platform("user.deactivated", "x", actor=member.user_id)
    with database.begin_system() as system:
        note_platform(system.connection, "tenant.suspended", "y", actor=None)

    proof = verify(database, PLATFORM)
    assert (proof.entries, proof.reason) == (before + 2, None)
    with database.begin(member.tenant_id) as uow:
        assert [each.action for each in uow.audit.page(AuditFilter(), limit=10)] == ["user.deactivated"]


def test_a_note_says_where_its_call_came_from(database: Database, member: Member, chained: UUID) -> None:
    with database.begin(chained) as uow:
        newest, older = uow.audit.page(AuditFilter(), limit=2)

    assert (newest.request_id, newest.address) == ("request-0001", "203.0.113.7")
    assert (older.request_id, older.address) == (None, None)


def test_the_log_is_read_by_what_is_asked(database: Database, tenant_id: UUID) -> None:
    actor = new_id()
    for action in ("channel.made", "channel.archived", "channels.x", "key.made"):
        note(database, tenant_id, action)
    with database.begin(tenant_id) as uow:
        uow.trust.note("key.made", "key 2", actor=actor)

    def actions(asked: AuditFilter) -> list[str]:
        with database.begin(tenant_id) as uow:
            return [each.action for each in uow.audit.page(asked, limit=10)]

    assert actions(AuditFilter(action="channel")) == ["channel.archived", "channel.made"]
    assert actions(AuditFilter(action="key.made")) == ["key.made", "key.made"]
    assert actions(AuditFilter(actor=actor)) == actions(AuditFilter(subject="key 2")) == ["key.made"]


def test_nobody_but_the_system_verifies(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(Exception, match="permission denied"), database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("select * from app.verify_audit(%s)", (tenant_id,))
