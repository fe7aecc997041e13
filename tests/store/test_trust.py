"""Alerts, mails and the audit log: told once, and what is noted stays."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import NotFound
from store.database import Database
from store.ids import new_id
from store.trust import Trust
from tests.conftest import Member
from tests.store.crowds import at_once


def raise_once(database: Database, tenant_id: UUID, dedupe_key: str = "disk") -> bool:
    with database.begin(tenant_id) as uow:
        return uow.trust.raise_once(
            dedupe_key=dedupe_key, kind="disk_full", severity="critical", title="The disk is full", details={"free": 0}
        )


def mail_once(database: Database, tenant_id: UUID, dedupe_key: str = "welcome") -> bool:
    with database.begin(tenant_id) as uow:
        return uow.trust.mail_once(dedupe_key=dedupe_key, recipient="a@example.org", subject="Welcome", body="Hello")


def test_an_alert_is_raised_once_while_it_is_open(database: Database, tenant_id: UUID) -> None:
    answers = [raise_once(database, tenant_id), raise_once(database, tenant_id), raise_once(database, tenant_id, "other")]

    with database.begin(tenant_id) as uow:
        assert answers == [True, False, True]
        assert [alert.dedupe_key for alert in uow.trust.alerts()] == ["other", "disk"]


def test_of_many_that_raise_it_at_once_one_is_first(database: Database, tenant_id: UUID) -> None:
    answers = at_once(10, lambda number: raise_once(database, tenant_id))

    assert sorted(map(str, answers)) == ["False"] * 9 + ["True"]


def test_a_resolved_alert_may_be_raised_again(database: Database, tenant_id: UUID) -> None:
    raise_once(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.trust.resolve(uow.trust.alerts()[0].alert_id)

    answers = raise_once(database, tenant_id), raise_once(database, tenant_id)

    with database.begin(tenant_id) as uow:
        assert answers == (True, False)
        assert [alert.resolved_at is None for alert in uow.trust.alerts()] == [True, False]


def test_an_alert_is_resolved_once(database: Database, tenant_id: UUID) -> None:
    raise_once(database, tenant_id)
    with database.begin(tenant_id) as uow:
        alert = uow.trust.alerts()[0]
        uow.trust.resolve(alert.alert_id)

    with pytest.raises(NotFound), database.begin(tenant_id) as uow:
        uow.trust.resolve(alert.alert_id)


def test_another_tenants_alert_cannot_be_seen_or_resolved(database: Database, member: Member, other: Member) -> None:
    raise_once(database, other.tenant_id)
    with database.begin(other.tenant_id) as uow:
        alert = uow.trust.alerts()[0]

    with database.begin(member.tenant_id) as uow:
        assert uow.trust.alerts() == []
        with pytest.raises(NotFound):
            uow.trust.resolve(alert.alert_id)


def test_the_system_tells_one_tenant_once(database: Database, member: Member, other: Member) -> None:
    words = {"dedupe_key": "lost", "kind": "request_failed", "severity": "warning", "title": "Lost", "details": {}}

    with database.begin_system() as system:
        answers = [system.raise_alert(member.tenant_id, **words), system.raise_alert(member.tenant_id, **words)]

    assert answers == [True, False]
    with database.begin(other.tenant_id) as uow:
        assert uow.trust.alerts() == []


def test_a_mail_is_put_out_once(database: Database, tenant_id: UUID) -> None:
    answers = at_once(6, lambda number: mail_once(database, tenant_id))

    with database.begin(tenant_id) as uow:
        states = list(uow.connection.execute(sa.text("select state from outbox")).scalars())
    assert (sorted(map(str, answers)), states) == (["False"] * 5 + ["True"], ["pending"])


def test_a_mail_is_put_out_only_with_its_cause(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(NotFound), database.begin(tenant_id) as uow:
        mail_and_fail(uow.trust)

    assert mail_once(database, tenant_id) is True


def mail_and_fail(trust: Trust) -> None:
    trust.mail_once(dedupe_key="welcome", recipient="a@example.org", subject="Welcome", body="Hello")
    trust.resolve(new_id())


def test_what_is_noted_can_be_read_by_its_tenant_only(database: Database, member: Member, other: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.trust.note("key.created", "key 1", actor=member.user_id, details={"scopes": ["read"]}, request_id="r-1")
        uow.trust.note("key.used", "key 1", actor=None)

    read = sa.text("select action, subject, actor, details, request_id from audit_log order by entry_id")
    with database.begin(member.tenant_id) as uow:
        rows = [tuple(row) for row in uow.connection.execute(read)]
    with database.begin(other.tenant_id) as uow:
        others = uow.connection.execute(read).all()

    assert rows == [("key.created", "key 1", member.user_id, {"scopes": ["read"]}, "r-1"), ("key.used", "key 1", None, {}, None)]
    assert others == []


@pytest.mark.parametrize("change", ["update audit_log set action = 'nothing'", "delete from audit_log", "truncate audit_log"])
def test_what_is_noted_stays(database: Database, member: Member, change: str) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.trust.note("key.created", "key 1", actor=member.user_id)

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text(change))
