"""Reading the comments of a video from its platform, and keeping them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.adding import BY_ADDRESS
from domain.observations import Platform
from domain.sources import CommentsRead
from services.fetching import Fetching
from services.keeping import expires_at
from store.work import UnitOfWork

# How old an answer may be that somebody else's call brought.
MAX_AGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Commented:
    """A video whose comments are wanted, and what the platform is asked for."""

    video_id: UUID
    platform: Platform
    key: str


def wanted(uow: UnitOfWork, video_id: UUID) -> Commented:
    """Raises NotFound."""
    video, _ = uow.videos.get(video_id)
    platform = Platform(video.platform)
    return Commented(video_id, platform, video.url if platform in BY_ADDRESS and video.url else video.external_id)


def read(fetching: Fetching, asked: Commented, *, most: int) -> CommentsRead:
    """Ask the platform. No transaction is open here."""
    try:
        return fetching.comments(asked.platform, asked.key, limit=most)
    finally:
        fetching.close()


def keep(uow: UnitOfWork, asked: Commented, found: CommentsRead, *, is_amended: bool) -> int:
    """Keep what was read; returns how many comments were new."""
    until = None if is_amended else expires_at(found.source, found.fetched_at)
    return uow.comments.put(asked.video_id, found, expires_at=until)
