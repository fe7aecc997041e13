"""Where the video of a run comes from: its owner's upload, or, where the operator allows that, a download of a public post."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from domain.clips.states import choose_streams
from domain.errors import NotFound, Refused
from domain.ports import FilePort, MediaTools, Platforms
from services import clip_subjects, counting, media
from services.work import Work
from store.ids import new_id
from store.media import MediaFile

_CHUNK = 1_000_000


def ready(work: Work, files: FilePort, tools: MediaTools, platforms: Platforms) -> list[MediaFile]:
    """The videos of the run, their bytes at hand. Fetches what a suggestion was asked for and nobody sent."""
    clip_subjects.begin_again(work)
    video_id = work.params.get("video_id")
    if clip_subjects.is_suggestion(work) and video_id:
        if clip_subjects.media_of(work):
            with work.begin() as uow:
                counting.not_fetched(uow, work.request.request_id)  # somebody sent it, or an earlier attempt fetched it
        else:
            _fetch(work, files, tools, platforms, UUID(str(video_id)))
    return clip_subjects.each_media(work, lambda media_id: media.at_hand(work, files, media_id))


def _fetch(work: Work, files: FilePort, tools: MediaTools, platforms: Platforms, video_id: UUID) -> None:
    """Download the post's video, and take it in as if it had been sent. Raises Refused where downloads are off."""
    if platforms.media is None:
        raise Refused("downloads of public videos are off (WHYRAL_MEDIA_DOWNLOADS): send the video itself with POST /media")
    with work.begin() as uow:
        video, _ = uow.videos.get(video_id)
    if video.url is None:
        raise NotFound("address of video", video_id)
    limits = tools.limits
    with tempfile.TemporaryDirectory(prefix="whyral-fetch-") as folder:
        fetched = platforms.media.fetch(
            video.url, folder=Path(folder), limit_bytes=limits.file_bytes, limit_seconds=limits.duration_seconds,
            is_unwanted=work.is_unwanted,
        )  # fmt: skip
        stored = files.put(work.tenant_id, _pieces(fetched.path), limit_bytes=limits.file_bytes)
    with media.kept_or_forgotten(work, files, stored):
        probe = tools.probe(stored.key)
        choose_streams(probe, None)
        file = {"file_name": video.title, "file_key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes,
                "video_id": video_id, "origin": "download", "heat": work.params.get("heat"),
                "platform_heat": None if fetched.heat is None else [asdict(each) for each in fetched.heat]}  # fmt: skip
        with work.begin() as uow:
            uow.kept.lock(stored.sha256)
            files.size(stored.key)
            uow.media.add(media_id=new_id(), request_id=work.request.request_id, file=file, probe=probe, user_id=uow.user_id)
            counting.fetched(uow, work.request.request_id)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
