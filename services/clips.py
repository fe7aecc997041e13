"""Clips: asking for one, laying it out, rendering it. Each step may run again; nothing is rendered inside a transaction.

Which part a clip shows is chosen in `services.suggesting`, whether it is delivered in `services.checking`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain.clips.asked import Wanted, check_length
from domain.clips.checking import shape_faults
from domain.clips.composing import compose
from domain.clips.states import ClipState
from domain.errors import Conflict, NotFound, SourceRefused, SourceUnavailable
from domain.media import ClipPlan, Cue, RenderedClip
from domain.ports import FilePort, MediaTools, StoredFile
from domain.requests import Request
from services import counting, media
from services.clip_subjects import clips_of, each_clip
from services.composing import given
from services.kept_files import key_of_clip, use_source
from services.transcribing import telling
from services.work import Work
from store.clip_rows import Clip
from store.ids import new_id
from store.work import UnitOfWork

if TYPE_CHECKING:
    from domain.clips.calibrating import Calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A clip that came out, and what was planned for it."""

    clip_id: UUID
    plan: ClipPlan
    rendered: RenderedClip


def ask(uow: UnitOfWork, media_id: UUID, wanted: Wanted) -> tuple[Clip, Request]:
    """Another clip of a video. Raises NotFound, Gone, LimitReached, Unacceptable for what is too short or no source."""
    check_length(use_source(uow, media_id).duration_seconds, wanted)
    clip_id, request_id = new_id(), new_id()
    params = {"media_id": str(media_id), "clip_id": str(clip_id)}
    request = counting.ask(uow, "clip", [clip_id], request_id=request_id, subject=f"clip:{clip_id}", params=params)
    return uow.clips.add(clip_id=clip_id, media_id=media_id, request_id=request_id, wanted=wanted, user_id=uow.user_id), request


def render_all(work: Work, tools: MediaTools, files: FilePort) -> list[Rendering]:
    """Render every clip that is wanted and has its part; what came out already is not made twice."""
    found = [clip for clip in clips_of(work) if clip.span is not None and clip.state is not ClipState.CHECKING]
    shares = {clip.clip_id: number / len(found) for number, clip in enumerate(found)}

    def one(clip: Clip) -> Rendering:
        tell = telling(work, "rendering")
        return render(work, tools, files, clip, report=lambda share: tell(shares[clip.clip_id] + share / len(found)))

    return each_clip(work, found, one)


def render(work: Work, tools: MediaTools, files: FilePort, clip: Clip, *, report: Callable[[float], None]) -> Rendering:
    """Render one clip and record what came out. Cancels within seconds."""
    key, plan = planned(work, files, clip)
    with work.begin() as uow:
        uow.clips.begin_rendering(clip.clip_id, plan)
    rendered = tools.render(work.tenant_id, key, plan, report=report, is_unwanted=work.is_unwanted)
    with media.kept_or_forgotten(work, files, StoredFile(rendered.key, rendered.sha256, rendered.size_bytes)), work.begin() as uow:
        _record(uow, files, clip, rendered, plan)
    return Rendering(clip_id=clip.clip_id, plan=plan, rendered=rendered)


def planned(work: Work, files: FilePort, clip: Clip) -> tuple[str, ClipPlan]:
    """The key of the source, and what to make of it."""
    found = media.at_hand(work, files, clip.media_id)
    with work.begin() as uow:
        return found.file_key, plan_of(uow, clip)


def plan_of(uow: UnitOfWork, clip: Clip) -> ClipPlan:
    """How a clip is put together: its pieces, words, music, by its look. Raises NotFound where its part or its words are not known."""
    if clip.span is None:
        raise NotFound("part of clip", clip.clip_id)
    return compose(given(uow, uow.media.get(clip.media_id), clip.span, clip.look))


def _record(uow: UnitOfWork, files: FilePort, clip: Clip, rendered: RenderedClip, plan: ClipPlan) -> None:
    """Record what came out. Raises NotFound for a clip that was deleted meanwhile, SourceRefused for what was not planned."""
    uow.clips.get(clip.clip_id, lock=True)
    _demand_planned(rendered, plan)
    uow.kept.lock(rendered.sha256)
    try:
        files.size(rendered.key)
    except NotFound as error:  # they may be those of another clip that was deleted just now
        raise SourceUnavailable("files", str(error)) from error
    uow.clips.came_out(clip.clip_id, rendered)


def _demand_planned(rendered: RenderedClip, plan: ClipPlan) -> None:
    """What comes before and after has a length of its own: the checks before delivery know it."""
    if plan.intro_key or plan.outro_key:
        return
    size = (plan.width, plan.height)
    wrong = shape_faults((rendered.width, rendered.height), seconds=rendered.seconds, planned_seconds=plan.seconds, planned_size=size)
    if wrong:
        raise SourceRefused("renderer", "; ".join(wrong))


def deliverable(clip: Clip) -> str:
    """The key of its file. Raises NotFound until it is rendered, Conflict where a check blocked it, Gone once its bytes went."""
    if clip.state is ClipState.BLOCKED:
        failed = [each.detail for each in clip.findings if not each.is_passed]
        raise Conflict(f"clip {clip.clip_id} is blocked: {'; '.join(failed)}")
    if clip.state is not ClipState.RENDERED:
        raise NotFound("file of clip", clip.clip_id)
    return key_of_clip(clip)


def place_of(clip: Clip, name: str) -> tuple[str, float]:
    """Which file, and which moment of it, a check is about. Raises NotFound, Gone."""
    at_seconds = next((each.at_seconds for each in clip.findings if each.name == name), None)
    if at_seconds is None:
        raise NotFound("picture of check", name)
    return key_of_clip(clip), at_seconds


def captions_of(uow: UnitOfWork, clip_id: UUID) -> Sequence[Cue]:
    """Its captions, page by page. Raises NotFound until it is laid out, and where it has none."""
    found = uow.clips.get(clip_id).captions
    if not found:
        raise NotFound("captions of clip", clip_id)
    return found


def became(uow: UnitOfWork, clip_id: UUID, video_id: UUID) -> Clip:
    """Say which post a clip became. Raises NotFound, Conflict for one that was not delivered."""
    clip, (video, _) = uow.clips.get(clip_id, lock=True), uow.videos.get(video_id)
    if clip.state is not ClipState.RENDERED:
        raise Conflict(f"clip {clip_id} is {clip.state}: only a rendered clip can have become a post")
    uow.clips.became(clip_id, video_id, video.posted_at or datetime.now(UTC))
    return uow.clips.get(clip_id)


def calibration(uow: UnitOfWork) -> "Calibration":
    """How clips that ranked higher did as posts, by all that became posts with a score."""
    from domain.clips.calibrating import calibration as judged

    return judged(uow.clips.outcomes())


def delete(uow: UnitOfWork, files: FilePort, clip_id: UUID) -> list[Request]:
    """Forget a clip and its bytes. Returns the requests that this canceled."""
    # Locked in the order of a run: its request, the clip, its bytes.
    before = uow.clips.get(clip_id)
    canceled = media.cancel(uow, [before])
    kept = [*before.kept, *uow.clips.get(clip_id, lock=True).kept]
    uow.kept.lock(*(sha256 for sha256, _ in kept if sha256))
    uow.clips.delete(clip_id)
    media.forget(uow, files, kept)
    return canceled
