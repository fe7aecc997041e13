"""What was searched for, what it found, and what people did with videos. Searching itself is in `services.searching`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository
from store.tables.library import search_history, video_activity


@dataclass(frozen=True, slots=True)
class Search:
    """One search and how much it found. `results` are videos, best first."""

    search_id: UUID
    user_id: UUID | None
    search_type: str
    query: str | None
    platform: str
    country: str | None
    source: str | None
    fetched_at: datetime | None
    results_count: int
    results: Sequence[UUID]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """What a user did with a video, and when."""

    activity_id: UUID
    video_id: UUID
    user_id: UUID | None
    action: str
    at: datetime


_SEARCH, _ACTIVITY = (", ".join(kind.__dataclass_fields__) for kind in (Search, Activity))


class Searches(Repository):
    """One tenant's searches."""

    def add(self, search: Mapping[str, object]) -> Search:
        self._insert(search_history, search)
        rows = self._read(
            f"select {_SEARCH} from search_history where tenant_id = %(tenant)s and search_id = %(id)s", id=search["search_id"]
        )
        return Search(*rows[0])

    def page(self, *, limit: int, before: tuple[datetime, UUID] | None = None, search_type: str | None = None) -> list[Search]:
        """Newest first, strictly before the position."""
        where = "tenant_id = %(tenant)s" + (" and search_type = %(type)s" if search_type else "")
        where += " and (created_at, search_id) < (%(at)s, %(id)s)" if before else ""
        words = {"at": before[0], "id": before[1]} if before else {}
        statement = f"select {_SEARCH} from search_history where {where} order by created_at desc, search_id desc limit %(limit)s"
        return [Search(*row) for row in self._read(statement, limit=limit, type=search_type, **words)]

    def latest(self, search_type: str, platform: str, country: str | None, *, since: datetime) -> Search | None:
        """The newest search of that kind whose answer is not older than `since`."""
        rows = self._read(
            f"select {_SEARCH} from search_history where tenant_id = %(tenant)s and search_type = %(type)s and platform = %(platform)s"
            " and country is not distinct from %(country)s and coalesce(fetched_at, created_at) >= %(since)s order by created_at desc, search_id desc limit 1",
            type=search_type, platform=platform, country=country, since=since,
        )  # fmt: skip
        return Search(*rows[0]) if rows else None


class Activities(Repository):
    """What one tenant's users did with videos."""

    def note(self, activity_id: UUID, video_id: UUID, action: str, *, user_id: UUID | None) -> Activity:
        """Raises NotFound where the video is not there."""
        if not self._read("select 1 from videos where tenant_id = %(tenant)s and video_id = %(id)s", id=video_id):
            raise NotFound("video", video_id)
        self._insert(video_activity, {"activity_id": activity_id, "video_id": video_id, "action": action, "user_id": user_id})
        return Activity(
            *self._read(f"select {_ACTIVITY} from video_activity where tenant_id = %(tenant)s and activity_id = %(id)s", id=activity_id)[0]
        )

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, video_id: UUID | None = None, action: str | None = None
    ) -> list[Activity]:
        """Newest first, strictly before the position."""
        asked = {"video_id": video_id, "action": action}
        where = "".join(f" and {name} = %({name})s" for name, value in asked.items() if value is not None)
        where += " and (at, activity_id) < (%(before)s, %(id)s)" if before else ""
        words = {"before": before[0], "id": before[1]} if before else {}
        statement = (
            f"select {_ACTIVITY} from video_activity where tenant_id = %(tenant)s{where} order by at desc, activity_id desc limit %(limit)s"
        )
        return [Activity(*row) for row in self._read(statement, limit=limit, **asked, **words)]
