"""What is to be seen of a post: its thumbnail, as measured, and the files of its video. Files themselves are served by `api.media`."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from api.media.shapes import TranscriptOut
from store.media import MediaFile, TranscriptFacts
from store.thumbnails import LookedAt
from store.videos import ListedVideo


class PostMediaOut(msgspec.Struct, frozen=True, kw_only=True):
    """One picture or film of a post.

    `source_url` is where the platform shows it. `file` is our copy; null where there is none: a thumbnail's picture is measured and let
    go, a video's bytes go some days after their last use. `note` says why something is not known, or no longer here.
    """

    kind: Literal["thumbnail", "video"]
    source_url: str | None
    file: str | None
    sha256: str | None
    width: int | None
    height: int | None
    media_id: UUID | None = None
    origin: str | None = None
    transcript: TranscriptOut | None = None
    seen_at: datetime | None = None
    note: str | None = None

    @classmethod
    def of_thumbnail(cls, url: str, found: LookedAt | None) -> "PostMediaOut":
        if found is None:
            found = LookedAt(None, None, None, None, "nobody has looked at it yet")
        return cls(kind="thumbnail", source_url=url, file=None, sha256=found.sha256, width=found.width, height=found.height,
                   seen_at=found.measured_at, note=found.reason)  # fmt: skip

    @classmethod
    def of_file(cls, video: ListedVideo, found: MediaFile, transcript: TranscriptFacts | None) -> "PostMediaOut":
        picture = found.probe.video[0] if found.probe.video else None
        gone = found.expired_at
        return cls(
            kind="video", source_url=video.url if found.origin == "download" else None,
            file=None if gone else f"/api/v1/media/{found.media_id}/file", sha256=found.sha256, width=picture.width if picture else None,
            height=picture.height if picture else None, media_id=found.media_id, origin=found.origin, seen_at=found.created_at,
            transcript=TranscriptOut.of(transcript) if transcript else None, note=f"its bytes went on {gone:%Y-%m-%d}" if gone else None,
        )  # fmt: skip


class PostMediasOut(msgspec.Struct, frozen=True, kw_only=True):
    """The thumbnail first, then up to 100 files of the video, the newest first."""

    items: list[PostMediaOut]
