"""The caller's workspaces: listed, made, named, handed over. Registering is in `api.identity`, switching in `api.switching`."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.idempotency import IdempotencyKey, once
from api.security import BEARER, known_caller, needs
from domain.errors import Unauthenticated
from domain.identity import Membership
from domain.ports import RunLauncher
from domain.roles import Action
from services import members, workspaces
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


class WorkspaceIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workspace's name."""

    workspace: str


class HeirIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The admin or member who becomes the owner."""

    user_id: UUID


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

    @post("/", sync_to_thread=True, status_code=201)
    def make_workspace(
        self, data: JSONBody[WorkspaceIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Make a further workspace of your own, at most five. Switch to it to work in it."""
        made: list[UUID] = []
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)

            def effect() -> tuple[WorkspaceOut, int, dict[str, str]]:
                added = workspaces.add(uow, data.workspace)
                made.append(added.tenant_id)
                return WorkspaceOut.of(added), 201, {}

            answer = once(uow, idempotency_key, route=f"POST /tenants of {uow.user_id}", body=data, effect=effect)
        for each in made:
            workspaces.announce(launcher, each)
        return answer

    @patch("/current", sync_to_thread=True)
    def rename_workspace(
        self, data: JSONBody[WorkspaceIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> WorkspaceOut:
        """Give the workspace another name."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_WORKSPACE)
            return WorkspaceOut.of(workspaces.rename(uow, data.workspace))

    @post("/current/transfer", sync_to_thread=True, status_code=200)
    def transfer_ownership(
        self, data: JSONBody[HeirIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> WorkspaceOut:
        """Make an admin or member the owner; you become an admin. Needs a login, or your second factor, of the last 15 minutes."""
        with database.begin(entry) as uow:
            needs(uow, Action.TRANSFER_OWNERSHIP)
            members.needs_fresh_login(uow, now=datetime.now(UTC))
            members.transfer(uow, data.user_id)
            return WorkspaceOut.of(workspaces.named(uow, uow.tenant_id))
