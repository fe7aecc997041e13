"""A call under an `Idempotency-Key` whose effects can be counted: each leaves one line in the audit log, which never loses one."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from domain.errors import Conflict, SourceUnavailable
from store.database import Database
from store.idempotency import StoredAnswer
from store.ids import new_id
from store.work import UnitOfWork
from tests.trust.patience import patiently

ROUTE, BODY = "POST /clips", "body"
Between = Callable[[UnitOfWork], None]


def nothing(_: UnitOfWork) -> None:
    pass


def call(
    database: Database, tenant_id: UUID, key: str, *, body: str = BODY, inside: Between = nothing, behind: Between = nothing
) -> StoredAnswer:
    """One call, as a handler makes it. `inside` runs after the effect, `behind` after its answer was kept, both before the commit."""

    def effect(uow: UnitOfWork) -> StoredAnswer:
        uow.trust.note("called", key, actor=None)
        inside(uow)
        return StoredAnswer(202, f'{{"id": "{new_id()}"}}', {"location": "/x"})

    with database.begin(tenant_id) as uow:
        answer = uow.idempotency.once(key, route=ROUTE, fingerprint=body, effect=lambda: effect(uow))
        behind(uow)
    return answer


def insist(database: Database, tenant_id: UUID, key: str, *, body: str = BODY) -> StoredAnswer:
    """As an honest client does: while the first call runs (409), and where the server is away for a moment (503), ask again."""
    return patiently(lambda: call(database, tenant_id, key, body=body), Conflict, SourceUnavailable)


def effects(database: Database, tenant_id: UUID) -> Counter[str]:
    """How often each key had its effect."""
    with database.begin(tenant_id) as uow:
        rows = uow.connection.execute(sa.text("select subject, count(*) as times from audit_log where action = 'called' group by 1"))
        return Counter({row.subject: row.times for row in rows})


def a_day_later(database: Database, tenant_id: UUID, key: str) -> None:
    """The clock of this key goes on by a day and a second."""
    with database.begin(tenant_id) as uow:
        moved = "update idempotency_keys set expires_at = expires_at - interval '1 day 1 second' where tenant_id = :tenant and key = :key"
        uow.connection.execute(sa.text(moved), {"tenant": tenant_id, "key": key})


def break_line(uow: UnitOfWork) -> None:
    """The server ends this connection, as when the client's process or the net between them dies. Raises where it happens."""
    uow.connection.exec_driver_sql("select pg_terminate_backend(pg_backend_pid())")
