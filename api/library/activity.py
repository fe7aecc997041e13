"""What users did with videos, and what was searched for."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs_write
from store.database import Database, Entry
from store.ids import new_id
from store.searches import Activity, Search

NewestKind = tuple[datetime, UUID]


class Action(StrEnum):
    """What a user did with a video."""

    VIEWED = "viewed"
    ANALYSED = "analysed"
    CHATTED = "chatted"
    NOTED = "noted"
    COLLECTED = "collected"


class ActivityIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done with the video."""

    action: Action


class ActivityOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a user did with a video, and when."""

    activity_id: UUID
    video_id: UUID
    user_id: UUID | None
    action: str
    at: datetime

    @classmethod
    def of(cls, found: Activity) -> "ActivityOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class SearchEntryOut(msgspec.Struct, frozen=True, kw_only=True):
    """One search that was made. `results` are the videos it found, best first; `fetched_at` is when the platform answered."""

    search_id: UUID
    user_id: UUID | None
    search_type: str
    query: str | None
    platform: str
    country: str | None
    source: str | None
    fetched_at: datetime | None
    results_count: int
    results: list[UUID]
    created_at: datetime

    @classmethod
    def of(cls, found: Search) -> "SearchEntryOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__ if name != "results"}, results=list(found.results))


class SearchType(StrEnum):
    """What was searched for."""

    HASHTAG = "hashtag"
    TERM = "term"
    TRENDING_VIDEOS = "trending_videos"
    TRENDING_AUDIO = "trending_audio"


class ActivityController(Controller):
    """What users did with videos."""

    path = "/"
    tags = ["collections"]
    guards = [known_caller]
    security = BEARER

    @post("/videos/{video_id:uuid}/activity", sync_to_thread=True, status_code=201)
    def note_activity(
        self, video_id: FromPath[UUID], data: JSONBody[ActivityIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Note what you did with a video. Collecting one notes itself."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[ActivityOut, int, dict[str, str]]:
                return ActivityOut.of(uow.activities.note(new_id(), video_id, data.action, user_id=uow.user_id)), 201, {}

            return once(uow, idempotency_key, route=f"POST /videos/{video_id}/activity", body=data, effect=effect)

    @get("/activity", sync_to_thread=True)
    def list_activity(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        video_id: Annotated[UUID | None, QueryParameter(description="only with this video")] = None,
        action: Annotated[Action | None, QueryParameter(description="only this")] = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[ActivityOut]:  # fmt: skip
        """List what the workspace's users did with videos, newest first."""
        scope = f"activity:{video_id}:{action}"
        before = cursors.read(cursor, scope, NewestKind) if cursor else None
        with database.begin(entry) as uow:
            found = uow.activities.page(limit=limit + 1, before=before, video_id=video_id, action=action)
        return page(found, limit, shape=ActivityOut.of, position=lambda each: (each.at, each.activity_id), cursors=cursors, scope=scope)

    @get("/search/history", sync_to_thread=True)
    def list_searches(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        search_type: Annotated[SearchType | None, QueryParameter(description="only of this type")] = None,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[SearchEntryOut]:  # fmt: skip
        """List what was searched for, newest first, with what each search found."""
        scope = f"searches:{search_type}"
        before = cursors.read(cursor, scope, NewestKind) if cursor else None
        with database.begin(entry) as uow:
            found = uow.searches.page(limit=limit + 1, before=before, search_type=search_type)
        return page(
            found, limit, shape=SearchEntryOut.of, position=lambda each: (each.created_at, each.search_id), cursors=cursors, scope=scope
        )
