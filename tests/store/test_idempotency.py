"""Idempotency keys: one effect and one answer per key, whatever happens in between."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import Conflict, NotFound, Unacceptable
from store.database import Database
from store.idempotency import StoredAnswer
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import Member


def call(uow: UnitOfWork, key: str | None, *, fingerprint: str = "body", route: str = "POST /imports") -> StoredAnswer:
    """An effect that leaves a trace: one line of the audit log per run."""

    def effect() -> StoredAnswer:
        uow.trust.note("called", "x", actor=None)
        return StoredAnswer(202, f'{{"id": "{new_id()}"}}', {"location": "/x"})

    return uow.idempotency.once(key, route=route, fingerprint=fingerprint, effect=effect)


def ask(
    database: Database, tenant_id: UUID, key: str | None = "key", *, fingerprint: str = "body", route: str = "POST /imports"
) -> StoredAnswer:
    with database.begin(tenant_id) as uow:
        return call(uow, key, fingerprint=fingerprint, route=route)


def effects(database: Database, tenant_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        return int(uow.connection.execute(sa.text("select count(*) from audit_log")).scalar_one())


def test_the_same_call_gets_the_stored_answer(database: Database, tenant_id: UUID) -> None:
    first, second = ask(database, tenant_id), ask(database, tenant_id)

    assert (first.is_replay, second.is_replay) == (False, True)
    assert (second.status, second.body, second.headers) == (first.status, first.body, first.headers)
    assert effects(database, tenant_id) == 1


def test_calls_without_a_key_are_calls_each(database: Database, tenant_id: UUID) -> None:
    ask(database, tenant_id, None)
    ask(database, tenant_id, None)

    assert effects(database, tenant_id) == 2


@pytest.mark.parametrize(("fingerprint", "route"), [("another body", "POST /imports"), ("body", "POST /requests")])
def test_another_call_cannot_use_the_key(database: Database, tenant_id: UUID, fingerprint: str, route: str) -> None:
    ask(database, tenant_id)

    with pytest.raises(Unacceptable) as refusal:
        ask(database, tenant_id, fingerprint=fingerprint, route=route)

    assert [each.pointer for each in refusal.value.problems] == ["Idempotency-Key"]
    assert effects(database, tenant_id) == 1


def test_while_a_call_runs_its_key_is_taken(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as first:
        call(first, "key")
        with pytest.raises(Conflict):
            ask(database, tenant_id)

    assert ask(database, tenant_id).is_replay
    assert effects(database, tenant_id) == 1


def test_a_call_that_failed_stored_nothing(database: Database, tenant_id: UUID) -> None:
    with suppress(NotFound), database.begin(tenant_id) as uow:
        call(uow, "key")
        uow.requests.get(new_id())

    assert not ask(database, tenant_id).is_replay
    assert effects(database, tenant_id) == 1


def test_keys_belong_to_their_tenant(database: Database, member: Member, other: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        call(uow, "key")
        theirs = ask(database, other.tenant_id)

    assert not theirs.is_replay


def test_after_a_day_a_key_is_free_again(database: Database, tenant_id: UUID) -> None:
    ask(database, tenant_id)
    with database.begin(tenant_id) as uow:
        kept = uow.connection.execute(sa.text("select expires_at - created_at from idempotency_keys")).scalar_one()
        uow.connection.execute(sa.text("update idempotency_keys set expires_at = clock_timestamp() - interval '1 second'"))

    again = ask(database, tenant_id, fingerprint="another body")

    assert (again.is_replay, abs(kept - timedelta(days=1)) < timedelta(minutes=1)) == (False, True)


def test_the_system_forgets_expired_keys_only(database: Database, member: Member, other: Member) -> None:
    ask(database, member.tenant_id)
    ask(database, other.tenant_id)
    with database.begin(other.tenant_id) as uow:
        uow.connection.execute(sa.text("update idempotency_keys set expires_at = clock_timestamp() - interval '1 second'"))

    with database.begin_system() as system:
        forgotten = system.requests.forget_expired()

    assert forgotten >= 1
    assert (ask(database, member.tenant_id).is_replay, ask(database, other.tenant_id).is_replay) == (True, False)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(database: Database, tenant_id: UUID, key: str) -> None:
    with pytest.raises(Unacceptable):
        ask(database, tenant_id, key)

    assert effects(database, tenant_id) == 0
