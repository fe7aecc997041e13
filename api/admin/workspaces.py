"""Workspaces: lists, suspension, overrides of their plans."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.bodies import OverrideIn, ReasonIn
from api.admin.door import Administering, Wanted, known_admin, told
from api.admin.shapes import MemberOut, MeterOut, OverrideOut, TenantDetailOut, TenantOut
from api.pages import CursorParam, Limit, Page
from api.security import BEARER
from domain.admin import PlanOverride
from domain.errors import FieldProblem, Unacceptable
from services import administering


class AdminTenantController(Controller):
    """All workspaces."""

    path = "/admin/tenants"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_tenants(
        self, admin: NamedDependency[Administering], wanted: Wanted = None, cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[TenantOut]:
        """List workspaces, newest first; `wanted` is a part of the name or of the owner's address."""
        scope = f"tenants:{wanted}"
        before = admin.before(cursor, scope)
        with admin.look("tenants", is_searched=wanted is not None) as work:
            found = work.tenants(wanted=wanted, before=before, limit=limit + 1)
        return admin.page(found, limit, TenantOut, "created_at", "tenant_id", scope)

    @get("/{workspace_id:uuid}", sync_to_thread=True)
    def show_tenant(self, workspace_id: FromPath[UUID], admin: NamedDependency[Administering]) -> TenantDetailOut:
        """One workspace with members, counts, the plan that counts now, overrides and meters."""
        with admin.look("tenant", workspace_id, tenant_id=workspace_id) as work:
            tenant, members, uow = work.tenant(workspace_id), work.members(of_tenant=workspace_id), work.within(workspace_id)
            plan, status = uow.overrides.plan()
            return TenantDetailOut(
                tenant=told(TenantOut, tenant), plan=plan, status=status, members=[told(MemberOut, each) for each in members],
                counts=dict(uow.overrides.counts()), overrides=[told(OverrideOut, each) for each in uow.overrides.current()],
                meters=[told(MeterOut, each) for each in uow.overrides.meters(now=datetime.now(UTC))],
            )  # fmt: skip

    @put("/{workspace_id:uuid}/suspension", sync_to_thread=True)
    def suspend(self, workspace_id: FromPath[UUID], data: JSONBody[ReasonIn], admin: NamedDependency[Administering]) -> TenantOut:
        """Suspend a workspace: its calls answer 403 `suspended`, and none of its runs are launched."""
        with admin.begin() as work:
            return told(TenantOut, administering.suspend(work, workspace_id, admin.act(data.reason), is_suspended=True))

    @delete("/{workspace_id:uuid}/suspension", sync_to_thread=True, status_code=200)
    def restore(self, workspace_id: FromPath[UUID], admin: NamedDependency[Administering]) -> TenantOut:
        """Take a suspension back: what waited goes on."""
        with admin.begin() as work:
            return told(TenantOut, administering.suspend(work, workspace_id, admin.act(), is_suspended=False))

    @put("/{workspace_id:uuid}/overrides/{what:str}", sync_to_thread=True)
    def put_override(
        self, workspace_id: FromPath[UUID], what: FromPath[str], data: JSONBody[OverrideIn], admin: NamedDependency[Administering]
    ) -> OverrideOut:
        """Another plan (`what` is `plan`) or another limit of a meter, until it expires; in place of the override of before."""
        if data.expires_at.tzinfo is None:
            raise Unacceptable("the override cannot be accepted", (FieldProblem("/expires_at", "name the time zone"),))
        wanted = PlanOverride(what, data.plan, data.most, data.period, data.reason, data.expires_at)
        with admin.begin() as work:
            return told(OverrideOut, administering.override(work, workspace_id, wanted, admin.act(), now=datetime.now(UTC)))

    @delete("/{workspace_id:uuid}/overrides/{what:str}", sync_to_thread=True, status_code=204)
    def drop_override(self, workspace_id: FromPath[UUID], what: FromPath[str], admin: NamedDependency[Administering]) -> None:
        """Drop an override: the plan's own counts again."""
        with admin.begin() as work:
            administering.drop_override(work, workspace_id, what, admin.act())
