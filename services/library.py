"""What people do with the library: collecting a video, noting what was done with one, making fresh what changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from store.collections import Collection
from store.ids import new_id
from store.work import UnitOfWork


def collect(uow: UnitOfWork, collection_id: UUID, video_id: UUID) -> Collection:
    """Add a video to a collection; doing so is an activity, the first time."""
    if uow.collections.put_videos(collection_id, [video_id]):
        uow.activities.note(new_id(), video_id, "collected", user_id=uow.user_id)
    return uow.collections.get(collection_id)


def renew_aggregates(uow: UnitOfWork, *, now: datetime, only: Sequence[UUID] = ()) -> None:
    """Everything that is derived from the rows of accounts, of those that changed and of the named ones."""
    uow.aggregates.put_totals(now=now, only=only)
    uow.aggregates.put_days(now=now, only=only)
    uow.aggregates.put_hashtags(now=now, only=only)
    uow.aggregates.put_sounds(now=now, only=only)
