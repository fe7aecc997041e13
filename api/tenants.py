"""The caller's workspaces. Registering one is in `api.identity`."""

from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from api.security import BEARER, known_caller
from domain.errors import Unauthenticated
from domain.identity import Membership
from store.database import Database, Entry


class WorkspaceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace and the caller's role in it."""

    workspace_id: UUID
    workspace: str
    role: str
    plan: str
    is_demo: bool

    @classmethod
    def of(cls, found: Membership) -> "WorkspaceOut":
        return cls(workspace_id=found.tenant_id, workspace=found.tenant_name, role=found.role, plan=found.plan, is_demo=found.is_demo)


class WorkspacesOut(msgspec.Struct, frozen=True, kw_only=True):
    """All workspaces of the caller's user, oldest membership first."""

    items: list[WorkspaceOut]


class TenantController(Controller):
    """Workspaces."""

    path = "/tenants"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_workspaces(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> WorkspacesOut:
        """List the workspaces of the caller's user."""
        with database.begin(entry) as uow:
            if uow.user_id is None:
                raise Unauthenticated("the credential names no user")
            return WorkspacesOut(items=[WorkspaceOut.of(each) for each in uow.identity.workspaces(uow.user_id)])
