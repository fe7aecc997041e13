"""Syncing own channels: which ones, what it takes to read one, and what becomes of one that cannot be read.

Reading posts is `services.owner_posts`, reading reports `services.owner_reports`; what is read when is planned in `domain.owner_sync`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.channels import Channel, ChannelStatus
from domain.errors import ClaimLost, Conflict, FieldProblem, LimitReached, NotFound, SourceFailed, Unacceptable, WhyralError
from domain.observations import AccountFacts, Platform
from domain.ports import Errand, ReadsOwnData
from domain.requests import faulty
from domain.sources import Grant, SourceName
from services.work import Work

T = TypeVar("T")
SOURCE = SourceName.YOUTUBE_API
MOST_CHANNELS = 1_000


@dataclass(frozen=True, slots=True)
class OwnReading:
    """A channel, and what it takes to read it."""

    channel: Channel
    grant: Grant
    own: ReadsOwnData
    errand: Errand

    @property
    def channel_id(self) -> UUID:
        return self.channel.channel_id

    @property
    def external_id(self) -> str:
        """What YouTube calls the channel. Raises NotFound before it was connected."""
        if self.channel.external_id is None:
            raise NotFound("YouTube id of channel", self.channel.channel_id)
        return self.channel.external_id

    @property
    def account(self) -> AccountFacts:
        """The channel as the catalogue knows it."""
        return AccountFacts(Platform.YOUTUBE, external_id=self.external_id)


def wanted(work: Work) -> list[Channel]:
    """The channel that the run was asked for; else every active one of the workspace. Raises NotFound, Unacceptable."""
    problems: list[FieldProblem] = faulty(work.params)
    if problems:
        raise Unacceptable("the run's config cannot be accepted", tuple(problems))
    asked = work.params.get("channel_id")
    with work.begin() as uow:
        if asked:
            return [uow.channels.get(UUID(str(asked)))]
        return [channel for channel in uow.channels.page(limit=MOST_CHANNELS) if channel.status is ChannelStatus.ACTIVE]


def each(work: Work, channels: Sequence[Channel], do: Callable[[Channel], T], *, now: datetime) -> list[T]:
    """Do a part of the sync for every channel. One that fails is recorded with its reason and stops no other; if all do, that is raised."""
    done: list[T] = []
    failed: WhyralError | None = None
    for channel in channels:
        try:
            done.append(do(channel))
        except ClaimLost:
            raise
        except (SourceFailed, LimitReached, NotFound, Conflict) as error:
            failed = error
            _record(work, channel, error, now=now)
    if failed is not None and not done:
        raise failed
    return done


def _record(work: Work, channel: Channel, error: WhyralError, *, now: datetime) -> None:
    told: dict[str, object] = {"code": error.code, "detail": str(error)}
    if isinstance(error, SourceFailed):
        told["category"] = error.category
    if isinstance(error, LimitReached) and error.resets_at is not None:
        told["resets_at"] = error.resets_at.isoformat()
    with work.begin() as uow:
        uow.own_channels.begin(channel.channel_id, work.request.request_id, now=now)
        uow.own_channels.finish(channel.channel_id, now=now, error=told)
