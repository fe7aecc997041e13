"""Alerts, the mail outbox and the audit log: each is told once, in the transaction of what it is about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from store.calls import CALL_ID
from store.ids import new_id
from store.repository import Repository

_RAISE = """
insert into alerts (tenant_id, alert_id, dedupe_key, kind, severity, title, details)
values (:tenant, :id, :dedupe_key, :kind, :severity, :title, cast(:details as jsonb))
on conflict (tenant_id, dedupe_key) where resolved_at is null do nothing"""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a person should know. Open until it is resolved."""

    alert_id: UUID
    dedupe_key: str
    kind: str
    severity: str
    title: str
    details: Mapping[str, object]
    created_at: datetime
    resolved_at: datetime | None


class Trust(Repository):
    """One tenant's alerts, mails and audit trail."""

    def raise_once(self, *, dedupe_key: str, kind: str, severity: str, title: str, details: Mapping[str, object]) -> bool:
        """Raise an alert unless the same one is open. Returns whether it is new."""
        return raise_alert(
            self._connection, self._tenant_id, dedupe_key=dedupe_key, kind=kind, severity=severity, title=title, details=details
        )

    def resolve(self, alert_id: UUID) -> None:
        done = self._run(
            "update alerts set resolved_at = clock_timestamp() where tenant_id = :tenant and alert_id = :id and resolved_at is null",
            id=alert_id,
        )
        if done.rowcount == 0:
            raise NotFound("open alert", alert_id)

    def settle(self, dedupe_key: str) -> bool:
        """What the alert told of is over. Returns whether it was open."""
        done = self._run(
            "update alerts set resolved_at = clock_timestamp() where tenant_id = :tenant and dedupe_key = :key and resolved_at is null",
            key=dedupe_key,
        )
        return done.rowcount == 1

    def alerts(self, *, limit: int = 100) -> list[Alert]:
        rows = self._run(
            "select alert_id, dedupe_key, kind, severity, title, details, created_at, resolved_at from alerts"
            " where tenant_id = :tenant order by created_at desc, alert_id desc limit :limit",
            limit=limit,
        )
        return [Alert(**row._mapping) for row in rows]

    def mail_once(self, *, dedupe_key: str, recipient: str, subject: str, body: str) -> bool:
        """Put a mail into the outbox, in the transaction of its cause. Returns whether it is new."""
        done = self._run(
            "insert into outbox (tenant_id, message_id, dedupe_key, recipient, subject, body, state)"
            " values (:tenant, :id, :dedupe_key, :recipient, :subject, :body, 'pending') on conflict (tenant_id, dedupe_key) do nothing",
            id=new_id(), dedupe_key=dedupe_key, recipient=recipient, subject=subject, body=body,
        )  # fmt: skip
        return done.rowcount == 1

    def note(
        self, action: str, subject: str, *, actor: UUID | None, details: Mapping[str, object] | None = None, request_id: str | None = None
    ) -> None:
        """One line of the audit log, in the transaction of the act. `actor` is a pseudonymous id, never a name or an address.

        `request_id` is the call's that is being answered, unless another is named.
        """
        self._run(
            "insert into audit_log (tenant_id, entry_id, actor, action, subject, details, request_id)"
            " values (:tenant, :id, :actor, :action, :subject, cast(:details as jsonb), :request_id)",
            id=new_id(), actor=actor, action=action, subject=subject, details=json.dumps(details or {}, default=str),
            request_id=request_id or CALL_ID.get(),
        )  # fmt: skip


def raise_alert(connection: sa.Connection, tenant_id: UUID, **words: object) -> bool:
    words["details"] = json.dumps(words["details"], default=str)
    return connection.execute(sa.text(_RAISE), {"tenant": tenant_id, "id": new_id(), **words}).rowcount == 1
