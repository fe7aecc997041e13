"""Videos that come in: taken in, listed, downloaded, deleted. What is made of them is in `api.media.clips`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.downloads import download
from api.idempotency import IdempotencyKey
from api.launching import ending
from api.media.links import ExpiresIn, LinkOut, Links
from api.media.receiving import Intake, received
from api.media.shapes import MediaOut, TakenInOut
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs_write
from domain.clips.asked import Wanted
from domain.media import Container
from domain.ports import FilePort, MediaTools, RunLauncher
from services import media
from services.kept_files import key_of_media
from store.database import Database, Entry
from store.media import MediaFile

# The handler answers bytes, which may be a stored answer; this is what they say.
_TAKEN_IN = ResponseSpec(TakenInOut, generate_examples=False, description="Taken in; `Location` is the work on its first clip.")
MEDIA_TYPES = {Container.MOV: "video/mp4", Container.MATROSKA: "video/x-matroska"}
_TAG = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"  # BCP 47, roughly
FileName = Annotated[str | None, QueryParameter(description="shown in lists; what the file is, is told by its content", max_length=255)]
Language = Annotated[
    str | None,
    QueryParameter(description="of the captions that are sent, as a tag such as `en`", pattern=_TAG),
]
MinSeconds = Annotated[float | None, QueryParameter(description="the shortest clip that is wanted, from 3; 15 where left out")]
MaxSeconds = Annotated[float | None, QueryParameter(description="the longest clip that is wanted, to 180; 60 where left out")]
OfVideo = Annotated[UUID | None, QueryParameter(description="the post of the catalogue that it is the video of")]
Render = Annotated[bool, QueryParameter(description="false: find candidates only, and render nothing yet")]


class MediaController(Controller):
    """Videos that come in."""

    path = "/media"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @post("/", status_code=202, request_max_body_size=None, responses={202: _TAKEN_IN})
    async def upload(
        self,
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
        media_tools: NamedDependency[MediaTools],
        launcher: NamedDependency[RunLauncher],
        media_limit_bytes: NamedDependency[int],
        file_name: FileName = None,
        language: Language = None,
        min_seconds: MinSeconds = None,
        max_seconds: MaxSeconds = None,
        video_id: OfVideo = None,
        render: Render = True,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Send a video and have a clip made of it: the body is the file, or a form with `file` and `captions`, to 1 GB.

        Without captions (WebVTT, SubRip, ASS, json3) its own subtitle track is taken: the first English one by its language tag, else the
        first; without one it is listened to. A video that no clip can be made of is refused at once, with what would help.
        """
        wanted = Wanted.of(min_seconds, max_seconds)
        tenant_id = await anyio.to_thread.run_sync(_writing_tenant, database, entry)
        came = await received(request, files, tenant_id, media_limit_bytes)
        intake = Intake(
            database=database,
            entry=entry,
            files=files,
            tools=media_tools,
            launcher=launcher,
            tenant_id=tenant_id,
            received=came,
            file_name=file_name,
            language=language,
            wanted=wanted,
            video_id=video_id,
            is_clip_wanted=render,
            key=idempotency_key,
        )
        return await anyio.to_thread.run_sync(intake.run)

    @get("/", sync_to_thread=True)
    def list_media(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors],
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[MediaOut]:
        """List videos, newest first."""
        before = cursors.read(cursor, "media", tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.media.page(limit=limit + 1, before=before)
            facts = uow.media.facts([each.media_id for each in found])
        return page(
            found,
            limit,
            shape=lambda each: MediaOut.of(each, facts.get(each.media_id)),
            position=lambda each: (each.created_at, each.media_id),
            cursors=cursors,
            scope="media",
        )

    @get("/{media_id:uuid}", sync_to_thread=True)
    def get_media(self, media_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> MediaOut:
        """One video: what was probed in it, and what is known of its words."""
        with database.begin(entry) as uow:
            return MediaOut.of(uow.media.get(media_id), uow.media.facts([media_id]).get(media_id))

    @get("/{media_id:uuid}/file", sync_to_thread=True)
    def get_file(
        self,
        request: Request[Any, Any, Any],
        media_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
    ) -> Response[Any]:
        """Download the video as it was sent. Answers one `Range`. 410 once its bytes are not kept any longer."""
        with database.begin(entry) as uow:
            found = uow.media.get(media_id)
        return download(request, files, key_of_media(found), media_type=MEDIA_TYPES[found.probe.container], file_name=_name(found))

    @get("/{media_id:uuid}/link", sync_to_thread=True)
    def get_link(
        self,
        media_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        links: NamedDependency[Links],
        expires_in: ExpiresIn = 3600,
    ) -> Response[LinkOut]:
        """A link to the video as it was sent that needs no credential, for an hour unless said otherwise. 410 as for the file."""
        with database.begin(entry) as uow:
            found = uow.media.get(media_id)
        return links.link(key_of_media(found), seconds=expires_in, media_type=MEDIA_TYPES[found.probe.container], file_name=_name(found))

    @delete("/{media_id:uuid}", sync_to_thread=True)
    def delete_media(
        self,
        media_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        files: NamedDependency[FilePort],
        launcher: NamedDependency[RunLauncher],
    ) -> None:
        """Delete a video with its words, its clips and their files. Work on them is canceled."""
        with database.begin(entry) as uow:
            needs_write(uow)
            canceled = media.delete(uow, files, media_id)
        ending(launcher, canceled)


def _name(found: MediaFile) -> str:
    return found.file_name or str(found.media_id)


def _writing_tenant(database: Database, entry: Entry) -> UUID:
    """Before a byte is kept: may this caller write, and for whom."""
    with database.begin(entry) as uow:
        needs_write(uow)
        return uow.tenant_id
