"""The audit log and the authentication log, read by administrators of the platform alone."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.admin.door import Administering, known_admin
from api.admin.shapes import AuditOut, AuthEventOut
from api.pages import CursorParam, Limit, Page
from api.security import BEARER


class AdminLogController(Controller):
    """Who did what, and who came in."""

    path = "/admin"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/audit-log", sync_to_thread=True)
    def audit_log(
        self,
        admin: NamedDependency[Administering],
        workspace_id: Annotated[UUID | None, QueryParameter(description="only of this workspace; of zeros: the platform's own")] = None,
        action: Annotated[str | None, QueryParameter(description="only this action, such as `tenant.suspended`")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[AuditOut]:
        """The audit log, newest first."""
        scope = f"audit:{workspace_id}:{action}"
        before = admin.before(cursor, scope)
        with admin.begin() as work:
            found = work.audit(of_tenant=workspace_id, action=action, before=before, limit=limit + 1)
        return admin.page(found, limit, AuditOut, "happened_at", "entry_id", scope)

    @get("/auth-log", sync_to_thread=True)
    def auth_log(
        self,
        admin: NamedDependency[Administering],
        user_id: Annotated[UUID | None, QueryParameter(description="only of this user")] = None,
        kind: Annotated[str | None, QueryParameter(description="only this kind, such as `login`")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[AuthEventOut]:
        """The authentication log, newest first."""
        scope = f"auth:{user_id}:{kind}"
        before = admin.before(cursor, scope)
        with admin.begin() as work:
            found = work.auth_log(of_user=user_id, kind=kind, before=before, limit=limit + 1)
        return admin.page(found, limit, AuthEventOut, "happened_at", "event_id", scope)
