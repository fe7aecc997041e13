"""Media: taking a video in, and forgetting it. What is said in it is read in `transcribing`, clips of it are made in `clips`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.clips.asked import Wanted, check_length
from domain.clips.states import WAITING, ClipState, choose_streams
from domain.errors import FieldProblem, Unacceptable
from domain.media import Probe, Purpose
from domain.ports import FilePort, MediaTools, StoredFile
from domain.requests import Request
from domain.transcripts import choose_track
from services import suggesting
from services.counting import give_back
from services.kept_files import use
from services.work import Work
from store.clip_rows import Clip
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A video that came in: its bytes, the captions beside it, the post that it is the video of, and what the first clip shall be.

    `is_clip_wanted`: else its candidates are found, and nothing is rendered.
    """

    file: StoredFile
    file_name: str | None
    captions: StoredFile | None
    language: str | None
    wanted: Wanted
    video_id: UUID | None = None
    is_clip_wanted: bool = True


def look_at(tools: MediaTools, upload: Upload, captions: bytes | None) -> Probe:
    """What stands in the file, if a clip can be made of it at all. Raises Unacceptable, saying what to do, before anything is kept."""
    probe = tools.probe(upload.file.key)
    _, audio = choose_streams(probe, upload.language)
    check_length(probe.duration_seconds, upload.wanted)
    if captions is not None:
        tools.captions(captions)
    elif audio is None:
        choose_track(probe.subtitles)  # nothing can be heard
    return probe


def look_at_addition(tools: MediaTools, upload: Upload) -> Probe:
    """The same for what is put to clips: sound alone does as well. Raises Unacceptable, also for what only a source can have."""
    given = {"captions": upload.captions, "language": upload.language, "video_id": upload.video_id}
    problems = tuple(FieldProblem(name, "leave it out, or send a source") for name, value in given.items() if value is not None)
    if problems:
        raise Unacceptable("an addition to clips has no words and is no post's video", problems)
    return tools.probe_addition(upload.file.key)


def take_addition(uow: UnitOfWork, upload: Upload, probe: Probe) -> MediaFile:
    """Kept, to be named in looks; nothing is made of it. Raises LimitReached."""
    media_id = new_id()
    uow.usage.take("media_per_day", 1, operation=f"media:{media_id}", now=datetime.now(UTC))
    file = {**_file(upload), "purpose": Purpose.ADDITION.value}
    return uow.media.add(media_id=media_id, request_id=None, file=file, probe=probe, user_id=uow.user_id)


def take_in(uow: UnitOfWork, upload: Upload, probe: Probe) -> tuple[MediaFile, Clip | None, Request]:
    """The media, its first clip where one is wanted, and the request for the run, in one transaction. Raises LimitReached, NotFound."""
    media_id, request_id = new_id(), new_id()
    uow.usage.take("media_per_day", 1, operation=f"media:{media_id}", now=datetime.now(UTC))
    if upload.video_id is not None:
        uow.videos.get(upload.video_id)
    if not upload.is_clip_wanted:
        found = uow.media.add(media_id=media_id, request_id=request_id, file=_file(upload), probe=probe, user_id=uow.user_id)
        return found, None, suggesting.put(uow, request_id, suggesting.Subject(media_id=media_id), upload.wanted)
    clip_id = new_id()
    params = {"media_id": str(media_id), "clip_id": str(clip_id)}
    request = uow.requests.ask(request_id=request_id, kind="media", subject=f"media:{media_id}", params=params, user_id=uow.user_id)
    media = uow.media.add(media_id=media_id, request_id=request_id, file=_file(upload), probe=probe, user_id=uow.user_id)
    clip = uow.clips.add(clip_id=clip_id, media_id=media_id, request_id=request_id, wanted=upload.wanted, user_id=uow.user_id)
    return media, clip, request


def _file(upload: Upload) -> dict[str, object]:
    file: dict[str, object] = {
        "file_name": upload.file_name, "file_key": upload.file.key, "sha256": upload.file.sha256, "size_bytes": upload.file.size_bytes,
        "captions_language": upload.language, "video_id": upload.video_id,
    }  # fmt: skip
    if upload.captions is not None:
        file |= {"captions_key": upload.captions.key, "captions_sha256": upload.captions.sha256}
    return file


def at_hand(work: Work, files: FilePort, media_id: UUID) -> MediaFile:
    """A video whose bytes are there. Raises NotFound, Gone."""
    with work.begin() as uow:
        found = use(uow, media_id)
    for key in filter(None, (found.file_key, found.captions_key)):
        files.size(key)
    return found


def delete(uow: UnitOfWork, files: FilePort, media_id: UUID) -> list[Request]:
    """Forget a video with its transcript and clips, and every byte that nothing else stands on. Returns the requests that this canceled."""
    found = uow.media.get(media_id)
    # Locked in the order of a run: its request, the clip, its bytes.
    before = uow.clips.of_media(media_id)
    canceled = [*_suggestions_canceled(uow, media_id), *cancel(uow, before)]
    clips = [*before, *uow.clips.of_media(media_id, lock=True)]
    kept = [(found.sha256, found.file_key), (found.captions_sha256, found.captions_key), *(each for clip in clips for each in clip.kept)]
    uow.kept.lock(*(sha256 for sha256, _ in kept if sha256))
    uow.media.delete(media_id)
    forget(uow, files, kept)
    return canceled


def _suggestions_canceled(uow: UnitOfWork, media_id: UUID) -> list[Request]:
    found = uow.requests.of_subject(suggesting.KIND, f"media:{media_id}")
    return [] if found is None or uow.requests.get(found.request_id, lock=True).is_final else [uow.requests.cancel(found.request_id)]


def cancel(uow: UnitOfWork, clips: list[Clip]) -> list[Request]:
    """Take back the wish for clips; what was not delivered is not counted. Returns the requests that this canceled.

    A request goes on for as long as it has other clips to make.
    """
    canceled = []
    for request_id in dict.fromkeys(clip.request_id for clip in clips):
        request = uow.requests.get(request_id, lock=True)
        waiting = {clip.clip_id for clip in uow.clips.of_request(request_id) if clip.state in WAITING}
        if not request.is_final and waiting <= {clip.clip_id for clip in clips}:
            canceled.append(uow.requests.cancel(request_id))
    for clip in clips:
        if clip.state is not ClipState.RENDERED:
            give_back(uow, clip.clip_id)
    return canceled


@contextmanager
def kept_or_forgotten(work: Work, files: FilePort, stored: StoredFile) -> Iterator[None]:
    """What no row stands on in the end is not kept, whatever went wrong."""
    try:
        yield
    except BaseException:
        with work.tidying() as uow:
            uow.kept.lock(stored.sha256)
            forget(uow, files, [(stored.sha256, stored.key)])
        raise


def forget(uow: UnitOfWork, files: FilePort, kept: list[tuple[str | None, str | None]]) -> None:
    """Delete the bytes that no row of the workspace stands on any more. The caller has locked them."""
    for sha256, key in kept:
        if sha256 is not None and key is not None and not uow.kept.is_held(sha256):
            files.delete(key)
