"""Which videos and clips a run is about, and doing a step for each of them: one that cannot be made fails alone, and says why."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from domain.clips.states import ClipState
from domain.errors import Gone, NotFound, SourceRefused, Unacceptable, WhyralError, told
from domain.requests import faulty
from services.work import Work
from store.clips import Clip
from store.work import UnitOfWork

T = TypeVar("T")
_SUGGEST = "suggest"


def is_suggestion(work: Work) -> bool:
    """Whether the run was asked for candidates only: then no clip is part of it."""
    return work.request.kind == _SUGGEST


def clips_of(work: Work) -> list[Clip]:
    """The clips that the run was asked for and that are not done, else those that no run has brought to an end, of one video or of all."""
    problems = faulty(work.params)
    if problems:
        raise Unacceptable("the run's config cannot be accepted", tuple(problems))
    if is_suggestion(work):
        return []
    asked, media_id = _ids(work), work.params.get("media_id")
    with work.begin() as uow:
        if asked:
            return [clip for clip in map(uow.clips.get, asked) if clip.state not in (ClipState.RENDERED, ClipState.BLOCKED)]
        return uow.clips.waiting(UUID(str(media_id)) if media_id else None)


def media_of(work: Work) -> list[UUID]:
    """The videos that the run is about, each once."""
    if not is_suggestion(work):
        return list(dict.fromkeys(clip.media_id for clip in clips_of(work)))
    media_id, video_id = (work.params.get(name) for name in ("media_id", "video_id"))
    if media_id:
        return [UUID(str(media_id))]
    with work.begin() as uow:
        found = uow.media.of_video(UUID(str(video_id)))
    return [found.media_id] if found else []


def each_media(work: Work, do: Callable[[UUID], T]) -> list[T]:
    """Do a step for every video. One that is refused fails its clips, and the others go on; raises that where none could be made."""
    done: list[T] = []
    refused: WhyralError | None = None
    for media_id in media_of(work):
        try:
            done.append(do(media_id))
        except (Unacceptable, SourceRefused, NotFound, Gone) as error:
            for clip in clips_of(work):
                if clip.media_id == media_id:
                    fail(work, clip, error)
            refused = error
    if refused is not None and not done:
        raise refused
    return done


def each_clip(work: Work, found: Sequence[Clip], do: Callable[[Clip], T]) -> list[T]:
    """Do a step for every clip; one that cannot be made fails alone. Raises that where none could be made."""
    done: list[T] = []
    refused: WhyralError | None = None
    for clip in found:
        try:
            done.append(do(clip))
        except (Unacceptable, SourceRefused, NotFound, Gone) as error:
            fail(work, clip, error)
            refused = error
    if refused is not None and not done:
        raise refused
    return done


def fail(work: Work, clip: Clip, error: WhyralError) -> None:
    """The clip says why; what was taken for it of the day's is given back."""
    problems = getattr(error, "problems", ())
    why = {"code": error.code, "detail": told(error), "errors": [{"pointer": each.pointer, "detail": each.detail} for each in problems]}
    with work.begin() as uow, suppress(NotFound):  # deleted meanwhile
        uow.clips.fail(clip.clip_id, why)
        give_back(uow, clip.clip_id)


def operation(clip_id: UUID) -> str:
    """Under which the day's clip is taken and given back."""
    return f"clip:{clip_id}"


def give_back(uow: UnitOfWork, clip_id: UUID) -> None:
    """Nothing was delivered, so nothing counts. The first clip of a video was not taken from the day's."""
    with suppress(NotFound):
        uow.usage.give_back(operation(clip_id))


def _ids(work: Work) -> list[UUID]:
    one, many = work.params.get("clip_id"), work.params.get("clip_ids")
    return [UUID(str(each)) for each in ([one] if one else many if isinstance(many, list) else [])]
