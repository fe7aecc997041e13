"""The audit log, the authentication log and the access log, read by administrators of the platform alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.admin.door import Administering, known_admin
from api.admin.log_shapes import AccessOut, AuditOut, AuthEventOut
from api.pages import CursorParam, Limit, Page
from api.security import BEARER
from domain.admin_logs import AccessFilter, AuditFilter, AuthFilter, check_moments

OfUser = Annotated[UUID | None, QueryParameter(description="only of this user")]
Since = Annotated[datetime | None, QueryParameter(description="not before this moment")]
Until = Annotated[datetime | None, QueryParameter(description="before this moment")]


class AdminLogController(Controller):
    """Who did what, who came in, and what was called."""

    path = "/admin"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/audit-log", sync_to_thread=True)
    def audit_log(
        self,
        admin: NamedDependency[Administering],
        workspace_id: Annotated[UUID | None, QueryParameter(description="only of this workspace; of zeros: the platform's own")] = None,
        action: Annotated[str | None, QueryParameter(description="only `tenant.suspended`, or all of one subject: `tenant`")] = None,
        actor: Annotated[UUID | None, QueryParameter(description="only what this user did")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[AuditOut]:
        """The audit log, newest first."""
        asked = AuditFilter(workspace_id, action, actor)
        scope = f"audit:{asked}"
        before = admin.before(cursor, scope)
        with admin.look("audit_log", tenant_id=workspace_id, action=action, of_actor=actor) as work:
            found = work.audit(asked, before=before, limit=limit + 1)
        return admin.page(found, limit, AuditOut, "happened_at", "entry_id", scope)

    @get("/auth-log", sync_to_thread=True)
    def auth_log(
        self,
        admin: NamedDependency[Administering],
        user_id: OfUser = None,
        kind: Annotated[str | None, QueryParameter(description="only this kind, such as `login`")] = None,
        is_success: Annotated[bool | None, QueryParameter(description="only those that went well, or only those that did not")] = None,
        since: Since = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[AuthEventOut]:
        """The authentication log, newest first."""
        check_moments(since=since)
        asked = AuthFilter(user_id, kind, is_success, since)
        scope = f"auth:{asked}"
        before = admin.before(cursor, scope)
        with admin.look("auth_log", of_user=user_id, kind=kind) as work:
            found = work.auth_log(asked, before=before, limit=limit + 1)
        return admin.page(found, limit, AuthEventOut, "happened_at", "event_id", scope)

    @get("/access-log", sync_to_thread=True)
    def access_log(
        self,
        admin: NamedDependency[Administering],
        workspace_id: Annotated[UUID | None, QueryParameter(description="only calls in this workspace")] = None,
        user_id: OfUser = None,
        key_id: Annotated[UUID | None, QueryParameter(description="only by this API key")] = None,
        method: Annotated[str | None, QueryParameter(description="only of this method, such as `GET`")] = None,
        endpoint: Annotated[str | None, QueryParameter(description="only of this route, such as `/api/v1/videos/{video_id}`")] = None,
        lowest_status: Annotated[int | None, QueryParameter(ge=100, le=599, description="400: only what was refused or failed")] = None,
        address: Annotated[str | None, QueryParameter(description="only from this network address")] = None,
        request_id: Annotated[str | None, QueryParameter(description="only the call with this `X-Request-ID`")] = None,
        since: Since = None,
        until: Until = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[AccessOut]:
        """The access log, newest first: every call that was answered, as long as it is kept. The newest appear within a second."""
        check_moments(since=since, until=until)
        asked = AccessFilter(workspace_id, user_id, key_id, method, endpoint, lowest_status, address, request_id, since, until)
        scope = f"access:{asked}"
        before = admin.before(cursor, scope)
        with admin.look("access_log", tenant_id=workspace_id, of_user=user_id, of_key=key_id, by_address=address is not None) as work:
            found = work.access_log(asked, before=before, limit=limit + 1)
        return admin.page(found, limit, AccessOut, "happened_at", "access_id", scope)
