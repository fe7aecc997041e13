"""Jobs: clips that are rendered together, followed and canceled together."""

from typing import Annotated
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.response import ServerSentEvent

from api.idempotency import IdempotencyKey, once
from api.launching import ending, launching
from api.live import Live
from api.media.looks import LookIn
from api.media.shapes import ClipOut
from api.security import BEARER, known_caller, needs_write
from api.timeline import told_live
from domain.ports import RunLauncher
from domain.requests import Request as Asked
from services import clip_jobs
from services.clip_jobs import Part
from store.clip_rows import Clip
from store.database import Database, Entry


class PartIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a video that you chose yourself; its ends are moved to the words around them."""

    media_id: UUID
    start_seconds: Annotated[float, msgspec.Meta(ge=0)]
    end_seconds: Annotated[float, msgspec.Meta(gt=0)]


class JobIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to render, and how it shall look: candidates, parts of your own, and clips to be made again with another look."""

    candidate_ids: Annotated[list[UUID], msgspec.Meta(max_length=20)] = []
    parts: Annotated[list[PartIn], msgspec.Meta(max_length=20)] = []
    clip_ids: Annotated[list[UUID], msgspec.Meta(max_length=20)] = []
    look: LookIn = msgspec.field(default_factory=LookIn)


class JobOut(msgspec.Struct, frozen=True, kw_only=True):
    """The clips of a job, and how far the work on them is (`progress`: a share from 0 to 1)."""

    request_id: UUID
    state: str
    progress: float
    note: str
    clips: list[ClipOut]
    events: str

    @classmethod
    def of(cls, request: Asked, clips: list[Clip]) -> "JobOut":
        return cls(
            request_id=request.request_id, state=request.state.value, progress=request.progress, note=request.note,
            clips=[ClipOut.of(each) for each in clips], events=f"/api/v1/clips/jobs/{request.request_id}/events",
        )  # fmt: skip


class JobController(Controller):
    """Renders of clips."""

    path = "/clips/jobs"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202)
    def ask(
        self,
        data: JSONBody[JobIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Render 1 to 20 clips in one look. Each counts as one of the day's, and is given back where it fails or is blocked by a check."""
        asked = list[Asked]()
        parts = [Part(**msgspec.structs.asdict(each)) for each in data.parts]
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[JobOut, int, dict[str, str]]:
                request, made = clip_jobs.ask(uow, data.candidate_ids, parts, data.clip_ids, data.look.look())
                asked.append(request)
                return JobOut.of(request, made), 202, {"Location": f"/api/v1/clips/jobs/{request.request_id}"}

            answer = once(uow, idempotency_key, route="POST /clips/jobs", body=data, effect=effect)
        return launching(answer, database, launcher, asked)

    @get("/{request_id:uuid}", sync_to_thread=True)
    def get_job(self, request_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> JobOut:
        """A job and its clips."""
        with database.begin(entry) as uow:
            return JobOut.of(*clip_jobs.find(uow, request_id))

    @delete("/{request_id:uuid}", sync_to_thread=True, status_code=202)
    def cancel(
        self,
        request_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
    ) -> JobOut:
        """Cancel a job: clips that are not made yet are not made, and not counted."""
        with database.begin(entry) as uow:
            needs_write(uow)
            request, made = clip_jobs.cancel(uow, request_id)
        ending(launcher, [request])
        return JobOut.of(request, made)

    @get("/{request_id:uuid}/events")
    async def events(
        self,
        request_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        live: NamedDependency[Live],
        last_event_id: Annotated[int, HeaderParameter(name="Last-Event-ID", description="go on after this event")] = 0,
    ) -> ServerSentEvent:
        """Follow a job live (server-sent events): the same as the events of its request."""
        await anyio.to_thread.run_sync(_is_there, database, entry, request_id)
        return await told_live(database, live, entry, request_id, last_event_id)


def _is_there(database: Database, entry: Entry, request_id: UUID) -> None:
    """Raises NotFound for work that is no job."""
    with database.begin(entry) as uow:
        clip_jobs.find(uow, request_id)
