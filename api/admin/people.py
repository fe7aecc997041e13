"""Users and their sessions, across workspaces."""

from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.admin.bodies import ReasonIn
from api.admin.door import Administering, Wanted, known_admin, told
from api.admin.shapes import EndedOut, MemberOut, SessionOut, UserDetailOut, UserOut
from api.pages import CursorParam, Limit, Page
from api.security import BEARER
from domain.admin_rules import checked_reason
from services import administering


class AdminUserController(Controller):
    """Everybody who has registered."""

    path = "/admin/users"
    tags = ["admin"]
    guards = [known_admin]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_users(
        self, admin: NamedDependency[Administering], wanted: Wanted = None, cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[UserOut]:
        """List users, newest first; `wanted` is a part of the address or name."""
        scope = f"users:{wanted}"
        before = admin.before(cursor, scope)
        with admin.look("users", is_searched=wanted is not None) as work:
            found = work.users(wanted=wanted, before=before, limit=limit + 1)
        return admin.page(found, limit, UserOut, "created_at", "user_id", scope)

    @get("/{user_id:uuid}", sync_to_thread=True)
    def show_user(self, user_id: FromPath[UUID], admin: NamedDependency[Administering]) -> UserDetailOut:
        """One user with memberships and newest sessions."""
        with admin.look("user", user_id) as work:
            return UserDetailOut(
                user=told(UserOut, work.user(user_id)),
                memberships=[told(MemberOut, each) for each in work.members(of_user=user_id)],
                sessions=[told(SessionOut, each) for each in work.sessions(user_id)],
            )

    @put("/{user_id:uuid}/deactivation", sync_to_thread=True)
    def deactivate(self, user_id: FromPath[UUID], data: JSONBody[ReasonIn], admin: NamedDependency[Administering]) -> UserOut:
        """Deactivate a user: no login, no session, no key. Nothing of theirs is deleted."""
        with admin.begin() as work:
            return told(UserOut, administering.set_active(work, user_id, admin.act(checked_reason(data.reason)), is_active=False))

    @delete("/{user_id:uuid}/deactivation", sync_to_thread=True, status_code=200)
    def reactivate(self, user_id: FromPath[UUID], admin: NamedDependency[Administering]) -> UserOut:
        """Let a deactivated user in again. Their sessions stay ended."""
        with admin.begin() as work:
            return told(UserOut, administering.set_active(work, user_id, admin.act(), is_active=True))

    @delete("/{user_id:uuid}/sessions", sync_to_thread=True, status_code=200)
    def end_sessions(self, user_id: FromPath[UUID], admin: NamedDependency[Administering]) -> EndedOut:
        """End all sessions of a user, on all workers at once."""
        with admin.begin() as work:
            return EndedOut(sessions_ended=administering.end_sessions(work, user_id, admin.act()))
