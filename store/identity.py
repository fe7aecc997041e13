"""Users, tenants, memberships and keys. What happens before a tenant is known goes through the functions in schema `app`."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.errors import Conflict, NotFound
from domain.identity import ApiKey, Login, Membership, Profile
from store.repository import Repository
from store.tables.identity import api_keys


class Identity(Repository):
    """The door's book-keeping."""

    def register(
        self, *, user_id: UUID, tenant_id: UUID, email: str, password_hash: str, names: tuple[str | None, str], is_demo: bool = False
    ) -> None:
        """A user, a workspace, the membership as owner and a `free` subscription. Raises Conflict where the address is taken."""
        full_name, tenant_name = names
        made = self._run(
            "select app.register(:user, :new_tenant, :email, :hash, :full_name, :tenant_name, :is_demo)",
            user=user_id, new_tenant=tenant_id, email=email, hash=password_hash, full_name=full_name, tenant_name=tenant_name, is_demo=is_demo,
        ).scalar_one()  # fmt: skip
        if not made:
            raise Conflict("the e-mail address is registered already: log in instead")

    def login(self, email: str) -> Login | None:
        row = self._run("select * from app.login(:email)", email=email).first()
        return Login(row.user_id, row.password_hash, row.is_active, tuple(row.tenants)) if row else None

    def folded(self, email: str) -> str:
        """The address as `login` compares it."""
        return str(self._run("select lower(:email)", email=email).scalar_one())

    def seconds_to_wait(self, bucket: str, *, capacity: int, per_second: float) -> float:
        """Take one token from a bucket shared by all processes: 0 when taken, else the seconds until the next one."""
        words = {"bucket": bucket, "capacity": capacity, "rate": per_second}
        return float(self._run("select app.take_token(:bucket, :capacity, :rate)", **words).scalar_one())

    def give_back(self, bucket: str, *, capacity: int) -> None:
        """The token that was taken from a bucket, where it turned out that it need not have been."""
        self._run("select app.give_token(:bucket, :capacity)", bucket=bucket, capacity=capacity)

    def profile(self, user_id: UUID) -> Profile:
        row = self._run("select * from app.profile(:user)", user=user_id).first()
        if row is None:
            raise NotFound("user", user_id)
        return Profile(**row._mapping)

    def workspaces(self, user_id: UUID) -> list[Membership]:
        """The workspaces of the user who opened this transaction, oldest first; of anybody else none."""
        return [Membership(**row._mapping) for row in self._run("select * from app.workspaces(:user)", user=user_id)]

    def add_key(  # noqa: PLR0913 - the columns of a key
        self, *, key_id: UUID, user_id: UUID, name: str, prefix: str, key_hash: bytes, scopes: tuple[str, ...], expires_at: datetime | None
    ) -> None:
        self._insert(
            api_keys,
            {
                "key_id": key_id,
                "user_id": user_id,
                "name": name,
                "prefix": prefix,
                "key_hash": key_hash,
                "scopes": list(scopes),
                "expires_at": expires_at,
            },
        )

    def api_keys(self) -> list[ApiKey]:
        found = sa.select(*_SHOWN).where(api_keys.c.tenant_id == self._tenant_id).order_by(api_keys.c.key_id.desc())
        return [ApiKey(**{**row._mapping, "scopes": tuple(row.scopes)}) for row in self._run(found)]

    def key(self, key_id: UUID) -> ApiKey:
        """A key that is not revoked, held until the transaction ends."""
        found = sa.select(*_SHOWN).where(
            api_keys.c.tenant_id == self._tenant_id, api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None)
        )
        row = self._run(found.with_for_update()).first()
        if row is None:
            raise NotFound("API key", key_id)
        return ApiKey(**{**row._mapping, "scopes": tuple(row.scopes)})

    def revoke_key(self, key_id: UUID, *, now: datetime) -> None:
        self._change_key(key_id, {"revoked_at": now})

    def rename_key(self, key_id: UUID, name: str) -> None:
        self._change_key(key_id, {"name": name})

    def rotate_key(self, key_id: UUID, key_hash: bytes, *, now: datetime, old_until: datetime) -> None:
        """Another secret; the one of now goes on until `old_until`, one of an earlier rotation ends at once."""
        self._change_key(key_id, {"old_hash": api_keys.c.key_hash, "key_hash": key_hash, "old_until": old_until, "rotated_at": now})

    def _change_key(self, key_id: UUID, words: Mapping[str, object]) -> None:
        change = api_keys.update().where(
            api_keys.c.tenant_id == self._tenant_id, api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None)
        )
        if self._run(change.values(**words)).rowcount == 0:
            raise NotFound("API key", key_id)


_SHOWN = (
    api_keys.c.key_id,
    api_keys.c.user_id,
    api_keys.c.name,
    api_keys.c.prefix,
    api_keys.c.scopes,
    api_keys.c.created_at,
    api_keys.c.last_used_at,
    api_keys.c.expires_at,
    api_keys.c.revoked_at,
    api_keys.c.rotated_at,
    api_keys.c.old_until,
)
