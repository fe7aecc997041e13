"""Members of one workspace and its seats, and what its members do with their own session. Joining is in `store.invitations`."""

from uuid import UUID

from domain.errors import NotFound
from domain.members import Login, Member, Seats
from domain.roles import Role
from store.repository import Repository


class Members(Repository):
    """Who is in the workspace. Whoever changes that holds the workspace's row first (`lock`)."""

    def lock(self) -> str:
        """Others who change members wait from here on. Returns the workspace's name."""
        return str(self._run("select name from tenants where tenant_id = :tenant for update").scalar_one())

    def workspace(self) -> str:
        """Its name."""
        return str(self._run("select name from tenants where tenant_id = :tenant").scalar_one())

    def all(self) -> list[Member]:
        """Everybody, the oldest membership first."""
        return [Member(**{**row._mapping, "role": Role(row.role)}) for row in self._run("select * from app.members()")]

    def get(self, user_id: UUID) -> Member:
        found = next((each for each in self.all() if each.user_id == user_id), None)
        if found is None:
            raise NotFound("member", user_id)
        return found

    def set_role(self, user_id: UUID, role: Role) -> None:
        self._run("update memberships set role = :role where tenant_id = :tenant and user_id = :user", user=user_id, role=role.value)

    def remove(self, user_id: UUID, because: str) -> int:
        """The membership goes, with the API keys made under it, and sessions in the workspace end. Returns how many keys went."""
        keys = self._run("select count(*) from api_keys where tenant_id = :tenant and user_id = :user", user=user_id).scalar_one()
        self._run("delete from memberships where tenant_id = :tenant and user_id = :user", user=user_id)
        self._run("select app.end_sessions_here(:user, :because)", user=user_id, because=because)
        return int(keys)

    def seats(self) -> Seats:
        row = self._run(
            "select (select count(*) from memberships where tenant_id = :tenant) as members,"
            " (select count(*) from invitations where tenant_id = :tenant and accepted_at is null and revoked_at is null"
            "   and expires_at > clock_timestamp()) as invited,"
            " (select (l.limits -> 'seats' ->> 'limit')::int from app.limits_of(:tenant) l) as most"
        ).one()
        return Seats(row.members, row.invited, row.most)

    def rename_workspace(self, name: str) -> None:
        self._run("update tenants set name = :name where tenant_id = :tenant", name=name)

    def login(self, session_id: UUID) -> Login:
        """How a session of the user who entered was opened."""
        row = self._run("select * from app.session_facts(:session)", session=session_id).first()
        if row is None:
            raise NotFound("session", session_id)
        return Login(row.opened_at, row.second_factor_at, row.has_factor)

    def switch(self, session_id: UUID, workspace: UUID) -> Role:
        """The session goes to another workspace of its user. Raises NotFound for any other."""
        role = self._run("select role from app.switch_session(:session, :workspace)", session=session_id, workspace=workspace).scalar()
        if role is None:
            raise NotFound("workspace", workspace)
        return Role(role)

    def add_workspace(self, tenant_id: UUID, name: str, *, most: int) -> int:
        """A workspace that the user who entered owns, unless they own `most`. Returns how many they owned before."""
        words = {"new_tenant": tenant_id, "name": name, "most": most}
        return int(self._run("select app.add_workspace(:new_tenant, :name, :most)", **words).scalar_one())

    def deactivate(self) -> bool:
        """The user who entered is let in no more. False where others would be left in a workspace without an owner."""
        return bool(self._run("select app.deactivate_me()").scalar_one())
