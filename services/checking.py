"""Checks before delivery: a clip that came out is measured anew, judged, and delivered or blocked."""

from dataclasses import dataclass
from uuid import UUID

from domain.clips.covers import best_frame
from domain.clips.delivery import findings, is_deliverable
from domain.clips.states import ClipState
from domain.errors import NotFound
from domain.ports import FilePort, MediaTools
from services import media
from services.clip_subjects import clips_of, each_clip, operation
from services.clips import plan_of
from services.work import Work
from store.clips import Clip

COVER_BYTES = 5_000_000


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
        plan, analysis = plan_of(uow, clip), uow.media.analysis(clip.media_id)
        earlier = uow.clips.fingerprints(but=clip.clip_id)
    seen = tools.inspect(clip.file_key, plan, is_unwanted=work.is_unwanted)
    found = findings(seen, plan, earlier=earlier, analysis=analysis)
    state = ClipState.RENDERED if is_deliverable(found) else ClipState.BLOCKED
    at_seconds = best_frame(plan, analysis)
    cover = tools.cover(clip.file_key, at_seconds=at_seconds, title=clip.look.hook_text) if state is ClipState.RENDERED else None
    stored = files.put(work.tenant_id, [cover], limit_bytes=COVER_BYTES) if cover else None
    with work.begin() as uow:
        uow.clips.judge(clip.clip_id, state, found, seen.fingerprint)
        if state is ClipState.BLOCKED:
            uow.usage.give_back(operation(clip.clip_id))
        if stored:
            uow.kept.lock(stored.sha256)
            files.size(stored.key)
            uow.clips.cover(clip.clip_id, stored.key, stored.sha256)
            media.forget(uow, files, [(clip.thumbnail_sha256, clip.thumbnail_key)])
    failed = tuple(each.name for each in found if not each.is_passed)
    return Checked(clip_id=clip.clip_id, key=clip.file_key, seconds=clip.seconds, failed=failed)
