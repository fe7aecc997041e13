"""Collections: made, changed, deleted, filled and listed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.accounts import AccountOut, AccountSort, AccountSorted, account_page
from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write
from api.videos.routes import (
    Order,
    Ordered,
    PlatformFilter,
    PostedFrom,
    PostedTo,
    SelectionFilter,
    Sorted,
    VideoSort,
    video_page,
)
from api.videos.shapes import VideoOut
from services import library
from store.collections import Collection
from store.database import Database, Entry
from store.ids import new_id

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Words = Annotated[str, msgspec.Meta(max_length=2_000)]
Color = Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")]
Icon = Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]{1,40}$")]


class CollectionIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of videos and accounts, such as a campaign, a client or a niche. `color` is #RRGGBB, `icon` the name of one."""

    name: Name
    description: Words | None = None
    color: Color = "#8B5CF6"
    icon: Icon = "folder"

    @property
    def facts(self) -> dict[str, object]:
        return {"name": self.name, "description": self.description, "color": self.color, "icon": self.icon}


class CollectionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A collection and how much is in it. The default one is the whole library: everything that comes in is in it."""

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

    @classmethod
    def of(cls, found: Collection) -> "CollectionOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class CollectionController(Controller):
    """Groups of videos and accounts."""

    path = "/collections"
    tags = ["collections"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_collections(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[CollectionOut]:  # fmt: skip
        """List collections: the default one first, then the oldest."""
        after = cursors.read(cursor, "collections", tuple[bool, datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.collections.page(limit=limit + 1, after=after)
        return page(found, limit, shape=CollectionOut.of, position=lambda each: each.place, cursors=cursors, scope="collections")

    @post("/", sync_to_thread=True, status_code=201)
    def add_collection(
        self, data: JSONBody[CollectionIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Make a collection, empty."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[CollectionOut, int, dict[str, str]]:
                made = CollectionOut.of(uow.collections.add(new_id(), data.facts, user_id=uow.user_id))
                return made, 201, {"Location": f"/api/v1/collections/{made.collection_id}"}

            return once(uow, idempotency_key, route="POST /collections", body=data, effect=effect)

    @get("/{collection_id:uuid}", sync_to_thread=True)
    def get_collection(
        self, collection_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CollectionOut:
        """One collection with its counts."""
        with database.begin(entry) as uow:
            return CollectionOut.of(uow.collections.get(collection_id))

    @put("/{collection_id:uuid}", sync_to_thread=True)
    def change_collection(
        self,
        collection_id: FromPath[UUID],
        data: JSONBody[CollectionIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
    ) -> CollectionOut:
        """Change a collection's name, description, color and icon; what is left out becomes what it is at first."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return CollectionOut.of(uow.collections.change(collection_id, data.facts))

    @delete("/{collection_id:uuid}", sync_to_thread=True)
    def delete_collection(self, collection_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Delete a collection; its videos and accounts stay in the library. 409 for the default one."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.collections.delete(collection_id)

    @get("/{collection_id:uuid}/videos", sync_to_thread=True)
    def list_videos_of_collection(
        self, collection_id: FromPath[UUID], reading: NamedDependency[Reading], platform: PlatformFilter = None,
        posted_from: PostedFrom = None, posted_to: PostedTo = None, selection: SelectionFilter = None, sort: Sorted = VideoSort.VIEWS,
        order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[VideoOut]:  # fmt: skip
        """List the videos of a collection, most viewed first."""
        filters: dict[str, object] = {"platform": platform, "posted_from": posted_from, "posted_to": posted_to, "selection": selection}
        with reading.database.begin(reading.entry) as uow:
            filters |= {"collection_id": uow.collections.narrowing(collection_id)}
            return video_page(uow, reading.cursors, filters, (sort, order), cursor=cursor, limit=limit)

    @post("/{collection_id:uuid}/videos/{video_id:uuid}", sync_to_thread=True, status_code=200)
    def add_video(
        self, collection_id: FromPath[UUID], video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CollectionOut:
        """Add a video. One that is in it already changes nothing, and every video is in the default collection."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return CollectionOut.of(library.collect(uow, collection_id, video_id))

    @delete("/{collection_id:uuid}/videos/{video_id:uuid}", sync_to_thread=True)
    def drop_video(
        self, collection_id: FromPath[UUID], video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> None:
        """Take a video out; it stays in the library. 409 for the default collection."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.collections.drop_video(collection_id, video_id)

    @get("/{collection_id:uuid}/accounts", sync_to_thread=True)
    def list_accounts_of_collection(
        self, collection_id: FromPath[UUID], reading: NamedDependency[Reading], platform: PlatformFilter = None,
        sort: AccountSorted = AccountSort.VIEWS, order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[AccountOut]:  # fmt: skip
        """List the accounts of a collection, most viewed first."""
        with reading.database.begin(reading.entry) as uow:
            filters = {"platform": platform, "collection_id": uow.collections.narrowing(collection_id)}
            return account_page(uow, reading.cursors, filters, (sort, order), cursor=cursor, limit=limit)

    @post("/{collection_id:uuid}/accounts/{account_id:uuid}", sync_to_thread=True, status_code=200)
    def add_account(
        self, collection_id: FromPath[UUID], account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CollectionOut:
        """Add an account; its videos are added one by one, if you want them."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.collections.put_accounts(collection_id, [account_id])
            return CollectionOut.of(uow.collections.get(collection_id))

    @delete("/{collection_id:uuid}/accounts/{account_id:uuid}", sync_to_thread=True)
    def drop_account(
        self, collection_id: FromPath[UUID], account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> None:
        """Take an account out; it stays in the library. 409 for the default collection."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.collections.drop_account(collection_id, account_id)
