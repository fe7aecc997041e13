"""A session's way from one workspace to another, and how a user goes altogether. Workspaces themselves are in `api.tenants`."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.security import BEARER, known_caller, needs
from domain.roles import Action, Role
from gateways.credentials import TOKEN_LIFE, Tokens
from services import workspaces
from store.database import Database, Entry, SessionEntry


class SwitchIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go."""

    workspace_id: UUID


class SwitchedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where the session is now. The token's fields are null where the session is a cookie's, which needs none."""

    workspace_id: UUID
    role: Role
    access_token: str | None = None
    token_type: str | None = None
    expires_in: int | None = None


class SwitchController(Controller):
    """From one workspace to another."""

    path = "/auth/switch"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=200)
    def switch(
        self, data: JSONBody[SwitchIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        tokens: NamedDependency[Tokens],
    ) -> Response[SwitchedOut]:  # fmt: skip
        """Go on in another workspace of yours, in the same session: by a new token, or where a cookie brought you by the same cookie."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)
            moved = workspaces.switch(uow, data.workspace_id)
        answer = SwitchedOut(workspace_id=data.workspace_id, role=moved.role)
        if isinstance(entry, SessionEntry) and entry.secret_hash is None:
            token = tokens.issue(user_id=moved.user_id, tenant_id=data.workspace_id, session_id=moved.session_id, now=datetime.now(UTC))
            life = int(TOKEN_LIFE.total_seconds())
            answer = msgspec.structs.replace(answer, access_token=token, token_type="Bearer", expires_in=life)  # noqa: S106 - a scheme
        return Response(answer, headers={"Cache-Control": "no-store"})


class DeactivationController(Controller):
    """How a user goes."""

    path = "/me/deactivation"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=204)
    def deactivate(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Deactivate yourself: all your sessions end, all your keys are dead. Only the platform's administrator lets you in again.

        Needs a login, or your second factor, of the last 15 minutes. 409 while others are in a workspace that you own.
        """
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)
            workspaces.deactivate(uow, now=datetime.now(UTC))
