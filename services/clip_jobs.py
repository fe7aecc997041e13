"""Jobs: clips that are asked for together, each counted; found and canceled together. Making them is in `services.clips`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.clips.look import Look
from domain.clips.own_parts import fitted, said_in
from domain.errors import Conflict, FieldProblem, NotFound, Unacceptable
from domain.requests import Request
from domain.transcripts import words_of
from services import counting, looks, requests
from services.kept_files import use, use_source
from store.clip_rows import Clip, Wish
from store.ids import new_id
from store.work import UnitOfWork

MOST = 20
KIND = "clips"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a video that a user chose."""

    media_id: UUID
    start_seconds: float
    end_seconds: float


def ask(
    uow: UnitOfWork, candidates: Sequence[UUID], parts: Sequence[Part], again: Sequence[UUID], look: Look
) -> tuple[Request, list[Clip]]:
    """Clips to be rendered, and the request for the run that does it. Raises NotFound, Gone, Unacceptable, Conflict, LimitReached."""
    count = len(candidates) + len(parts) + len(again)
    if not 1 <= count <= MOST:
        raise Unacceptable(
            f"a job has 1 to {MOST} clips, not {count}", (FieldProblem("/candidate_ids", "name candidates, parts or clips"),)
        )
    _demand(uow, look, {"candidate_ids": candidates, "clip_ids": again})
    request_id, ids = new_id(), [new_id() for _ in range(count)]
    params = {"clip_ids": [str(each) for each in ids]}
    request = counting.ask(uow, KIND, ids, request_id=request_id, subject=f"clips:{request_id}", params=params)
    wishes = iter([Wish(clip_id=each, media_id=each, request_id=request_id, look=look, user_id=uow.user_id) for each in ids])
    made = [_accepted(uow, next(wishes), each) for each in candidates]
    made += [_cut(uow, next(wishes), at, each) for at, each in enumerate(parts)]
    return request, [*made, *(_again(uow, next(wishes), each) for each in again)]


def find(uow: UnitOfWork, request_id: UUID) -> tuple[Request, list[Clip]]:
    """A job and its clips. Raises NotFound for a request of another kind, too."""
    request, made = uow.requests.get(request_id), uow.clips.of_request(request_id)
    if not made:
        raise NotFound("job", request_id)
    return request, made


def cancel(uow: UnitOfWork, request_id: UUID) -> tuple[Request, list[Clip]]:
    """Take back the wish for what is not made yet; it is not counted."""
    find(uow, request_id)
    request = requests.cancel(uow, request_id)
    return request, uow.clips.of_request(request_id)


def _accepted(uow: UnitOfWork, wish: Wish, candidate_id: UUID) -> Clip:
    candidate = uow.candidates.get(candidate_id)
    use(uow, candidate.media_id)
    return uow.clips.accept(replace(wish, media_id=candidate.media_id), candidate)


def _cut(uow: UnitOfWork, wish: Wish, at: int, part: Part) -> Clip:
    found, transcript = use_source(uow, part.media_id, f"/parts/{at}/media_id"), uow.media.transcript(part.media_id)
    words = () if transcript is None else words_of(transcript)
    span = fitted((part.start_seconds, part.end_seconds), words, duration_seconds=found.duration_seconds, pointer=f"/parts/{at}")
    return uow.clips.cut(replace(wish, media_id=part.media_id), span, said_in(span, words))


def _again(uow: UnitOfWork, wish: Wish, earlier_id: UUID) -> Clip:
    earlier = uow.clips.get(earlier_id)
    if earlier.span is None:
        raise Conflict(f"clip {earlier_id} has no part yet: wait until it is suggested")
    use(uow, earlier.media_id)
    return uow.clips.cut(replace(wish, media_id=earlier.media_id), earlier.span, earlier.text or "")


def _demand(uow: UnitOfWork, look: Look, asked: Mapping[str, Sequence[UUID]]) -> None:
    """What the look names is there, and nothing is asked for twice. Raises Unacceptable, naming every part at fault."""
    problems = looks.problems(uow, look)
    problems += [FieldProblem(f"/{name}/{at}", "name each once") for name, ids in asked.items() for at, each in enumerate(ids)
                 if each in ids[:at]]  # fmt: skip
    if problems:
        raise Unacceptable("the job cannot be accepted", tuple(problems))
