"""Acting as a member, for half an hour and with a reason. What may be done so is in `domain.impersonation`."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.bodies import ImpersonationIn
from api.admin.door import Administering, known_admin, told
from api.admin.shapes import BegunOut, ImpersonationOut
from api.pages import CursorParam, Limit, Page
from api.security import BEARER
from domain.errors import NotFound
from domain.impersonation import LIFE
from gateways.credentials import Tokens
from services import administering


class ImpersonationController(Controller):
    """Who acts as whom."""

    path = "/admin/impersonations"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_impersonations(
        self, admin: NamedDependency[Administering], cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[ImpersonationOut]:
        """List impersonations, newest first, ended ones too."""
        before = admin.before(cursor, "impersonations")
        with admin.look("impersonations") as work:
            found = work.impersonations(before=before, limit=limit + 1)
        return admin.page(found, limit, ImpersonationOut, "created_at", "session_id", "impersonations")

    @post("/", sync_to_thread=True, status_code=201)
    def begin(
        self, data: JSONBody[ImpersonationIn], admin: NamedDependency[Administering], tokens: NamedDependency[Tokens]
    ) -> Response[BegunOut]:
        """Act as a member: a token for 30 minutes, whose every call is in the audit log. The owner is told."""
        with admin.begin() as work:
            user_id = data.user_id or work.tenant(data.workspace_id).owner_id
            if user_id is None:
                raise NotFound("owner of workspace", data.workspace_id)
            made = administering.impersonate(work, user_id, data.workspace_id, admin.act(data.reason))
        who = {"user_id": made.user_id, "tenant_id": data.workspace_id, "session_id": made.session_id, "impersonator": made.impersonator}
        token = tokens.issue(**who, now=datetime.now(UTC))
        begun = BegunOut(
            impersonation=told(ImpersonationOut, made), access_token=token, token_type="Bearer", expires_in=int(LIFE.total_seconds()),  # noqa: S106 - a scheme
        )  # fmt: skip
        return Response(begun, status_code=201, headers={"Cache-Control": "no-store"})

    @delete("/{session_id:uuid}", sync_to_thread=True, status_code=200)
    def end(self, session_id: FromPath[UUID], admin: NamedDependency[Administering]) -> ImpersonationOut:
        """End an impersonation, anybody's, at once. Ending it again changes nothing."""
        with admin.begin() as work:
            return told(ImpersonationOut, administering.end_impersonation(work, session_id, admin.act(), now=datetime.now(UTC)))
