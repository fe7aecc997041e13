"""Invitations of one workspace; and, by their secrets, those of any: joining goes through the functions in schema `app`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.members import Invitation
from domain.roles import Role
from store.repository import Repository

_SHOWN = "invitation_id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at"


@dataclass(frozen=True, slots=True)
class Joining:
    """What came of accepting: joined | unknown | another | unverified | member | full."""

    outcome: str
    tenant_id: UUID | None
    invitation_id: UUID | None
    role: str | None
    limit: int | None
    used: int | None


class Invitations(Repository):
    """What was sent, and what came of it. Secrets are kept as hashes."""

    def add(self, *, invitation_id: UUID, email: str, role: Role, token_hash: bytes, invited_by: UUID, expires_at: datetime) -> None:
        self._run(
            "insert into invitations (tenant_id, invitation_id, email, role, token_hash, invited_by, expires_at)"
            " values (:tenant, :id, :email, :role, :hash, :by, :expires)",
            id=invitation_id, email=email, role=role.value, hash=token_hash, by=invited_by, expires=expires_at,
        )  # fmt: skip

    def newest(self, *, limit: int = 200) -> list[Invitation]:
        rows = self._run(
            f"select {_SHOWN} from invitations where tenant_id = :tenant order by created_at desc, invitation_id desc limit :limit",
            limit=limit,
        )
        return [Invitation(**{**row._mapping, "role": Role(row.role)}) for row in rows]

    def get(self, invitation_id: UUID) -> Invitation:
        found = f"select {_SHOWN} from invitations where tenant_id = :tenant and invitation_id = :id for update"
        row = self._run(found, id=invitation_id).first()
        if row is None:
            raise NotFound("invitation", invitation_id)
        return Invitation(**{**row._mapping, "role": Role(row.role)})

    def open_for(self, email: str) -> UUID | None:
        """The invitation of this address that may still be accepted."""
        return self._run(
            "select invitation_id from invitations where tenant_id = :tenant and lower(email) = lower(:email)"
            " and accepted_at is null and revoked_at is null and expires_at > clock_timestamp()",
            email=email,
        ).scalar()

    def renew(self, invitation_id: UUID, *, token_hash: bytes, expires_at: datetime) -> None:
        """Another secret and more time; the secret of before is worth nothing from now on."""
        self._run(
            "update invitations set token_hash = :hash, expires_at = :expires where tenant_id = :tenant and invitation_id = :id",
            id=invitation_id, hash=token_hash, expires=expires_at,
        )  # fmt: skip

    def revoke(self, invitation_id: UUID, *, now: datetime) -> None:
        change = "update invitations set revoked_at = :now where tenant_id = :tenant and invitation_id = :id"
        self._run(change, id=invitation_id, now=now)

    def address_of(self, token_hash: bytes) -> str | None:
        """To whom an open invitation of any workspace was sent, for whoever holds its secret."""
        found: str | None = self._run("select email from app.invited(:hash)", hash=token_hash).scalar()
        return found

    def accept(self, token_hash: bytes) -> Joining:
        """The user who entered joins, where the invitation is theirs."""
        row = self._run("select * from app.accept_invitation(:hash)", hash=token_hash).one()
        return Joining(row.outcome, row.tenant_id, row.invitation_id, row.role, row.most, row.used)

    def register(self, token_hash: bytes, *, user_id: UUID, password_hash: str, full_name: str | None) -> bool:
        """A new user of the invited address, who has entered by it. Returns whether the address was free."""
        words = {"hash": token_hash, "user": user_id, "secret": password_hash, "person": full_name}
        return bool(self._run("select app.register_invited(:hash, :user, :secret, :person)", **words).scalar_one())
