"""Which bytes a row stands on, or why it stands on none any more."""

from datetime import datetime
from uuid import UUID

from domain.errors import FieldProblem, Gone, NotFound, Unacceptable
from domain.media import Purpose
from store.clip_rows import Clip
from store.media import MediaFile
from store.work import UnitOfWork


def key_of_media(found: MediaFile) -> str:
    """Raises Gone with hash and date where the bytes are not kept any longer."""
    return _kept(f"media {found.media_id}", found.file_key, found.sha256, found.expired_at)


def key_of_clip(clip: Clip) -> str:
    """Raises NotFound until the clip is rendered, Gone once its bytes are not kept any longer."""
    return _kept(f"clip {clip.clip_id}", clip.file_key, clip.sha256, clip.expired_at)


def key_of_thumbnail(clip: Clip) -> str:
    """Raises NotFound where there is none, Gone once its bytes are not kept any longer."""
    return _kept(f"thumbnail of clip {clip.clip_id}", clip.thumbnail_key, clip.thumbnail_sha256, clip.thumbnail_expired_at)


def use(uow: UnitOfWork, media_id: UUID) -> MediaFile:
    """A video, from now on in use: its days begin anew. Raises NotFound, Gone."""
    uow.media.touch(media_id)
    found = uow.media.get(media_id)
    key_of_media(found)
    return found


def use_source(uow: UnitOfWork, media_id: UUID, pointer: str = "/media_id") -> MediaFile:
    """A video that something is to be made of, in use from now on. Raises NotFound, Gone, Unacceptable for an addition."""
    found = use(uow, media_id)
    if found.purpose is Purpose.ADDITION:
        detail = "it came as an addition (music, intro, outro): send the video itself, with purpose=source"
        raise Unacceptable(f"media {media_id} is no source of clips", (FieldProblem(pointer, detail),))
    return found


def _kept(subject: str, key: str | None, sha256: str | None, expired_at: datetime | None) -> str:
    if expired_at is not None:
        raise Gone(f"{subject}: its bytes (sha256 {sha256}) were kept until {expired_at:%Y-%m-%d}, and are deleted")
    if key is None:
        raise NotFound("file of", subject)
    return key
