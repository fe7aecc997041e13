"""Files that come in: taken in, listed, downloaded, deleted. What is made of them is in `api.media.clips`."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi import ResponseSpec
from litestar.params import FromPath

from api.downloads import Kept, Sending
from api.idempotency import IdempotencyKey
from api.launching import ending
from api.media.links import ExpiresIn, LinkOut, Links
from api.media.receiving import Intake, received
from api.media.shapes import MediaOut, TakenInOut
from api.media.uploading import Desk, Wish, bounds, desk, wish
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs_write
from domain.file_names import Disposition
from domain.media import Container, Probe
from domain.ports import FilePort, RunLauncher
from services import media
from services.kept_files import key_of_media
from store.database import Database, Entry
from store.work import UnitOfWork

# The handler answers bytes, which may be a stored answer; this is what they say.
_TAKEN_IN = ResponseSpec(TakenInOut, generate_examples=False, description="Taken in; `Location` is the work on its first clip.")
_MEDIA_TYPES: Mapping[Container, str] = MappingProxyType(
    {Container.MOV: "mp4", Container.MATROSKA: "x-matroska", Container.MP3: "mpeg", Container.WAV: "wav"}
)
_ADDED = ResponseSpec(
    TakenInOut, generate_examples=False, description="An addition: kept, and nothing is made of it; `Location` is the file."
)


class MediaController(Controller):
    """Videos that come in."""

    path = "/media"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @post(
        "/",
        status_code=202,
        request_max_body_size=None,
        responses={201: _ADDED, 202: _TAKEN_IN},
        dependencies={"bounds": Provide(bounds), "wish": Provide(wish), "desk": Provide(desk)},
    )
    async def upload(
        self,
        request: Request[Any, Any, Any],
        wish: NamedDependency[Wish],
        desk: NamedDependency[Desk],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Send a video and have a clip made of it: the body is the file, or a form with `file` and `captions`, to 1 GB.

        Without captions (WebVTT, SubRip, ASS, json3) its own subtitle track is taken: the first English one by its language tag, else the
        first; without one it is listened to. A video that no clip can be made of is refused at once, with what would help. With
        `purpose=addition` it is music, an intro or an outro: no run is started, sounds are taken too, the answer is 201.
        """
        tenant_id = await anyio.to_thread.run_sync(desk.writing_tenant)
        came = await received(request, desk.files, tenant_id, desk.limit_bytes)
        intake = Intake(desk=desk, tenant_id=tenant_id, received=came, wish=wish, key=idempotency_key)
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
        """List videos and additions, newest first."""
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
    def get_file(self, media_id: FromPath[UUID], sending: NamedDependency[Sending]) -> Response[Any]:
        """Download the file as it was sent. Answers one `Range`. 410 once its bytes are not kept any longer."""
        return sending(partial(_kept, media_id, disposition="attachment"))

    @get("/{media_id:uuid}/link", sync_to_thread=True)
    def get_link(
        self, media_id: FromPath[UUID], sending: NamedDependency[Sending], links: NamedDependency[Links], expires_in: ExpiresIn = 3600
    ) -> Response[LinkOut]:
        """A link to the file as it was sent that needs no credential, for an hour unless said otherwise. 410 as for the file."""
        return links.to(sending.find(partial(_kept, media_id)), seconds=expires_in)

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


def _kept(media_id: UUID, uow: UnitOfWork, *, disposition: Disposition = "inline") -> Kept:
    found = uow.media.get(media_id)
    name = found.file_name or str(media_id)
    return Kept(key=key_of_media(found), media_type=_media_type(found.probe), file_name=name, disposition=disposition)


def _media_type(probe: Probe) -> str:
    return f"{'video' if probe.video else 'audio'}/{_MEDIA_TYPES[probe.container]}"
