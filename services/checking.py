"""Checks before delivery: a clip that came out is measured anew, judged, and delivered or blocked."""

from contextlib import nullcontext
from dataclasses import dataclass
from uuid import UUID

from domain.clips.case import Known
from domain.clips.covers import best_frame
from domain.clips.delivery import is_deliverable
from domain.clips.gate import findings
from domain.clips.likeness import Earlier
from domain.clips.safe_areas import safe_area
from domain.clips.states import ClipState
from domain.errors import NotFound
from domain.media import ClipPlan
from domain.ports import FilePort, MediaTools, StoredFile
from services import media
from services.clip_subjects import clips_of, each_clip
from services.clips import plan_of
from services.counting import deliver, give_back
from services.work import Work
from store.clip_rows import Clip
from store.work import UnitOfWork

COVER_BYTES = 5_000_000
# Where a clip's picture is taken that nobody looked at.
PICTURE_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A clip that was judged: its file, and the names of the checks that it failed."""

    clip_id: UUID
    key: str
    seconds: float
    failed: tuple[str, ...]


def check_all(work: Work, tools: MediaTools, files: FilePort) -> list[Checked]:
    """Judge every clip of the run that came out."""
    found = [clip for clip in clips_of(work) if clip.state is ClipState.CHECKING]
    return each_clip(work, found, lambda clip: check(work, tools, files, clip))


def check(work: Work, tools: MediaTools, files: FilePort, clip: Clip) -> Checked:
    """Measure a clip, judge it, and make the picture that stands for it. A blocked one is not counted."""
    if clip.file_key is None or clip.seconds is None:
        raise NotFound("file of clip", clip.clip_id)
    with work.begin() as uow:
        plan, known, earlier = plan_of(uow, clip), _known(uow, clip), _earlier(uow, clip)
    seen = tools.inspect(clip.file_key, plan, is_unwanted=work.is_unwanted, lead_seconds=known.lead_seconds)
    found = findings(seen, plan, earlier, known)
    state = ClipState.RENDERED if is_deliverable(found) else ClipState.BLOCKED
    cover = _cover(work, tools, files, clip, plan, known) if state is ClipState.RENDERED else None
    with media.kept_or_forgotten(work, files, cover) if cover else nullcontext(), work.begin() as uow:
        uow.clips.judge(clip.clip_id, state, found, seen.fingerprint)
        if cover is None:
            give_back(uow, clip.clip_id)
        else:
            _deliver(uow, files, clip.clip_id, cover)
    failed = tuple(each.name for each in found if not each.is_passed)
    return Checked(clip_id=clip.clip_id, key=clip.file_key, seconds=clip.seconds, failed=failed)


def _deliver(uow: UnitOfWork, files: FilePort, clip_id: UUID, cover: StoredFile) -> None:
    deliver(uow, clip_id)
    uow.kept.lock(cover.sha256)
    files.size(cover.key)
    uow.clips.cover(clip_id, cover.key, cover.sha256)


def _cover(work: Work, tools: MediaTools, files: FilePort, clip: Clip, plan: ClipPlan, known: Known) -> StoredFile:
    """The best frame of the clip's own part with its title on it, drawn from the video: the clip's have captions on them."""
    best = best_frame(known.source, plan.pieces) if known.source else None
    source = media.at_hand(work, files, clip.media_id)
    at_seconds = plan.seconds * PICTURE_SHARE if best is None else best
    picture = tools.cover(source.file_key, plan, at_seconds=at_seconds, title=clip.look.hook_text)
    return files.put(work.tenant_id, [picture], limit_bytes=COVER_BYTES)


def _known(uow: UnitOfWork, clip: Clip) -> Known:
    transcript = uow.media.transcript(clip.media_id)
    return Known(
        lead_seconds=_seconds(uow, clip.look.intro_media_id), tail_seconds=_seconds(uow, clip.look.outro_media_id),
        safe_area=safe_area(clip.look.player, *clip.look.size), source=uow.media.analysis(clip.media_id),
        sentences=transcript.sentences if transcript and clip.candidate_id else None,
    )  # fmt: skip


def _seconds(uow: UnitOfWork, media_id: UUID | None) -> float:
    return uow.media.get(media_id).duration_seconds if media_id else 0.0


def _earlier(uow: UnitOfWork, clip: Clip) -> list[Earlier]:
    """Clips that were delivered before; those of the same video say which parts they show. In another look it is meant to be one more."""
    return [
        Earlier(clip_id=str(each.clip_id), fingerprint=each.fingerprint, spans=each.spans if each.media_id == clip.media_id else None)
        for each in uow.clips.delivered(but=clip.clip_id)
        if each.media_id != clip.media_id or each.look == clip.look
    ]
