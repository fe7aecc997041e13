"""Members of the workspace: listed, given another role, removed, leaving. Inviting them is in `api.invitations`."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.security import BEARER, known_caller, needs
from domain.members import Member
from domain.roles import Action, Role
from services import members
from store.database import Database, Entry


class MemberOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the workspace. `is_active` false: deactivated, nobody gets in as them."""

    user_id: UUID
    email: str
    full_name: str | None
    role: Role
    joined_at: datetime
    is_active: bool
    is_verified: bool
    has_second_factor: bool

    @classmethod
    def of(cls, found: Member) -> "MemberOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class MembersOut(msgspec.Struct, frozen=True, kw_only=True):
    """All members, the oldest membership first, and the seats: `used` counts open invitations too, `limit` null is no limit."""

    items: list[MemberOut]
    seats_used: int
    seats_limit: int | None


class RoleIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role to give: admin, member or viewer, below your own."""

    role: Role


class MemberController(Controller):
    """Who is in the workspace."""

    path = "/members"
    tags = ["members"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_members(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> MembersOut:
        """List the members with their roles, and how many seats of the plan are taken."""
        with database.begin(entry) as uow:
            seats = uow.members.seats()
            return MembersOut(items=[MemberOut.of(each) for each in uow.members.all()], seats_used=seats.used, seats_limit=seats.limit)

    @patch("/{user_id:uuid}", sync_to_thread=True)
    def give_role(
        self, user_id: FromPath[UUID], data: JSONBody[RoleIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> MemberOut:
        """Give a member who ranks below you another role below yours. It counts from their next call on, for their keys too."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)
            return MemberOut.of(members.give_role(uow, user_id, data.role))

    @delete("/{user_id:uuid}", sync_to_thread=True, status_code=204)
    def remove_member(self, user_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Remove a member who ranks below you: their keys of this workspace go, their sessions in it end. Nobody removes the owner."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_MEMBERS)
            members.remove(uow, user_id)

    @post("/leave", sync_to_thread=True, status_code=204)
    def leave(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Leave the workspace: your keys and mails here go, and with your last workspace all that we know of you.

        409 for its owner, and for who owns channels here.
        """
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_SELF)
            members.leave(uow)
