"""The audit log of a workspace, for its owners and admins: a page at a time, or as CSV. Writing it is `store.trust`."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs
from domain.csv_cells import csv_text
from domain.errors import FieldProblem, Unacceptable
from domain.roles import Action
from store.audit import AuditEntry, AuditFilter
from store.database import Database, Entry

MOST_ROWS = 10_000
NewestKind = tuple[datetime, UUID]

ActionParam = Annotated[str | None, QueryParameter(max_length=100, description="only this action, or all of one subject: `channel`")]
ActorParam = Annotated[UUID | None, QueryParameter(description="only what this user did")]
SubjectParam = Annotated[str | None, QueryParameter(max_length=200, description="only what was done to this")]
SinceParam = Annotated[datetime | None, QueryParameter(description="not before this moment")]
UntilParam = Annotated[datetime | None, QueryParameter(description="before this moment")]


class AuditEntryOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what. `actor` null: the system; `impersonator`: an administrator who acted as them; `address` null: no call, or too old."""

    entry_id: UUID
    at: datetime
    actor: UUID | None
    impersonator: UUID | None
    action: str
    subject: str
    details: dict[str, Any]
    address: str | None
    request_id: str | None

    @classmethod
    def of(cls, found: AuditEntry) -> "AuditEntryOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__ if name != "details"}, details=dict(found.details))


class AuditController(Controller):
    """What was done in the workspace."""

    path = "/audit-log"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_audit_log(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        action: ActionParam = None, actor: ActorParam = None, subject: SubjectParam = None, since: SinceParam = None,
        until: UntilParam = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[AuditEntryOut]:  # fmt: skip
        """List what was done, newest first. For owners and admins who logged in."""
        asked = _asked(action, actor, subject, since, until)
        scope = f"audit:{asked}"
        before = cursors.read(cursor, scope, NewestKind) if cursor else None
        with database.begin(entry) as uow:
            needs(uow, Action.READ_AUDIT)
            found = uow.audit.page(asked, limit=limit + 1, before=before)
        return page(found, limit, shape=AuditEntryOut.of, position=lambda each: (each.at, each.entry_id), cursors=cursors, scope=scope)

    @get("/export", sync_to_thread=True, media_type="text/csv")
    def export_audit_log(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], action: ActionParam = None, actor: ActorParam = None,
        subject: SubjectParam = None, since: SinceParam = None, until: UntilParam = None,
    ) -> Response[bytes]:  # fmt: skip
        """The same as CSV, at most 10,000 entries; no cell is a formula. The export is noted in the log itself."""
        with database.begin(entry) as uow:
            needs(uow, Action.READ_AUDIT)
            found = uow.audit.page(_asked(action, actor, subject, since, until), limit=MOST_ROWS + 1)
            if len(found) > MOST_ROWS:
                raise Unacceptable(f"more than {MOST_ROWS} entries match: narrow them down by since and until")
            uow.trust.note("audit_log.exported", str(uow.tenant_id), actor=uow.user_id, details={"entries": len(found)})
        headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"', "Cache-Control": "no-store"}
        columns = AuditEntryOut.__struct_fields__
        return Response(csv_text(columns, map(_row, found)).encode(), media_type="text/csv", headers=headers)


def _asked(action: str | None, actor: UUID | None, subject: str | None, since: datetime | None, until: datetime | None) -> AuditFilter:
    """Checked. Raises Unacceptable for a moment without an offset, which could be half a day off."""
    problems = tuple(
        FieldProblem(name, "say the offset from UTC, such as 2026-11-01T00:00:00Z")
        for name, moment in (("since", since), ("until", until))
        if moment is not None and moment.tzinfo is None
    )
    if problems:
        raise Unacceptable("the time cannot be accepted", problems)
    return AuditFilter(action, actor, subject, since, until)


def _row(found: AuditEntry) -> list[object]:
    shown = AuditEntryOut.of(found)
    words = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return list((words | {"at": found.at.isoformat(), "details": json.dumps(found.details, sort_keys=True)}).values())
