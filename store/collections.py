"""Collections and their members. The default one has no member rows: it is every video and account of the library, counted when asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import Conflict, NotFound
from store.repository import Repository
from store.tables.library import collections

# Where a page ended: the default one comes first, then the oldest.
Place = tuple[bool, datetime, UUID]


@dataclass(frozen=True, slots=True)
class Collection:
    """A group of videos and accounts, such as a campaign, a client or a niche."""

    collection_id: UUID
    name: str
    description: str | None
    color: str
    icon: str
    is_default: bool
    videos: int
    accounts: int
    created_at: datetime
    updated_at: datetime

    @property
    def place(self) -> Place:
        return (not self.is_default, self.created_at, self.collection_id)


def _counted(members: str) -> str:
    return (
        f"case when c.is_default then (select count(*) from {members} m where m.tenant_id = c.tenant_id) else c.{members} end as {members}"
    )


_SELECT = (
    "select c.collection_id, c.name, c.description, c.color, c.icon, c.is_default,"
    f" {_counted('videos')}, {_counted('accounts')}, c.created_at, c.updated_at from collections c where c.tenant_id = %(tenant)s"
)
_AFTER = " and (not c.is_default, c.created_at, c.collection_id) > (%(is_other)s, %(created_at)s, %(after)s)"
_ORDER = " order by not c.is_default, c.created_at, c.collection_id limit %(limit)s"


class Collections(Repository):
    """One tenant's collections."""

    def page(self, *, limit: int, after: Place | None = None) -> list[Collection]:
        words = dict(zip(("is_other", "created_at", "after"), after, strict=True)) if after else {}
        rows = self._read(f"{_SELECT}{_AFTER if after else ''}{_ORDER}", limit=limit, **words)
        return [Collection(*row) for row in rows]

    def get(self, collection_id: UUID) -> Collection:
        rows = self._read(f"{_SELECT} and c.collection_id = %(id)s", id=collection_id)
        if not rows:
            raise NotFound("collection", collection_id)
        return Collection(*rows[0])

    def add(self, collection_id: UUID, facts: Mapping[str, object], *, user_id: UUID | None) -> Collection:
        self._insert(collections, {"collection_id": collection_id, "created_by": user_id, **facts})
        return self.get(collection_id)

    def change(self, collection_id: UUID, facts: Mapping[str, object]) -> Collection:
        sets = ", ".join(f"{name} = :{name}" for name in facts)
        self._run(
            f"update collections set {sets}, updated_at = now() where tenant_id = :tenant and collection_id = :id",
            id=collection_id,
            **facts,
        )
        return self.get(collection_id)

    def delete(self, collection_id: UUID) -> None:
        """Its members stay in the library. Raises Conflict for the default one."""
        if self.get(collection_id).is_default:
            raise Conflict(f"collection {collection_id}: the default collection holds every video and cannot be deleted")
        self._run("delete from collections where tenant_id = :tenant and collection_id = :id and not is_default", id=collection_id)

    def put_videos(self, collection_id: UUID, video_ids: Sequence[UUID]) -> int:
        """Add videos; returns how many were not in it. Raises NotFound where the collection or a single video is not there."""
        return self._put("video", collection_id, video_ids)

    def put_accounts(self, collection_id: UUID, account_ids: Sequence[UUID]) -> int:
        return self._put("account", collection_id, account_ids)

    def drop_video(self, collection_id: UUID, video_id: UUID) -> None:
        """Raises NotFound where it is not in it, Conflict for the default collection."""
        self._drop("video", collection_id, video_id)

    def drop_account(self, collection_id: UUID, account_id: UUID) -> None:
        self._drop("account", collection_id, account_id)

    def narrowing(self, collection_id: UUID | None) -> UUID | None:
        """The collection as a filter of lists: the default one leaves nothing out. Raises NotFound."""
        return None if collection_id is None or self.get(collection_id).is_default else collection_id

    def _put(self, kind: str, collection_id: UUID, ids: Sequence[UUID]) -> int:
        is_default = self.get(collection_id).is_default
        wanted = sorted(set(ids))
        there = f"select {kind}_id from {kind}s where tenant_id = %(tenant)s and {kind}_id = any(%(ids)s)"
        known = {row[0] for row in self._read(there, ids=wanted)}
        for each in wanted:
            if each not in known:
                raise NotFound(kind, each)
        if is_default:
            return 0
        added = self._run(
            f"insert into collection_{kind}s (tenant_id, collection_id, {kind}_id)"
            " select :tenant, :collection, each from unnest(cast(:ids as uuid[])) each order by each on conflict do nothing",
            collection=collection_id, ids=wanted,
        )  # fmt: skip
        return added.rowcount

    def _drop(self, kind: str, collection_id: UUID, member_id: UUID) -> None:
        if self.get(collection_id).is_default:
            raise Conflict(f"collection {collection_id}: the default collection holds every {kind}, none can be taken out of it")
        dropped = self._run(
            f"delete from collection_{kind}s where tenant_id = :tenant and collection_id = :collection and {kind}_id = :member",
            collection=collection_id, member=member_id,
        )  # fmt: skip
        if dropped.rowcount == 0:
            raise NotFound(f"{kind} of collection {collection_id}", member_id)
