"""Requests: ask for work, find it, cancel it, try it again. What is sent to followers is in `api.timeline`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter
from litestar.response import ServerSentEvent

from api.idempotency import IdempotencyKey, once
from api.launching import ending, launching
from api.live import Live
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs, needs_write
from api.timeline import MomentOut, TimelineOut, told_live
from domain.ports import RunLauncher
from domain.requests import EXPORT, Request, State
from domain.roles import Action
from services import requests
from store.database import Database, Entry
from store.work import UnitOfWork


class RequestIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Work to ask for: `refresh` (totals of accounts), `insights` (aggregates and all insights), `deep` or `causal` (one of its parts)."""

    kind: str
    params: dict[str, Any] = {}


class RequestOut(msgspec.Struct, frozen=True, kw_only=True):
    """A request and where it stands. `progress` is a share from 0 to 1."""

    request_id: UUID
    kind: str
    subject: str
    params: dict[str, Any]
    state: str
    attempt: int
    max_attempts: int
    progress: float
    note: str
    error: dict[str, Any] | None
    run_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, request: Request) -> "RequestOut":
        return cls(
            request_id=request.request_id,
            kind=request.kind,
            subject=request.subject,
            params=dict(request.params),
            state=request.state.value,
            attempt=request.attempt,
            max_attempts=request.max_attempts,
            progress=request.progress,
            note=request.note,
            error=dict(request.error) if request.error else None,
            run_id=request.run_id,
            created_at=request.created_at,
            started_at=request.started_at,
            finished_at=request.finished_at,
        )


def accepted(request: Request) -> tuple[RequestOut, int, dict[str, str]]:
    """202, and where to follow it."""
    return RequestOut.of(request), 202, {"Location": f"/api/v1/requests/{request.request_id}"}


class RequestController(Controller):
    """Whatever Dagster is asked to do."""

    path = "/requests"
    tags = ["requests"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202)
    def ask(
        self,
        data: JSONBody[RequestIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Start tenant-level work. 202 with the request; its run starts at once, or as soon as there is room."""
        made: list[Request] = []
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[RequestOut, int, dict[str, str]]:
                made.append(requests.ask(uow, data.kind, data.params))
                return accepted(made[0])

            answer = once(uow, idempotency_key, route="POST /requests", body=data, effect=effect)
        return launching(answer, database, launcher, made)

    @get("/", sync_to_thread=True)
    def list_requests(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors],
        wanted: Annotated[State | None, QueryParameter(name="state", description="only in this state")] = None,
        kind: Annotated[str | None, QueryParameter(description="only of this kind")] = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> Page[RequestOut]:
        """List requests, newest first."""
        scope = f"requests:{wanted}:{kind}"
        before = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.requests.page(limit=limit + 1, before=before, states=[wanted] if wanted else [], kinds=[kind] if kind else [])
        return page(found, limit, shape=RequestOut.of, position=lambda r: (r.created_at, r.request_id), cursors=cursors, scope=scope)

    @get("/{request_id:uuid}", sync_to_thread=True)
    def get_request(self, request_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> RequestOut:
        """One request."""
        with database.begin(entry) as uow:
            return RequestOut.of(uow.requests.get(request_id))

    @delete("/{request_id:uuid}", sync_to_thread=True, status_code=202)
    def cancel(
        self,
        request_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
    ) -> RequestOut:
        """Cancel: at once where nothing runs; a live run is told and stops at its next write."""
        with database.begin(entry) as uow:
            _needs(uow, request_id)
            request = requests.cancel(uow, request_id)
        ending(launcher, [request])
        return RequestOut.of(request)

    @post("/{request_id:uuid}/retry", sync_to_thread=True, status_code=202)
    def retry(
        self,
        request_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
    ) -> Response[RequestOut]:
        """One more attempt of a request that failed or was canceled; it counts once more, where that was given back."""
        with database.begin(entry) as uow:
            _needs(uow, request_id)
            request = requests.retry(uow, request_id)
        shape, status, headers = accepted(request)
        return launching(Response(shape, status_code=status, headers=headers), database, launcher, [request])

    @get("/{request_id:uuid}/timeline", sync_to_thread=True)
    def timeline(self, request_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> TimelineOut:
        """All that happened to a request, the oldest first: every state, attempt and error."""
        with database.begin(entry) as uow:
            uow.requests.get(request_id)
            return TimelineOut(items=[MomentOut.of(each) for each in uow.requests.events(request_id)])

    @get("/{request_id:uuid}/events")
    async def events(
        self,
        request_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        live: NamedDependency[Live],
        last_event_id: Annotated[int, HeaderParameter(name="Last-Event-ID", description="go on after this event")] = 0,
    ) -> ServerSentEvent:
        """Follow a request live (server-sent events): its timeline so far, then every change, until it has ended. Pings every 15 s."""
        return await told_live(database, live, entry, request_id, last_event_id)


# What may be asked for by fewer than may write is begun again, or called off, by those alone.
_ACTIONS = {EXPORT: Action.EXPORT_WORKSPACE}


def _needs(uow: UnitOfWork, request_id: UUID) -> None:
    """Raises Refused, NotFound."""
    needs_write(uow)
    needs(uow, _ACTIONS.get(uow.requests.get(request_id).kind, Action.WRITE))
