"""Invitations: sent by mail, sent again, taken back, accepted with an account or with a new one."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.addresses import client_of
from api.idempotency import IdempotencyKey, once
from api.me import ProfileOut
from api.security import BEARER, PUBLIC, known_caller, needs
from api.tenants import WorkspaceOut
from domain.identity import check_registration
from domain.members import Invitation
from domain.roles import Action, Role
from services import invitations
from services.identity import Guesser, slow_down
from services.logins import too_many
from services.passwords import PasswordCare
from services.workspaces import named
from store.database import Database, Entry

Code = Annotated[str, msgspec.Meta(max_length=100)]


class InvitationIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to invite, as admin, member or viewer: below your own role."""

    email: str
    role: Role = Role.MEMBER


class InvitationOut(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation; its code is in the mail only. `state`: open, accepted, revoked or expired."""

    invitation_id: UUID
    email: str
    role: Role
    state: str
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, found: Invitation) -> "InvitationOut":
        words = {name: getattr(found, name) for name in cls.__struct_fields__ if name != "state"}
        return cls(**words, state=found.state(datetime.now(UTC)))


class InvitationsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The newest 200 invitations."""

    items: list[InvitationOut]


class AcceptIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code of the mail."""

    token: Code


class JoinIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code of the mail, and a new account of the address that it went to."""

    token: Code
    password: str
    full_name: str | None = None


class InvitationController(Controller):
    """Invitations of the workspace, and those that the caller got."""

    path = "/invitations"
    tags = ["members"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_invitations(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> InvitationsOut:
        """List invitations, newest first. For who may manage members."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)
            return InvitationsOut(items=[InvitationOut.of(each) for each in uow.invitations.newest()])

    @post("/", sync_to_thread=True, status_code=201)
    def invite(
        self, data: JSONBody[InvitationIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        api_url: NamedDependency[str], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Invite an address: a mail with a code that is good for seven days. Takes a seat until it is accepted, revoked or over."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)

            def effect() -> tuple[InvitationOut, int, dict[str, str]]:
                return InvitationOut.of(invitations.invite(uow, data.email, data.role, api_url=api_url, now=datetime.now(UTC))), 201, {}

            return once(uow, idempotency_key, route="POST /invitations", body=data, effect=effect)

    @post("/{invitation_id:uuid}/resend", sync_to_thread=True, status_code=200)
    def resend(
        self, invitation_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        api_url: NamedDependency[str],
    ) -> InvitationOut:  # fmt: skip
        """Send another code, good for another seven days; the one of before is worth nothing from then on."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)
            return InvitationOut.of(invitations.resend(uow, invitation_id, api_url=api_url, now=datetime.now(UTC)))

    @delete("/{invitation_id:uuid}", sync_to_thread=True, status_code=204)
    def revoke(self, invitation_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Take an invitation back."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)
            invitations.revoke(uow, invitation_id, now=datetime.now(UTC))

    @post("/accept", sync_to_thread=True, status_code=200)
    def accept(self, data: JSONBody[AcceptIn], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> WorkspaceOut:
        """Join with the account that is logged in: its verified address has to be the invited one. Then switch to the workspace."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)
            return WorkspaceOut.of(named(uow, invitations.accept(uow, data.token)))


class JoiningController(Controller):
    """Where somebody joins who has no account yet."""

    path = "/invitations/register"
    tags = ["members"]
    security = PUBLIC

    @post("/", sync_to_thread=True, status_code=201)
    def register(
        self, data: JSONBody[JoinIn], request: Request[Any, Any, Any], database: NamedDependency[Database],
        care: NamedDependency[PasswordCare],
    ) -> ProfileOut:  # fmt: skip
        """Register by an invitation: a user of the invited address, verified by the code, in that workspace. Then log in."""
        with database.begin_anonymous() as uow:
            seconds = slow_down(uow, Guesser(data.token, client_of(request.scope)))
        if seconds > 0:
            raise too_many(seconds)
        with database.begin_anonymous() as uow:
            email = invitations.address_of(uow, data.token)
        check_registration(email, data.password, (data.full_name, "-"), care.common)
        hashed = care.hashing.hash(data.password)
        with database.begin_anonymous() as uow:
            tenant_id, user_id = invitations.register(uow, data.token, password_hash=hashed, full_name=data.full_name)
            with uow.visiting(tenant_id, user_id) as there:
                return ProfileOut.of(there.identity.profile(user_id))
