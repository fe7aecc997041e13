"""Clips: asking for one, choosing its part, rendering it. Each step may run again; nothing is rendered inside a transaction."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from domain.clips.asked import Wanted, check_length
from domain.clips.captions import captions_of
from domain.clips.checking import shape_faults
from domain.clips.choosing import Candidate, choose_clip
from domain.clips.states import ClipState, choose_streams
from domain.errors import ClaimLost, Gone, NotFound, SourceRefused, SourceUnavailable, Unacceptable, Unwanted, WhyralError
from domain.media import ClipPlan, RenderedClip
from domain.ports import FilePort, MediaTools
from domain.requests import Request, faulty
from domain.transcripts import is_english, words_of
from services import media
from services.kept_files import use
from services.work import Work
from store.clips import Clip
from store.ids import new_id
from store.work import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A clip that came out, and what was planned for it."""

    clip_id: UUID
    plan: ClipPlan
    rendered: RenderedClip


def ask(uow: UnitOfWork, media_id: UUID, wanted: Wanted) -> tuple[Clip, Request]:
    """Another clip of a video. Raises NotFound, Gone, Unacceptable for a video that is too short, LimitReached."""
    check_length(use(uow, media_id).duration_seconds, wanted)
    clip_id, request_id = new_id(), new_id()
    uow.usage.take("clips_per_day", 1, operation=_operation(clip_id), now=datetime.now(UTC))
    params = {"media_id": str(media_id), "clip_id": str(clip_id)}
    request = uow.requests.ask(request_id=request_id, kind="clip", subject=f"clip:{clip_id}", params=params, user_id=uow.user_id)
    return uow.clips.add(clip_id=clip_id, media_id=media_id, request_id=request_id, wanted=wanted, user_id=uow.user_id), request


def wanted(work: Work) -> list[Clip]:
    """The clip that the run was asked for, unless it is done; else those that no run has brought to an end, of one video or of all."""
    problems = faulty(work.params)
    if problems:
        raise Unacceptable("the run's config cannot be accepted", tuple(problems))
    clip_id, media_id = work.params.get("clip_id"), work.params.get("media_id")
    with work.begin() as uow:
        if clip_id:
            return [clip for clip in [uow.clips.get(UUID(str(clip_id)))] if clip.state is not ClipState.RENDERED]
        return uow.clips.waiting(UUID(str(media_id)) if media_id else None)


def each(work: Work, found: Sequence[Clip], do: Callable[[Clip], T]) -> list[T]:
    """Do a step for every clip; one that cannot be made fails alone, and says why. Raises that where none could be made."""
    done: list[T] = []
    refused: WhyralError | None = None
    for clip in found:
        try:
            done.append(do(clip))
        except (Unacceptable, SourceRefused, NotFound, Gone) as error:
            _fail(work, clip, error)
            refused = error
    if refused is not None and not done:
        raise refused
    return done


def _fail(work: Work, clip: Clip, error: WhyralError) -> None:
    problems = getattr(error, "problems", ())
    told = {"code": error.code, "detail": str(error), "errors": [{"pointer": each.pointer, "detail": each.detail} for each in problems]}
    with work.begin() as uow, suppress(NotFound):  # deleted meanwhile, or a first clip, which was not taken from the day's
        uow.clips.fail(clip.clip_id, told)
        uow.usage.give_back(_operation(clip.clip_id))


def suggest(work: Work, clip: Clip) -> Candidate:
    """Choose the part that the clip is made of, and its captions."""
    with work.begin() as uow:
        found, transcript = uow.media.get(clip.media_id), uow.media.transcript(clip.media_id)
    if transcript is None:
        raise NotFound("transcript of media", clip.media_id)
    duration = found.duration_seconds
    candidate = choose_clip(transcript.sentences, duration_seconds=duration, wanted=clip.wanted, is_english=is_english(transcript.language))
    words = words_of(transcript.cues, duration_seconds=duration)
    captions = captions_of(words, start_seconds=candidate.start_seconds, end_seconds=candidate.end_seconds)
    with work.begin() as uow:
        uow.clips.suggest(clip.clip_id, candidate, captions)
    return candidate


def render_all(work: Work, tools: MediaTools, files: FilePort) -> list[Rendering]:
    """Render every clip that is wanted and has its part."""
    found = [clip for clip in wanted(work) if clip.span is not None]
    shares = {clip.clip_id: number / len(found) for number, clip in enumerate(found)}

    def one(clip: Clip) -> Rendering:
        return render(work, tools, files, clip, report=lambda share: _tell(work, shares[clip.clip_id] + share / len(found), "rendering"))

    return each(work, found, one)


def render(work: Work, tools: MediaTools, files: FilePort, clip: Clip, *, report: Callable[[float], None]) -> Rendering:
    """Render one clip and record what came out. Cancels within seconds."""
    found, plan = _planned(work, files, clip)
    with work.begin() as uow:
        uow.clips.begin_rendering(clip.clip_id)
    rendered = tools.render(work.tenant_id, found, plan, report=report, is_unwanted=work.is_unwanted)
    try:
        with work.begin() as uow:
            trouble = _record(uow, files, clip, rendered, seconds=plan.seconds)
    except (Unwanted, ClaimLost):  # in the last moment: nobody will ever know of these bytes
        with work.tidying() as uow:
            uow.kept.lock(rendered.sha256)
            media.forget(uow, files, [(rendered.sha256, rendered.key)])
        raise
    if trouble is not None:
        raise trouble
    return Rendering(clip_id=clip.clip_id, plan=plan, rendered=rendered)


def _planned(work: Work, files: FilePort, clip: Clip) -> tuple[str, ClipPlan]:
    """The key of the source, and what to make of it."""
    found = media.find(work, files, clip)
    with work.begin() as uow:
        transcript = uow.media.transcript(clip.media_id)
    if clip.span is None or transcript is None:
        raise NotFound("part of clip", clip.clip_id)
    video, audio = choose_streams(found.probe, transcript.language)
    plan = ClipPlan(
        start_seconds=clip.span[0],
        end_seconds=clip.span[1],
        video_index=video.index,
        audio_index=audio.index if audio else None,
        captions=tuple(clip.captions),
    )
    return found.file_key, plan


def _record(uow: UnitOfWork, files: FilePort, clip: Clip, rendered: RenderedClip, *, seconds: float) -> WhyralError | None:
    """Record what came out, if it is what was planned and the clip is still there; else its bytes are forgotten. Returns why."""
    trouble = _unrecordable(uow, clip, rendered, seconds)
    uow.kept.lock(rendered.sha256)
    if trouble is not None:
        media.forget(uow, files, [(rendered.sha256, rendered.key)])
        return trouble
    try:
        files.size(rendered.key)
    except NotFound as error:  # they may be those of another clip that was deleted just now
        return SourceUnavailable("files", str(error))
    uow.clips.finish(clip.clip_id, rendered)
    return None


def _unrecordable(uow: UnitOfWork, clip: Clip, rendered: RenderedClip, seconds: float) -> WhyralError | None:
    """Why what came out is of no use: not what was planned, or for a clip that was deleted meanwhile."""
    try:
        uow.clips.get(clip.clip_id, lock=True)
    except NotFound as error:
        return error
    wrong = shape_faults((rendered.width, rendered.height), seconds=rendered.seconds, planned_seconds=seconds)
    return SourceRefused("renderer", "; ".join(wrong)) if wrong else None


def _tell(work: Work, share: float, note: str) -> None:
    """Progress is news, not work: whoever lost the claim is stopped by the renderer's own question."""
    with suppress(Unwanted, ClaimLost, SourceUnavailable):
        work.report(share, note)


def delete(uow: UnitOfWork, files: FilePort, clip_id: UUID) -> list[Request]:
    """Forget a clip and its bytes. Returns the requests that this canceled."""
    # Locked in the order of a run: its request, the clip, its bytes.
    canceled = media.cancel(uow, [uow.clips.get(clip_id)])
    clip = uow.clips.get(clip_id, lock=True)
    uow.kept.lock(*(sha256 for sha256, _ in clip.kept if sha256))
    uow.clips.delete(clip_id)
    media.forget(uow, files, clip.kept)
    return canceled


def _operation(clip_id: UUID) -> str:
    return f"clip:{clip_id}"
