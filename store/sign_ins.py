"""Identities at issuers, and tokens of theirs that were exchanged. All goes through functions in schema `app`."""

from datetime import datetime
from uuid import UUID

from domain.sign_in import ExternalIdentity, LinkedIdentity, Person
from store.ids import new_id
from store.repository import Repository


class SignIns(Repository):
    """Who signs in by whose word."""

    def find(self, who: ExternalIdentity) -> Person | None:
        row = self._run("select * from app.find_identity(:issuer, :subject)", issuer=who.issuer, subject=who.subject).first()
        return Person(row.user_id, row.is_active, tuple(row.tenants)) if row else None

    def register(self, who: ExternalIdentity, *, user_id: UUID, tenant_id: UUID, email: str, workspace: str) -> bool:
        """A user without a password, with a workspace. False where the address or the identity is somebody's already."""
        return bool(
            self._run(
                "select app.register_identity(:user, :new_tenant, :identity, :email, :person, :workspace, :issuer, :subject)",
                user=user_id, new_tenant=tenant_id, identity=new_id(), email=email, person=who.name, workspace=workspace,
                issuer=who.issuer, subject=who.subject,
            ).scalar_one()
        )  # fmt: skip

    def link(self, who: ExternalIdentity) -> str:
        """To the user who entered: `linked`, `known` (it was already), `taken` (it is somebody else's), `nobody`."""
        words = {"identity": new_id(), "issuer": who.issuer, "subject": who.subject, "email": who.verified_email}
        return str(self._run("select app.link_identity(:identity, :issuer, :subject, :email)", **words).scalar_one())

    def mine(self) -> list[LinkedIdentity]:
        """Of the user who entered, the oldest first."""
        return [LinkedIdentity(**row._mapping) for row in self._run("select * from app.identities()")]

    def unlink(self, identity_id: UUID) -> str:
        """`gone`, `unknown`, or `last`: without a password it is the only way in."""
        return str(self._run("select app.unlink_identity(:identity)", identity=identity_id).scalar_one())

    def use_once(self, token_hash: bytes, until: datetime) -> bool:
        """Whether this token was not exchanged before. Remembered until then."""
        return bool(self._run("select app.use_token_once(:hash, :until)", hash=token_hash, until=until).scalar_one())
