"""Alerts, the mail outbox and the audit log: each is told once, in the transaction of what it is about."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from domain.masking import masked_value
from store.calls import current_call
from store.ids import new_id
from store.repository import Repository

_RAISE = """
insert into alerts (tenant_id, alert_id, dedupe_key, kind, severity, title, details)
values (:tenant, :id, :dedupe_key, :kind, :severity, :title, cast(:details as jsonb))
on conflict (tenant_id, dedupe_key) where resolved_at is null do nothing"""

_NOTE = """
insert into audit_log (tenant_id, entry_id, actor, impersonator, action, subject, details, request_id, address_seal)
values (:tenant, :id, :actor, :impersonator, :action, :subject, cast(:details as jsonb), :request_id, :seal)"""
_PLACE = "insert into audit_addresses (tenant_id, entry_id, address, salt) values (:tenant, :id, :address, :salt)"


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

    def __init__(self, connection: sa.Connection, tenant_id: UUID, *, impersonator: UUID | None = None) -> None:
        super().__init__(connection, tenant_id)
        self._impersonator = impersonator

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

    def mail_once(self, *, dedupe_key: str, recipient: str, subject: str, body: str, html: str | None = None) -> bool:
        """Put a mail into the outbox, in the transaction of its cause. Returns whether it is new. Sending it: `services.mailing`."""
        done = self._run(
            "insert into outbox (tenant_id, message_id, dedupe_key, recipient, subject, body, html, state)"
            " values (:tenant, :id, :dedupe_key, :recipient, :subject, :body, :html, 'pending')"
            " on conflict (tenant_id, dedupe_key) do nothing",
            id=new_id(), dedupe_key=dedupe_key, recipient=recipient, subject=subject, body=body, html=html,
        )  # fmt: skip
        return done.rowcount == 1

    def note(
        self, action: str, subject: str, *, actor: UUID | None, details: Mapping[str, object] | None = None, request_id: str | None = None
    ) -> None:
        """One line of the audit log, in the transaction of the act. `actor` is a pseudonymous id, never a name or an address.

        Request id, address and impersonator are the call's (`store.calls`). The database chains the line at commit.
        """
        place = Place.of_call()
        words = {
            "id": new_id(), "actor": actor, "impersonator": self._impersonator, "action": action, "subject": subject,
            "details": _json(details), "request_id": request_id or place.request_id,
        }  # fmt: skip
        self._run(_NOTE, **words, seal=place.seal)
        if place.address is not None:
            self._run(_PLACE, id=words["id"], address=place.address, salt=place.salt)

    def note_platform(self, action: str, subject: str, *, actor: UUID | None, details: Mapping[str, object] | None = None) -> None:
        """The same in the chain of the platform, which is no workspace's: what its administrators did.

        Where both chains are written in one transaction, the workspace's comes first: the heads are locked in that order.
        """
        note_platform(self._connection, action, subject, actor=actor, details=details)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the call of a note came from. The seal stays in the entry when the address is gone; without the salt it tells nothing."""

    request_id: str | None = None
    address: str | None = None
    salt: bytes | None = None
    seal: bytes | None = None

    @classmethod
    def of_call(cls) -> "Place":
        call = current_call()
        if call is None or not call.address:
            return cls(request_id=call.request_id if call else None)
        salt = secrets.token_bytes(16)
        return cls(call.request_id, call.address, salt, hashlib.sha256(salt + call.address.encode()).digest())


def note_platform(
    connection: sa.Connection, action: str, subject: str, *, actor: UUID | None, details: Mapping[str, object] | None = None
) -> None:
    """One line in the chain of the platform, by the app or the system role."""
    place = Place.of_call()
    connection.execute(
        sa.text("select app.note_platform(:id, :actor, :action, :subject, cast(:details as jsonb), :request, :seal, :address, :salt)"),
        {
            "id": new_id(), "actor": actor, "action": action, "subject": subject, "details": _json(details),
            "request": place.request_id, "seal": place.seal, "address": place.address, "salt": place.salt,
        },
    )  # fmt: skip


def _json(details: Mapping[str, object] | None) -> str:
    """As JSON; what goes under a secret's name or looks like one is masked: this log is never deleted."""
    return json.dumps(masked_value("", details or {}), default=str)


def raise_alert(connection: sa.Connection, tenant_id: UUID, **words: object) -> bool:
    words["details"] = json.dumps(words["details"], default=str)
    return connection.execute(sa.text(_RAISE), {"tenant": tenant_id, "id": new_id(), **words}).rowcount == 1
