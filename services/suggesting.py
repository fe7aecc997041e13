"""Parts of videos that could be clips: asked for, ranked, kept, and given to clips that were asked for without a part."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from domain.clips.aids import RankingAids
from domain.clips.asked import Wanted, check_length
from domain.clips.candidates import Candidate
from domain.clips.choosing import rank
from domain.clips.source import Source
from domain.clips.states import ClipState
from domain.errors import Conflict, NotFound
from domain.media import Purpose
from domain.platforms.ytdlp import HeatMark
from domain.requests import Request
from domain.transcripts import words_of
from services import counting
from services.clip_subjects import clips_of, each_clip, is_suggestion, media_of
from services.kept_files import use_source
from services.known_of import effects_of, retention_of
from services.transcribing import telling
from services.work import Work
from store.candidates import StoredCandidate
from store.clip_rows import Clip
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork

KIND = "suggest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The video whose parts are wanted: a file that was sent, or a post. `heat`: what is told of it now; None leaves what was told."""

    media_id: UUID | None = None
    video_id: UUID | None = None
    heat: Sequence[HeatMark] | None = None


def ask(uow: UnitOfWork, subject: Subject, wanted: Wanted, *, can_fetch: bool) -> tuple[Request, UUID | None]:
    """Have the best parts of a video found. Raises NotFound, Gone, Unacceptable, Conflict for a post whose video nobody can get.

    A video that has to be fetched is one of the day's, as if it had been sent. Raises LimitReached.
    """
    found = use_source(uow, subject.media_id) if subject.media_id else _of_post(uow, subject.video_id, can_fetch=can_fetch)
    if found is None:
        request_id = new_id()
        counting.take_fetch(uow, request_id)
        return put(uow, request_id, subject, wanted), None
    check_length(found.duration_seconds, wanted)
    if subject.heat is not None:
        uow.media.put_heat(found.media_id, subject.heat)
    return put(uow, new_id(), Subject(media_id=found.media_id), wanted), found.media_id


def again(uow: UnitOfWork, media_id: UUID, wanted: Wanted | None) -> Request:
    """Have the best parts of a video found anew, within the bounds that were last asked for where none are named now.

    Raises NotFound, Gone, Unacceptable.
    """
    return ask(uow, Subject(media_id=media_id), wanted or _last_wanted(uow, media_id), can_fetch=False)[0]


def _last_wanted(uow: UnitOfWork, media_id: UUID) -> Wanted:
    """As the newest suggestion of the video had them, else its first clip."""
    last = uow.requests.of_subject(KIND, f"media:{media_id}")
    if last is not None:
        return _wanted(last.params)
    found = uow.clips.of_media(media_id)
    return found[-1].wanted if found else Wanted.of()


def put(uow: UnitOfWork, request_id: UUID, about: Subject, wanted: Wanted) -> Request:
    """The request for the run that ranks a video's parts; a post's video is fetched first where nobody sent it, and its heat kept then."""
    media_id, video_id = about.media_id, about.video_id
    named = {"media_id": str(media_id) if media_id else None, "video_id": str(video_id) if video_id else None,
             "min_seconds": wanted.min_seconds, "max_seconds": wanted.max_seconds, "count": wanted.count,
             "heat": [asdict(each) for each in about.heat] if about.heat else None}  # fmt: skip
    params = {name: value for name, value in named.items() if value is not None}
    subject = f"media:{media_id}" if media_id else f"video:{video_id}"
    return uow.requests.ask(request_id=request_id, kind=KIND, subject=subject, params=params, user_id=uow.user_id)


def candidates(uow: UnitOfWork, media_id: UUID) -> tuple[list[StoredCandidate], str | None]:
    """The candidates of a video, best first; or why there are none. Raises NotFound."""
    media = uow.media.get(media_id)
    found = uow.candidates.of_media(media_id)
    if found:
        return found, None
    if media.purpose is Purpose.ADDITION:
        return [], "it came as an addition to clips, and is no source of them"
    if uow.media.transcript(media_id) is None:
        return [], "nobody has looked for candidates yet, or that failed: ask with POST /clips/suggest"
    return [], "no part of the video fits what was asked for: ask again with other bounds"


WORDS_ALONE = RankingAids()


def suggest_all(work: Work, aids: RankingAids = WORDS_ALONE) -> list[Candidate]:
    """Rank the parts of every video of the run, and keep them; a clip without a part gets the best one that no other clip shows."""
    if is_suggestion(work):
        wanted = _wanted(work.params)
        return [each for media_id in media_of(work) for each in _suggest(work, aids, media_id, wanted)]
    asked = [clip for clip in clips_of(work) if clip.state is ClipState.ASKED]
    return each_clip(work, asked, lambda clip: _for_clip(work, aids, clip))


def _suggest(work: Work, aids: RankingAids, media_id: UUID, wanted: Wanted) -> list[Candidate]:
    with work.begin() as uow:
        source = source_of(uow, media_id)
    vectors = aids.embeds.embed([each.text for each in source.sentences]) if aids.embeds else None
    found = rank(replace(source, vectors=vectors), wanted)
    telling(work, f"{len(found.candidates)} candidates")(0.9)
    with work.begin() as uow:
        uow.media.get(media_id, lock=True)  # it may have been deleted meanwhile
        uow.candidates.replace(media_id, work.request.request_id, found.candidates)
    return list(found.candidates)


def _for_clip(work: Work, aids: RankingAids, clip: Clip) -> Candidate:
    found = _suggest(work, aids, clip.media_id, clip.wanted)
    with work.begin() as uow:
        shown = {each.span for each in uow.clips.of_media(clip.media_id) if each.clip_id != clip.clip_id}
        best = next((each for each in found if (each.start_seconds, each.end_seconds) not in shown), found[0])
        uow.clips.suggest(clip.clip_id, best)
    return best


def source_of(uow: UnitOfWork, media_id: UUID) -> Source:
    """Everything that is known of a video when its parts are ranked."""
    found, transcript = uow.media.get(media_id), uow.media.transcript(media_id)
    if transcript is None:
        raise NotFound("transcript of media", media_id)
    return Source(
        sentences=transcript.sentences,
        duration_seconds=found.duration_seconds,
        language=transcript.language,
        words=words_of(transcript, duration_seconds=found.duration_seconds),
        cues=transcript.cues,
        chapters=transcript.chapters,
        turns=transcript.turns,
        analysis=uow.media.analysis(media_id),
        heat=found.heat or found.platform_heat,
        retention=retention_of(uow, found.video_id),
        effects=effects_of(uow),
    )


def _wanted(params: Mapping[str, object]) -> Wanted:
    def number(name: str) -> float | None:
        value = params.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    count = number("count")
    return Wanted.of(number("min_seconds"), number("max_seconds"), None if count is None else int(count))


def _of_post(uow: UnitOfWork, video_id: UUID | None, *, can_fetch: bool) -> MediaFile | None:
    """The file of a post, where somebody sent it; None where it can be fetched. Raises NotFound, Conflict."""
    if video_id is None:
        return None
    uow.videos.get(video_id)
    found = uow.media.of_video(video_id)
    if found is not None:
        return use_source(uow, found.media_id)
    if not can_fetch:
        raise Conflict(
            f"video {video_id}: its file is not here. Send it with POST /media?video_id={video_id}; downloads of public videos are off"
            " (WHYRAL_MEDIA_DOWNLOADS, an operator's choice)"
        )
    return None
