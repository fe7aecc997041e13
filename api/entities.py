"""People and brands that a workspace tells apart: listed, changed, and looked for in its newest posts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.places import Places
from api.security import BEARER, known_caller, needs_write
from domain.entities import LONGEST_NAME, MOST_ALIASES, AskedEntity, EntityKind, asked_entity
from services import entities
from services.entities import Naming
from store.database import Database, Entry
from store.entities import ListedEntity, WrittenPost

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
Aliases = Annotated[list[Name], msgspec.Meta(max_length=MOST_ALIASES)]
OfKind = Annotated[EntityKind | None, QueryParameter(description="only people, or only brands")]


class EntityIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person or a brand, and the other names it goes by. A name is found as whole words, whatever its case and accents."""

    name: Name
    kind: EntityKind
    aliases: Aliases = []

    @property
    def asked(self) -> AskedEntity:
        return asked_entity(self.name, self.kind, self.aliases)


class EntityOut(msgspec.Struct, frozen=True, kw_only=True):
    """One of the list. Features know it from their next run on."""

    entity_id: UUID
    name: str
    kind: EntityKind
    aliases: list[str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: ListedEntity) -> "EntityOut":
        return cls(**{**{name: getattr(found, name) for name in cls.__struct_fields__}, "aliases": list(found.aliases)})


class NamingPostOut(msgspec.Struct, frozen=True, kw_only=True):
    """A post that names it, in title, description or hashtags."""

    video_id: UUID
    account_id: UUID
    platform: str
    title: str | None
    url: str | None
    posted_at: datetime | None
    views: int | None

    @classmethod
    def of(cls, found: WrittenPost) -> "NamingPostOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class NamingOut(msgspec.Struct, frozen=True, kw_only=True):
    """A look at what the list finds now: of `posts_read` newest posts `posts_naming` name it, the newest of them are `items`.

    `is_whole`: the workspace has no other posts than those that were read.
    """

    entity: EntityOut
    posts_read: int
    posts_naming: int
    is_whole: bool
    items: list[NamingPostOut]

    @classmethod
    def of(cls, found: Naming, limit: int) -> "NamingOut":
        items = [NamingPostOut.of(each) for each in found.posts[:limit]]
        counts = {"posts_read": found.posts_read, "posts_naming": len(found.posts)}
        return cls(entity=EntityOut.of(found.entity), is_whole=found.is_whole, items=items, **counts)


class EntityController(Controller):
    """People and brands."""

    path = "/insights/entities"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_entities(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors], kind: OfKind = None,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[EntityOut]:  # fmt: skip
        """List people and brands, the oldest first."""
        scope = f"entities:{kind}"
        after = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.entities.page(limit=limit + 1, after=after, kind=kind)
        return page(found, limit, shape=EntityOut.of, position=lambda each: each.place, cursors=cursors, scope=scope)

    @post("/", sync_to_thread=True, status_code=201)
    def add_entity(
        self, data: JSONBody[EntityIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Tell a person or brand apart, from the next run of features on. 409 where one of its names is another's."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[EntityOut, int, dict[str, str]]:
                made = EntityOut.of(entities.add(uow, data.asked))
                return made, 201, {"Location": f"/api/v1/insights/entities/{made.entity_id}"}

            return once(uow, idempotency_key, route="POST /insights/entities", body=data, effect=effect)

    @get("/{entity_id:uuid}", sync_to_thread=True)
    def get_entity(self, entity_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> EntityOut:
        """One person or brand."""
        with database.begin(entry) as uow:
            return EntityOut.of(uow.entities.get(entity_id))

    @put("/{entity_id:uuid}", sync_to_thread=True)
    def change_entity(
        self, entity_id: FromPath[UUID], data: JSONBody[EntityIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> EntityOut:
        """Change name, kind and aliases; aliases that are left out are gone. Features follow at their next run."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return EntityOut.of(entities.change(uow, entity_id, data.asked))

    @delete("/{entity_id:uuid}", sync_to_thread=True)
    def delete_entity(self, entity_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Tell it apart no longer; published releases keep what they said."""
        with database.begin(entry) as uow:
            needs_write(uow)
            entities.delete(uow, entity_id)

    @get("/{entity_id:uuid}/videos", sync_to_thread=True)
    def list_videos_naming_entity(
        self, entity_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        places: NamedDependency[Places], limit: Limit = 20,
    ) -> NamingOut:  # fmt: skip
        """Look which of the 5,000 newest posts name it, with the list as it is now: before the next run, to try names and aliases."""
        with database.begin(entry) as uow:
            tenant_id, entity = uow.tenant_id, uow.entities.get(entity_id)
        with places.take(tenant_id):
            with database.begin(entry) as uow:
                seen = entities.look(uow, entity)
            return NamingOut.of(entities.posts_naming(seen), limit)
