"""Clips: asked for, listed, followed, deleted. Their files are in `api.media.clip_files`."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.response import ServerSentEvent

from api.idempotency import IdempotencyKey, once
from api.launching import ending, launching
from api.live import Live
from api.media.shapes import CalibrationOut, ClipIn, ClipOut, PostIn
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs_write
from api.timeline import told_live
from domain.clips.asked import Wanted
from domain.clips.states import ClipState
from domain.ports import FilePort, RunLauncher
from domain.requests import Request as Asked
from services import clips
from store.database import Database, Entry

MediaId = Annotated[UUID | None, QueryParameter(description="only of this video")]
StateParam = Annotated[ClipState | None, QueryParameter(name="state", description="only in this state")]


class ClipController(Controller):
    """Clips of videos."""

    path = "/clips"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202)
    def ask(
        self,
        data: JSONBody[ClipIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Have another clip made of a video, with bounds of its own. 202 with the clip; follow it by its request."""
        wanted, asked = Wanted.of(data.min_seconds, data.max_seconds), list[Asked]()
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[ClipOut, int, dict[str, str]]:
                clip, request = clips.ask(uow, data.media_id, wanted)
                asked.append(request)
                return ClipOut.of(clip), 202, {"Location": f"/api/v1/requests/{request.request_id}"}

            answer = once(uow, idempotency_key, route="POST /clips", body=data, effect=effect)
        return launching(answer, database, launcher, asked)

    @get("/", sync_to_thread=True)
    def list_clips(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors],
        media_id: MediaId = None,
        wanted: StateParam = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[ClipOut]:
        """List clips, newest first."""
        scope = f"clips:{media_id}:{wanted}"
        before = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.clips.page(limit=limit + 1, before=before, media_id=media_id, state=wanted)
        return page(found, limit, shape=ClipOut.of, position=lambda each: (each.created_at, each.clip_id), cursors=cursors, scope=scope)

    @get("/{clip_id:uuid}", sync_to_thread=True)
    def get_clip(self, clip_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ClipOut:
        """One clip: the part that was chosen and why, its state, and what was measured of the file."""
        with database.begin(entry) as uow:
            return ClipOut.of(uow.clips.get(clip_id))

    @get("/{clip_id:uuid}/events")
    async def events(
        self,
        clip_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        live: NamedDependency[Live],
        last_event_id: Annotated[int, HeaderParameter(name="Last-Event-ID", description="go on after this event")] = 0,
    ) -> ServerSentEvent:
        """Follow the work on a clip live (server-sent events): the same as the events of its request."""
        request_id = await anyio.to_thread.run_sync(_request_of, database, entry, clip_id)
        return await told_live(database, live, entry, request_id, last_event_id)

    @put("/{clip_id:uuid}/post", sync_to_thread=True)
    def put_post(
        self, clip_id: FromPath[UUID], data: JSONBody[PostIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ClipOut:
        """Say which post the clip became: how it did is held against how it ranked."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return ClipOut.of(clips.became(uow, clip_id, data.video_id))

    @get("/calibration", sync_to_thread=True)
    def get_calibration(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> CalibrationOut:
        """How clips that ranked higher did as posts: a curve with intervals, or that too few are known."""
        with database.begin(entry) as uow:
            return CalibrationOut(**asdict(clips.calibration(uow)))

    @delete("/{clip_id:uuid}", sync_to_thread=True)
    def delete_clip(
        self,
        clip_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
        launcher: NamedDependency[RunLauncher],
    ) -> None:
        """Delete a clip and its file. Work on it is canceled; the video stays."""
        with database.begin(entry) as uow:
            needs_write(uow)
            canceled = clips.delete(uow, files, clip_id)
        ending(launcher, canceled)


def _request_of(database: Database, entry: Entry, clip_id: UUID) -> UUID:
    with database.begin(entry) as uow:
        return uow.clips.get(clip_id).request_id
