"""People and brands that a tenant tells apart, and the posts that are searched for them. What is one name is in `domain.entities`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.entities import AskedEntity, EntityKind
from domain.errors import Conflict, NotFound
from domain.features.vocabulary import Entity
from store.repository import Repository
from store.tables.entities import entities

_CHANGE = """
insert into entity_lists (tenant_id, changed_at) values (:tenant, clock_timestamp())
on conflict (tenant_id) do update set changed_at = excluded.changed_at"""
_SELECT = "select entity_id, kind, name, aliases, created_at, updated_at from entities where tenant_id = %(tenant)s"


@dataclass(frozen=True, slots=True)
class ListedEntity:
    """A person or brand of the list."""

    entity_id: UUID
    kind: EntityKind
    name: str
    aliases: tuple[str, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.created_at, self.entity_id


@dataclass(frozen=True, slots=True)
class WrittenPost:
    """A post with all its text."""

    video_id: UUID
    account_id: UUID
    platform: str
    title: str | None
    description: str | None
    hashtags: Sequence[str]
    url: str | None
    posted_at: datetime | None
    views: int | None


class Entities(Repository):
    """One tenant's people and brands."""

    def page(self, *, limit: int, after: tuple[datetime, UUID] | None = None, kind: EntityKind | None = None) -> list[ListedEntity]:
        """The oldest first, strictly after the given place."""
        more = " and kind = %(kind)s" if kind else ""
        more += " and (created_at, entity_id) > (%(at)s, %(after)s)" if after else ""
        words = dict(zip(("at", "after"), after, strict=True)) if after else {}
        rows = self._read(f"{_SELECT}{more} order by created_at, entity_id limit %(limit)s", limit=limit, kind=kind, **words)
        return [_entity(row) for row in rows]

    def all(self) -> tuple[Entity, ...]:
        """The whole list as features read it, in the order of their names."""
        rows = self._read("select name, kind, aliases from entities where tenant_id = %(tenant)s")
        return tuple(sorted((Entity(row[0], row[1], tuple(row[2])) for row in rows), key=lambda each: each.name))

    def get(self, entity_id: UUID) -> ListedEntity:
        rows = self._read(f"{_SELECT} and entity_id = %(id)s", id=entity_id)
        if not rows:
            raise NotFound("entity", entity_id)
        return _entity(rows[0])

    def count(self) -> int:
        return int(self._read("select count(*) from entities where tenant_id = %(tenant)s")[0][0])

    def begin_change(self) -> None:
        """What was made of the list is stale from now on; until the end of the transaction nobody else changes it."""
        self._run(_CHANGE)

    def add(self, entity_id: UUID, asked: AskedEntity, *, user_id: UUID | None) -> ListedEntity:
        """Raises Conflict where one of its names is another entity's."""
        words = {"entity_id": entity_id, "kind": asked.kind, "name": asked.name, "aliases": list(asked.aliases), "created_by": user_id}
        self._insert(entities, words)
        self._name(entity_id, asked)
        return self.get(entity_id)

    def change(self, entity_id: UUID, asked: AskedEntity) -> ListedEntity:
        """Raises NotFound, and Conflict as `add` does."""
        self.get(entity_id)
        mine = entities.update().where(entities.c.tenant_id == self._tenant_id, entities.c.entity_id == entity_id)
        self._run(mine.values(kind=asked.kind, name=asked.name, aliases=list(asked.aliases), updated_at=sa.func.now()))
        self._run("delete from entity_names where tenant_id = :tenant and entity_id = :id", id=entity_id)
        self._name(entity_id, asked)
        return self.get(entity_id)

    def delete(self, entity_id: UUID) -> None:
        """Raises NotFound."""
        if self._run("delete from entities where tenant_id = :tenant and entity_id = :id", id=entity_id).rowcount == 0:
            raise NotFound("entity", entity_id)

    def _name(self, entity_id: UUID, asked: AskedEntity) -> None:
        keys = list(asked.keys)
        named = self._run(
            "insert into entity_names (tenant_id, key, entity_id) select :tenant, each, :id from unnest(cast(:keys as text[])) each"
            " on conflict do nothing", id=entity_id, keys=keys,
        )  # fmt: skip
        if named.rowcount < len(keys):
            raise Conflict(f"entity {asked.name!r}: a name of it is already one of {self._owner(entity_id, keys)!r}; a name is one's alone")

    def _owner(self, entity_id: UUID, keys: Sequence[str]) -> str:
        rows = self._read(
            "select e.name from entity_names n join entities e on e.tenant_id = n.tenant_id and e.entity_id = n.entity_id"
            " where n.tenant_id = %(tenant)s and n.key = any(%(keys)s) and n.entity_id <> %(id)s order by e.name limit 1",
            keys=keys, id=entity_id,
        )  # fmt: skip
        return str(rows[0][0])

    def newest_posts(self, limit: int) -> list[WrittenPost]:
        """Posts with their texts, the newest first; those that are gone from their platform are left out."""
        rows = self._read_hot(
            "select video_id, account_id, platform, title, description, hashtags, url, posted_at, views from videos"
            " where tenant_id = %(tenant)s and not is_removed order by posted_at desc nulls last, video_id desc limit %(limit)s",
            limit=limit,
        )
        return [WrittenPost(*row) for row in rows]


def _entity(row: "sa.Row[tuple[object, ...]]") -> ListedEntity:
    words = row._mapping
    return ListedEntity(**{**words, "kind": EntityKind(words["kind"]), "aliases": tuple(words["aliases"])})
