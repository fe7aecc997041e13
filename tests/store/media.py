"""Media and clips that are in the database already, without any file behind them."""

from typing import Any

from domain.clips.asked import Wanted
from domain.transcripts import Source, transcribe
from store.clip_rows import Clip
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork
from tests.media import TALK, probe, sha256

TRANSCRIPT = transcribe(TALK, source=Source.TRACK, language="eng", duration_seconds=30)


def put_media(uow: UnitOfWork, name: str = "talk", **more: Any) -> MediaFile:
    """A video with a transcript."""
    content = sha256(name.encode())
    file = {"file_name": name, "file_key": f"{uow.tenant_id}/{content[:2]}/{content}", "sha256": content, "size_bytes": 10, **more}
    media = uow.media.add(media_id=new_id(), request_id=new_id(), file=file, probe=probe(), user_id=None)
    uow.media.put_transcript(media.media_id, TRANSCRIPT)
    return media


def put_clip(uow: UnitOfWork, media: MediaFile, wanted: Wanted | None = None, *, has_request: bool = True) -> Clip:
    """A clip that was asked for, with its request."""
    clip_id, request_id = new_id(), new_id()
    if has_request:
        params = {"media_id": str(media.media_id), "clip_id": str(clip_id)}
        uow.requests.ask(request_id=request_id, kind="clip", subject=f"clip:{clip_id}", params=params, user_id=None)
    return uow.clips.add(clip_id=clip_id, media_id=media.media_id, request_id=request_id, wanted=wanted or Wanted.of(), user_id=None)
