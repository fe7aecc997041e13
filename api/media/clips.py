"""Clips: asked for, listed, followed, downloaded, deleted."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.response import ServerSentEvent

from api.downloads import download
from api.idempotency import IdempotencyKey, once
from api.launching import ending, launching
from api.live import Live
from api.media.links import ExpiresIn, LinkOut, Links
from api.media.shapes import CalibrationOut, ClipIn, ClipOut, PostIn
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.places import Places
from api.security import BEARER, known_caller, needs_write
from api.timeline import told_live
from domain.clips.asked import Wanted
from domain.clips.states import ClipState
from domain.ports import FilePort, MediaTools, RunLauncher
from domain.requests import Request as Asked
from domain.transcripts import srt, webvtt
from services import clips
from services.kept_files import key_of_thumbnail
from store.database import Database, Entry

_TYPE = "video/mp4"
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

    @get("/{clip_id:uuid}/file", sync_to_thread=True)
    def get_file(
        self,
        request: Request[Any, Any, Any],
        clip_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
    ) -> Response[Any]:
        """Download the clip (MP4), or one `Range` of it. 404 until it is rendered, 409 where a check blocked it, 410 once it expired."""
        with database.begin(entry) as uow:
            key = clips.deliverable(uow.clips.get(clip_id))
        return download(request, files, key, media_type=_TYPE, file_name=_name(clip_id), disposition="inline")

    @get("/{clip_id:uuid}/link", sync_to_thread=True)
    def get_link(
        self,
        clip_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        links: NamedDependency[Links],
        expires_in: ExpiresIn = 3600,
    ) -> Response[LinkOut]:
        """A link to the clip's file that needs no credential, for an hour unless said otherwise. 404, 409 and 410 as for the file."""
        with database.begin(entry) as uow:
            key = clips.deliverable(uow.clips.get(clip_id))
        return links.link(key, seconds=expires_in, file_name=_name(clip_id), media_type=_TYPE)

    @get("/{clip_id:uuid}/thumbnail", sync_to_thread=True)
    def get_thumbnail(
        self,
        request: Request[Any, Any, Any],
        clip_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
    ) -> Response[Any]:
        """The clip's best frame with its title on it (JPEG)."""
        with database.begin(entry) as uow:
            key = key_of_thumbnail(uow.clips.get(clip_id))
        return download(request, files, key, media_type="image/jpeg", file_name=f"clip-{clip_id}.jpg", disposition="inline")

    @get("/{clip_id:uuid}/checks/{name:str}/picture", sync_to_thread=True)
    def get_check_picture(
        self,
        clip_id: FromPath[UUID],
        name: FromPath[str],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        media_tools: NamedDependency[MediaTools],
        places: NamedDependency[Places],
    ) -> Response[bytes]:
        """The frame of the clip that a check is about (JPEG)."""
        with database.begin(entry) as uow:
            tenant_id, (key, at_seconds) = uow.tenant_id, clips.place_of(uow.clips.get(clip_id), name)
        with places.take(tenant_id):
            return Response(media_tools.thumbnail(key, at_seconds=at_seconds, width=540), media_type="image/jpeg")

    @get("/{clip_id:uuid}/captions.vtt", sync_to_thread=True, media_type="text/vtt")
    def get_captions(self, clip_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The captions of the clip as a WebVTT file. 404 until it is laid out."""
        with database.begin(entry) as uow:
            return webvtt(clips.captions_of(uow, clip_id))

    @get("/{clip_id:uuid}/captions.srt", sync_to_thread=True, media_type="application/x-subrip")
    def get_captions_srt(self, clip_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The captions of the clip as a SubRip file. 404 until it is laid out."""
        with database.begin(entry) as uow:
            return srt(clips.captions_of(uow, clip_id))

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


def _name(clip_id: UUID) -> str:
    return f"clip-{clip_id}.mp4"


def _request_of(database: Database, entry: Entry, clip_id: UUID) -> UUID:
    with database.begin(entry) as uow:
        return uow.clips.get(clip_id).request_id
