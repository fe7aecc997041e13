"""Syncs of an own channel (CHN-08): asked for, followed. The figures of the last one stand beside its request."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.requests import RequestOut, accepted
from api.security import BEARER, known_caller, needs_write
from domain.ports import RunLauncher
from domain.requests import Request
from services import syncs
from store.database import Database, Entry
from store.own_channels import ChannelSync
from store.work import UnitOfWork


class SyncOut(msgspec.Struct, frozen=True, kw_only=True):
    """A sync: its request, and how far the channel's syncs have come.

    `posts_listed` and `resumes` are of the listing that runs or ran last; `listed_at`: when the list of posts was walked as a whole last;
    `reports_read_at`: when the reports were. `error` is of the channel's last sync.
    """

    request: RequestOut
    posts_listed: int
    resumes: int
    listed_at: datetime | None
    reports_read_at: datetime | None
    error: dict[str, Any] | None

    @classmethod
    def of(cls, request: Request, sync: ChannelSync | None) -> "SyncOut":
        told = RequestOut.of(request)
        if sync is None:
            return cls(request=told, posts_listed=0, resumes=0, listed_at=None, reports_read_at=None, error=None)
        error = dict(sync.error) if sync.error else None
        return cls(
            request=told, posts_listed=sync.posts_listed, resumes=sync.resumes, listed_at=sync.listed_at,
            reports_read_at=sync.reports_read_at, error=error,
        )  # fmt: skip


class SyncController(Controller):
    """Reading an own channel anew."""

    path = "/channels/{channel_id:uuid}"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @post("/sync", sync_to_thread=True, status_code=202)
    def sync_channel(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Read the channel's posts and reports now. 202 with the request; while a sync of the channel is open, that one is answered."""
        return _asked(channel_id, database, entry, launcher, idempotency_key)

    @post("/videos/sync", sync_to_thread=True, status_code=202)
    def sync_videos(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """The same as `POST /channels/{channel_id}/sync`: posts and reports are read together."""
        return _asked(channel_id, database, entry, launcher, idempotency_key)

    @get("/videos/sync/latest", sync_to_thread=True)
    def latest_sync(self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> SyncOut:
        """The newest sync of the channel. 404 where there was none."""
        with database.begin(entry) as uow:
            return _shown(uow, channel_id, None)

    @get("/videos/sync/{request_id:uuid}", sync_to_thread=True)
    def one_sync(
        self, channel_id: FromPath[UUID], request_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> SyncOut:
        """One sync of the channel."""
        with database.begin(entry) as uow:
            return _shown(uow, channel_id, request_id)


def _asked(channel_id: UUID, database: Database, entry: Entry, launcher: RunLauncher, key: str | None) -> Response[bytes]:
    made: list[Request] = []
    with database.begin(entry) as uow:
        needs_write(uow)

        def effect() -> tuple[RequestOut, int, dict[str, str]]:
            request, is_new = syncs.ask(uow, channel_id)
            made.extend([request] if is_new else [])
            return accepted(request)

        answer = once(uow, key, route=f"POST /channels/{channel_id}/sync", body=None, effect=effect)
    return launching(answer, database, launcher, made)


def _shown(uow: UnitOfWork, channel_id: UUID, request_id: UUID | None) -> SyncOut:
    return SyncOut.of(syncs.of_channel(uow, channel_id, request_id), uow.own_channels.sync(channel_id))
