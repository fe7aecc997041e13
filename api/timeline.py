"""A request's timeline as server-sent events: what happened so far, then every change, until the end. Who is woken is in `api.live`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.live import Live
from domain.errors import NotFound, SourceFailed, Suspended, Unauthenticated
from domain.requests import Moment
from store.database import Database, Entry


class MomentOut(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a request's timeline; `id` goes into `Last-Event-ID`."""

    id: int
    at: datetime
    state: str
    attempt: int
    progress: float
    note: str
    error: dict[str, Any] | None

    @classmethod
    def of(cls, moment: Moment) -> "MomentOut":
        return cls(
            id=moment.version,
            at=moment.at,
            state=moment.state.value,
            attempt=moment.attempt,
            progress=moment.progress,
            note=moment.note,
            error=dict(moment.error) if moment.error else None,
        )


class TimelineOut(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened to a request, the oldest first."""

    items: list[MomentOut]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened since, and whether more can come."""

    moments: list[Moment]
    is_final: bool


def read(database: Database, entry: Entry, request_id: UUID, after: int) -> tuple[UUID, Timeline]:
    """The tenant that the entry leads to, and the timeline behind an event. Raises NotFound."""
    with database.begin(entry) as uow:
        is_final = uow.requests.get(request_id).is_final
        return uow.tenant_id, Timeline(uow.requests.events(request_id, after=after), is_final)


async def told_live(database: Database, live: Live, entry: Entry, request_id: UUID, last_event_id: int) -> ServerSentEvent:
    """The timeline as an answer that goes on until the request ends. Raises NotFound, as long as there is a status to tell it with."""
    tenant_id, _ = await anyio.to_thread.run_sync(read, database, entry, request_id, last_event_id)
    return ServerSentEvent(follow(database, live, entry, (tenant_id, request_id), last_event_id))


async def follow(
    database: Database, live: Live, entry: Entry, subject: tuple[UUID, UUID], last: int
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Subscribe first, then read: what changes in between wakes us. The credential is proven anew at every read, and so at every ping."""
    with live.follow(subject) as changes:
        while True:
            try:
                _, timeline = await anyio.to_thread.run_sync(read, database, entry, subject[1], last)
            except (Unauthenticated, Suspended, NotFound, SourceFailed):
                return  # the answer has begun, so there is no status left to tell it with: whoever calls again is told why
            for moment in timeline.moments:
                last = moment.version
                yield _message(moment)
            if timeline.is_final:
                return
            if not await changes.wait(live.ping_seconds):
                yield ServerSentEventMessage(comment="ping", data=None)  # a comment only: no event reaches the page


def _message(moment: Moment) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(MomentOut.of(moment)).decode(), event=moment.state.value, id=str(moment.version))
