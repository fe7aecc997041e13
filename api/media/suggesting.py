"""Parts of a video that could be clips: asked for, listed, looked at before anything is rendered."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.media.looks import LookIn
from api.media.shapes import CandidateOut, PieceOut
from api.places import Places
from api.security import BEARER, known_caller, needs_write
from domain.clips.asked import Wanted
from domain.errors import FieldProblem, Unacceptable
from domain.platforms.ytdlp import HeatMark
from domain.ports import MediaTools, Platforms, RunLauncher
from domain.requests import Request as Asked
from services import previewing, suggesting
from services.suggesting import Subject
from store.database import Database, Entry


class HeatIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a stretch of a video is watched again: 1 is its most watched one. What a platform's "most replayed" shows."""

    start_seconds: Annotated[float, msgspec.Meta(ge=0)]
    end_seconds: Annotated[float, msgspec.Meta(gt=0)]
    value: Annotated[float, msgspec.Meta(ge=0, le=1)]


class SuggestIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A video whose best parts are wanted: one that was sent (`media_id`), or a post (`video_id`). `count`: 4 to 9 where left out.

    `heat` is kept with the video; an empty list takes back what was told before.
    """

    media_id: UUID | None = None
    video_id: UUID | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None
    heat: Annotated[list[HeatIn], msgspec.Meta(max_length=200)] | None = None

    def subject(self) -> Subject:
        """Raises Unacceptable, naming every field at fault."""
        problems = [FieldProblem(f"/heat/{at}", "let it end after it starts") for at, each in enumerate(self.heat or ())
                    if each.end_seconds <= each.start_seconds]  # fmt: skip
        if (self.media_id is None) == (self.video_id is None):
            problems.append(FieldProblem("/media_id", "give media_id or video_id, one of them"))
        if problems:
            raise Unacceptable("the video cannot be accepted", tuple(problems))
        heat = None if self.heat is None else [HeatMark(each.start_seconds, each.end_seconds, each.value) for each in self.heat]
        return Subject(media_id=self.media_id, video_id=self.video_id, heat=heat)


class SuggestionOut(msgspec.Struct, frozen=True, kw_only=True):
    """The work on candidates. They are at `candidates` once it succeeded; `media_id` is null until a post's video was fetched."""

    request_id: UUID
    media_id: UUID | None
    video_id: UUID | None
    state: str
    candidates: str | None

    @classmethod
    def of(cls, request: Asked, media_id: UUID | None, video_id: UUID | None) -> "SuggestionOut":
        listed = f"/api/v1/clips/candidates?media_id={media_id}" if media_id else None
        return cls(request_id=request.request_id, media_id=media_id, video_id=video_id, state=request.state.value, candidates=listed)


class CandidatesOut(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates of a video, best first; `reason` says why there are none."""

    items: list[CandidateOut]
    reason: str | None


class PiecesOut(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a clip in order, each with its layout."""

    items: list[PieceOut]


class PreviewIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The look of the clip, as a job takes it."""

    look: LookIn


class SuggestionController(Controller):
    """Candidates."""

    path = "/clips"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @post("/suggest", sync_to_thread=True, status_code=202)
    def suggest(
        self,
        data: JSONBody[SuggestIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
        platforms: NamedDependency[Platforms],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Have the best parts of a video found. 202; follow it by its request. 409 for a post whose file is not here."""
        wanted, subject, asked = Wanted.of(data.min_seconds, data.max_seconds, data.count), data.subject(), list[Asked]()
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[SuggestionOut, int, dict[str, str]]:
                request, media_id = suggesting.ask(uow, subject, wanted, can_fetch=platforms.media is not None)
                asked.append(request)
                told = SuggestionOut.of(request, media_id, data.video_id)
                return told, 202, {"Location": f"/api/v1/requests/{request.request_id}"}

            answer = once(uow, idempotency_key, route="POST /clips/suggest", body=data, effect=effect)
        return launching(answer, database, launcher, asked)

    @get("/candidates", sync_to_thread=True)
    def list_candidates(
        self,
        media_id: Annotated[UUID, QueryParameter(description="of this video")],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
    ) -> CandidatesOut:
        """The candidates of a video, best first; or why there are none."""
        with database.begin(entry) as uow:
            found, reason = suggesting.candidates(uow, media_id)
        return CandidatesOut(items=[CandidateOut.of(each) for each in found], reason=reason)

    @get("/candidates/{candidate_id:uuid}", sync_to_thread=True)
    def get_candidate(
        self, candidate_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CandidateOut:
        """One candidate: the part, its score, and what the score is made of."""
        with database.begin(entry) as uow:
            return CandidateOut.of(uow.candidates.get(candidate_id))

    @get("/candidates/{candidate_id:uuid}/pieces", sync_to_thread=True)
    def get_pieces(self, candidate_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> PiecesOut:
        """How a clip of it would be laid out, shot by shot: what an override in `look.overrides` changes."""
        with database.begin(entry) as uow:
            return PiecesOut(items=[PieceOut.of(each) for each in previewing.pieces(uow, candidate_id)])

    @get("/candidates/{candidate_id:uuid}/picture", sync_to_thread=True)
    def get_picture(
        self,
        candidate_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        media_tools: NamedDependency[MediaTools],
        places: NamedDependency[Places],
    ) -> Response[bytes]:
        """A frame of it (JPEG)."""
        with database.begin(entry) as uow:
            tenant_id, frame = uow.tenant_id, previewing.frame(uow, candidate_id)
        with places.take(tenant_id):
            return _bytes(media_tools.thumbnail(frame.file_key, at_seconds=frame.at_seconds, width=360), "image/jpeg")

    @post("/candidates/{candidate_id:uuid}/preview", sync_to_thread=True, status_code=200)
    def preview_look(
        self,
        candidate_id: FromPath[UUID],
        data: JSONBody[PreviewIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        media_tools: NamedDependency[MediaTools],
        places: NamedDependency[Places],
    ) -> Response[bytes]:
        """The same in the look that a job would be given. 422 for a look that it cannot show. Nothing is kept or charged."""
        with database.begin(entry) as uow:
            tenant_id, planned = uow.tenant_id, previewing.planned(uow, candidate_id, data.look.look())
        with places.take(tenant_id):
            return _bytes(previewing.film(media_tools, *planned), "video/mp4")

    @get("/candidates/{candidate_id:uuid}/preview", sync_to_thread=True)
    def get_preview(
        self,
        candidate_id: FromPath[UUID],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        media_tools: NamedDependency[MediaTools],
        places: NamedDependency[Places],
    ) -> Response[bytes]:
        """A small, quick film of it (MP4), laid out and captioned as its clip would be. Takes some seconds; nothing is charged."""
        with database.begin(entry) as uow:
            tenant_id, planned = uow.tenant_id, previewing.planned(uow, candidate_id)
        with places.take(tenant_id):
            return _bytes(previewing.film(media_tools, *planned), "video/mp4")


def _bytes(content: bytes, media_type: str) -> Response[Any]:
    return Response(content, media_type=media_type, headers={"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"})
