"""What people do with the library: collecting, noting, telling what no platform tells; making fresh what changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from domain.errors import FieldProblem, Unacceptable
from store.collections import Collection
from store.ids import new_id
from store.work import UnitOfWork


def collect(uow: UnitOfWork, collection_id: UUID, video_id: UUID) -> Collection:
    """Add a video to a collection; doing so is an activity, the first time."""
    if uow.collections.put_videos(collection_id, [video_id]):
        uow.activities.note(new_id(), video_id, "collected", user_id=uow.user_id)
    return uow.collections.get(collection_id)


def tell_time_zone(uow: UnitOfWork, account_id: UUID, time_zone: str | None) -> None:
    """Where the account's hours are counted. Raises NotFound, and Unacceptable for what is no IANA name."""
    if time_zone is not None and time_zone not in _zones():
        problem = FieldProblem("/time_zone", "give an IANA name such as Europe/Berlin, or null where it is not known")
        raise Unacceptable("the time zone cannot be accepted", (problem,))
    uow.told.set_time_zone(account_id, time_zone)
    uow.trust.note("account.time_zone_told", str(account_id), actor=uow.user_id, details={"time_zone": time_zone})


def tell_promoted(uow: UnitOfWork, video_id: UUID, is_promoted: bool | None) -> None:
    """Whether the video's views were bought or promoted: it is nobody's peer then. Raises NotFound."""
    uow.told.set_promoted(video_id, is_promoted)
    uow.trust.note("video.promotion_told", str(video_id), actor=uow.user_id, details={"is_promoted": is_promoted})


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def renew_aggregates(uow: UnitOfWork, *, now: datetime, only: Sequence[UUID] = ()) -> None:
    """Everything that is derived from the rows of accounts, of those that changed and of the named ones."""
    uow.aggregates.put_totals(now=now, only=only)
    uow.aggregates.put_days(now=now, only=only)
    uow.aggregates.put_hashtags(now=now, only=only)
    uow.aggregates.put_sounds(now=now, only=only)
