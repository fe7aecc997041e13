"""A transaction of an administrator of the platform: lists across workspaces, each from a function that asks who is asking.

What is done to one workspace is done within it, by the ordinary unit of work (`within`), behind the same walls as a member's.
Opening is `store.database.Database.begin_admin`.
"""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from domain.admin import (
    AdminMember,
    AdminSession,
    AdminTenant,
    AdminUser,
    Count,
    DeadLetter,
    Feedback,
    Impersonation,
    QuotaUse,
    Switch,
)
from domain.admin_logs import Access, AccessFilter, AuditEntry, AuditFilter, AuthEvent, AuthFilter
from domain.errors import NotFound
from store.admin_money import MoneyLists
from store.trust import note_platform
from store.work import UnitOfWork

Made = TypeVar("Made")
# A page begins after this position: the moment and the id of the last item of the page before.
Before = tuple[datetime, UUID] | None


class AdminLists(MoneyLists):
    """Reads across workspaces, newest first; `limit` is at most 101."""

    def users(self, *, wanted: str | None = None, only: UUID | None = None, before: Before = None, limit: int) -> list[AdminUser]:
        return self._all(AdminUser, "admin_users", wanted, only, *(before or (None, None)), limit)

    def user(self, user_id: UUID) -> AdminUser:
        return _one(self.users(only=user_id, limit=1), "user", user_id)

    def members(self, *, of_user: UUID | None = None, of_tenant: UUID | None = None) -> list[AdminMember]:
        """At most 1000, oldest first."""
        return self._all(AdminMember, "admin_members", of_user, of_tenant)

    def sessions(self, user_id: UUID) -> list[AdminSession]:
        """The newest 100."""
        return self._all(AdminSession, "admin_sessions", user_id)

    def tenants(self, *, wanted: str | None = None, only: UUID | None = None, before: Before = None, limit: int) -> list[AdminTenant]:
        return self._all(AdminTenant, "admin_tenants", wanted, only, *(before or (None, None)), limit)

    def tenant(self, tenant_id: UUID) -> AdminTenant:
        return _one(self.tenants(only=tenant_id, limit=1), "workspace", tenant_id)

    def audit(self, asked: AuditFilter, *, before: Before = None, limit: int) -> list[AuditEntry]:
        return self._all(AuditEntry, "admin_audit", *astuple(asked), *(before or (None, None)), limit)

    def auth_log(self, asked: AuthFilter, *, before: Before = None, limit: int) -> list[AuthEvent]:
        """Without the hashes of addresses of mail."""
        return self._all(AuthEvent, "admin_auth_log", *astuple(asked), *(before or (None, None)), limit)

    def access_log(self, asked: AccessFilter, *, before: Before = None, limit: int) -> list[Access]:
        return self._all(Access, "admin_access_log", *astuple(asked), *(before or (None, None)), limit)

    def dead_letters(self, *, kind: str | None, before: tuple[datetime, str] | None, limit: int) -> list[DeadLetter]:
        return self._all(DeadLetter, "admin_dead_letters", kind, *(before or (None, None)), limit)

    def feedback(self, *, is_open: bool | None, before: Before, limit: int) -> list[Feedback]:
        return self._all(Feedback, "admin_feedback", is_open, *(before or (None, None)), limit)

    def impersonations(self, *, only: UUID | None = None, before: Before = None, limit: int) -> list[Impersonation]:
        return self._all(Impersonation, "admin_impersonations", only, *(before or (None, None)), limit)

    def switches(self) -> list[Switch]:
        return self._all(Switch, "admin_switches")

    def quotas(self) -> list[QuotaUse]:
        return self._all(QuotaUse, "admin_quotas")

    def counts(self) -> list[Count]:
        return self._all(Count, "admin_counts")

    def database_facts(self) -> tuple[str, int]:
        """The server's version, and the bytes of the database."""
        row = self.connection.exec_driver_sql("select current_setting('server_version'), pg_database_size(current_database())").one()
        return row[0], row[1]


class AdminWork(AdminLists):
    """The lists, and what an administrator does. Every act is noted, with what was before and what is after."""

    def __init__(self, connection: sa.Connection, user_id: UUID, session_id: UUID) -> None:
        super().__init__(connection)
        self.user_id, self.session_id = user_id, session_id

    def within(self, tenant_id: UUID) -> UnitOfWork:
        """The rest of this transaction is of that workspace, as far as its tables go. Raises NotFound."""
        self.tenant(tenant_id)
        self._enter(tenant_id)
        return UnitOfWork(self.connection, tenant_id, user_id=self.user_id)

    def set_active(self, user_id: UUID, *, is_active: bool) -> bool:
        """Returns whether the user was active before. Raises NotFound."""
        was: bool | None = self._scalar("admin_set_active", user_id, is_active)
        if was is None:
            raise NotFound("user", user_id)
        return was

    def end_sessions(self, user_id: UUID, reason: str) -> int:
        return int(self._scalar("admin_end_sessions", user_id, reason))

    def put_switch(self, name: str, description: str, *, is_on: bool) -> bool | None:
        """Returns what its default was; None for a new one."""
        was: bool | None = self._scalar("admin_put_switch", name, description, is_on)
        return was

    def impersonate(self, session_id: UUID, *, user_id: UUID, tenant_id: UUID, reason: str, life: timedelta) -> str:
        """Open a session in a member's name. Returns `opened`, or why not: `missing`, `admin`, `inactive`."""
        return str(self._scalar("admin_impersonate", session_id, user_id, tenant_id, reason, life))

    def note(  # noqa: PLR0913 - what an entry says
        self, action: str, subject: str, *, tenant_id: UUID | None = None, before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None, reason: str | None = None, request_id: str | None = None,
    ) -> None:  # fmt: skip
        """One line of the platform's audit log, and the same in the log of the workspace that it is about."""
        details = {"before": before, "after": after, "reason": reason}
        self._told(action, subject, tenant_id, details, request_id)

    def note_look(self, what: str, subject: str, *, tenant_id: UUID | None, asked: Mapping[str, object], request_id: str | None) -> None:
        """The same of a read: `what` was read, `asked` how it was narrowed down. The words of a search are somebody's name: they are not in it."""
        known = tenant_id if tenant_id is not None and self.tenants(only=tenant_id, limit=1) else None
        self._told("admin.read", subject, known, {"what": what, "asked": asked}, request_id)

    def _told(self, action: str, subject: str, tenant_id: UUID | None, words: Mapping[str, object], request_id: str | None) -> None:
        """The workspace's line first: the heads of chains are locked in that order."""
        details = {**words, "by_platform_admin": True}
        if tenant_id is not None:
            details["tenant_id"] = str(tenant_id)
            self._enter(tenant_id)
            UnitOfWork(self.connection, tenant_id).trust.note(action, subject, actor=self.user_id, details=details, request_id=request_id)
        note_platform(self.connection, action, subject, actor=self.user_id, details=details)

    def _enter(self, tenant_id: UUID) -> None:
        self.connection.exec_driver_sql("select set_config('app.tenant', %s, true)", (str(tenant_id),))


def _one(found: list[Made], subject: str, key: UUID) -> Made:
    if not found:
        raise NotFound(subject, key)
    return found[0]
