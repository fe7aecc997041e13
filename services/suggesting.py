"""Parts of videos that could be clips: asked for, ranked, kept, and given to clips that were asked for without a part."""

from uuid import UUID

from domain.clips.asked import Wanted, check_length
from domain.clips.choosing import Candidate, Source, nothing_fits, rank
from domain.clips.states import ClipState
from domain.errors import Conflict, NotFound
from domain.requests import Request
from services.clip_subjects import clips_of, each_clip, is_suggestion, media_of
from services.transcribing import telling
from services.work import Work
from store.candidates import StoredCandidate
from store.clips import Clip
from store.ids import new_id
from store.work import UnitOfWork

KIND = "suggest"


def ask(
    uow: UnitOfWork, media_id: UUID | None, video_id: UUID | None, wanted: Wanted, *, can_fetch: bool
) -> tuple[Request, UUID | None]:
    """Have the best parts of a video found. Raises NotFound, Unacceptable, and Conflict for a post whose video nobody can get."""
    found = uow.media.get(media_id) if media_id else _of_post(uow, video_id, can_fetch=can_fetch)
    if found is not None:
        if found.expired_at is not None:
            raise Conflict(f"media {found.media_id}: its bytes went on {found.expired_at:%Y-%m-%d}; send the video again")
        check_length(found.duration_seconds, wanted)
        uow.media.use(found.media_id)
    known = found.media_id if found else None
    return put(uow, new_id(), known, None if known else video_id, wanted), known
