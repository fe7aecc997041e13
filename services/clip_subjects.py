"""Which videos and clips a run is about, and doing a step for each of them: one that cannot be made fails alone, and says why."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from domain.clips.states import WAITING, ClipState
from domain.errors import Gone, NotFound, SourceRefused, Unacceptable, WhyralError, told
from domain.requests import faulty
from services.counting import give_back
from services.work import Work
from store.clip_rows import Clip
from store.work import UnitOfWork

S = TypeVar("S")
T = TypeVar("T")
_SUGGEST = "suggest"


def is_suggestion(work: Work) -> bool:
    """Whether the run was asked for candidates only: then no clip is part of it."""
    return work.request.kind == _SUGGEST


def clips_of(work: Work) -> list[Clip]:
    """The clips that the run still has to bring to an end: those that it was asked for, else those of one video or of all.

    What was deleted meanwhile is not among them, nor what failed in a step before.
    """
    problems = faulty(work.params)
    if problems:
        raise Unacceptable("the run's config cannot be accepted", tuple(problems))
    if is_suggestion(work):
        return []
    asked, media_id = _ids(work), work.params.get("media_id")
    with work.begin() as uow:
        if asked:
            return [clip for clip in _asked(uow, work) if clip.state in WAITING]
        return uow.clips.waiting(UUID(str(media_id)) if media_id else None)


def begin_again(work: Work) -> None:
    """Clips that all failed in an earlier attempt are tried once more: somebody asked for that. One that failed beside others stays."""
    with work.begin() as uow:
        asked = _asked(uow, work)
        if not any(clip.state in WAITING for clip in asked):
            uow.clips.revive([clip.clip_id for clip in asked if clip.state is ClipState.FAILED])


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
    """Do a step for every video. One that is refused fails its clips, and the others go on."""
    return _each(work, media_of(work), do, lambda media_id: [clip for clip in clips_of(work) if clip.media_id == media_id])


def each_clip(work: Work, found: Sequence[Clip], do: Callable[[Clip], T]) -> list[T]:
    """Do a step for every clip; one that cannot be made fails alone."""
    return _each(work, found, do, lambda clip: [clip])


def _each(work: Work, subjects: Iterable[S], do: Callable[[S], T], clips_about: Callable[[S], list[Clip]]) -> list[T]:
    """Raises what was refused where nothing was made and no clip is left; one that came out in an earlier attempt is yet to be checked."""
    done: list[T] = []
    refused: WhyralError | None = None
    for subject in subjects:
        try:
            done.append(do(subject))
        except (Unacceptable, SourceRefused, NotFound, Gone) as error:
            for clip in clips_about(subject):
                fail(work, clip, error)
            refused = error
    if refused is not None and not done and not clips_of(work):
        raise refused
    return done


def fail(work: Work, clip: Clip, error: WhyralError) -> None:
    """The clip says why; what was taken for it of the day's is given back."""
    problems = getattr(error, "problems", ())
    why = {"code": error.code, "detail": told(error), "errors": [{"pointer": each.pointer, "detail": each.detail} for each in problems]}
    with work.begin() as uow, suppress(NotFound):  # deleted meanwhile
        uow.clips.fail(clip.clip_id, why)
        give_back(uow, clip.clip_id)
        uow.leaving.let_unchecked_go(clip.clip_id)


def _asked(uow: UnitOfWork, work: Work) -> list[Clip]:
    """In the order in which they were asked for."""
    of_request = {clip.clip_id: clip for clip in uow.clips.of_request(work.request.request_id)}
    return [of_request[each] for each in _ids(work) if each in of_request]


def _ids(work: Work) -> list[UUID]:
    one, many = work.params.get("clip_id"), work.params.get("clip_ids")
    return [UUID(str(each)) for each in ([one] if one else many if isinstance(many, list) else [])]
