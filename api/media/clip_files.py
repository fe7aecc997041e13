"""The files of a clip: its film, its picture, its captions, and the frames that its checks are about."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.downloads import Kept, Sending
from api.media.links import ExpiresIn, LinkOut, Links
from api.places import Places
from api.security import BEARER, known_caller
from domain.ports import MediaTools
from domain.transcripts import srt, webvtt
from services import clips
from services.kept_files import key_of_thumbnail
from store.database import Database, Entry
from store.work import UnitOfWork


class ClipFileController(Controller):
    """Files of clips."""

    path = "/clips/{clip_id:uuid}"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @get("/file", sync_to_thread=True)
    def get_file(self, clip_id: FromPath[UUID], sending: NamedDependency[Sending]) -> Response[Any]:
        """Download the clip (MP4), or one `Range` of it. 404 until it is rendered, 409 where a check blocked it, 410 once it expired."""
        return sending(partial(_film, clip_id))

    @get("/link", sync_to_thread=True)
    def get_link(
        self, clip_id: FromPath[UUID], sending: NamedDependency[Sending], links: NamedDependency[Links], expires_in: ExpiresIn = 3600
    ) -> Response[LinkOut]:
        """A link to the clip's file that needs no credential, for an hour unless said otherwise. 404, 409 and 410 as for the file."""
        return links.to(sending.find(partial(_film, clip_id)), seconds=expires_in)

    @get("/thumbnail", sync_to_thread=True)
    def get_thumbnail(self, clip_id: FromPath[UUID], sending: NamedDependency[Sending]) -> Response[Any]:
        """The clip's best frame with its title on it (JPEG)."""
        return sending(partial(_picture, clip_id))

    @get("/checks/{name:str}/picture", sync_to_thread=True)
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

    @get("/captions.vtt", sync_to_thread=True, media_type="text/vtt")
    def get_captions(self, clip_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The captions of the clip as a WebVTT file. 404 until it is laid out."""
        with database.begin(entry) as uow:
            return webvtt(clips.captions_of(uow, clip_id))

    @get("/captions.srt", sync_to_thread=True, media_type="application/x-subrip")
    def get_captions_srt(self, clip_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The captions of the clip as a SubRip file. 404 until it is laid out."""
        with database.begin(entry) as uow:
            return srt(clips.captions_of(uow, clip_id))


def _film(clip_id: UUID, uow: UnitOfWork) -> Kept:
    return Kept(key=clips.deliverable(uow.clips.get(clip_id)), media_type="video/mp4", file_name=f"clip-{clip_id}.mp4")


def _picture(clip_id: UUID, uow: UnitOfWork) -> Kept:
    return Kept(key=key_of_thumbnail(uow.clips.get(clip_id)), media_type="image/jpeg", file_name=f"clip-{clip_id}.jpg")
