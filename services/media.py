"""Media: taking a video in, reading what is said in it, forgetting it. Making clips of it is in `services.clips`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.clips.asked import Wanted, check_length
from domain.clips.states import choose_streams
from domain.media import Probe
from domain.ports import FilePort, MediaTools, StoredFile
from domain.requests import Request
from domain.transcripts import VERSION, Source, Transcript, choose_track, transcribe
from services.kept_files import use
from services.work import Work
from store.clips import Clip
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A video that came in: its bytes, the captions beside it, and what the first clip shall be."""

    file: StoredFile
    file_name: str | None
    captions: StoredFile | None
    language: str | None
    wanted: Wanted


def look_at(tools: MediaTools, upload: Upload, captions: bytes | None) -> Probe:
    """What stands in the file, if a clip can be made of it at all. Raises Unacceptable, saying what to do, before anything is kept."""
    probe = tools.probe(upload.file.key)
    choose_streams(probe, upload.language)
    check_length(probe.duration_seconds, upload.wanted)
    if captions is None:
        choose_track(probe.subtitles)
    else:
        tools.captions(captions)
    return probe


def take_in(uow: UnitOfWork, upload: Upload, probe: Probe) -> tuple[MediaFile, Clip, Request]:
    """The media, its first clip, and the request for the run that makes it, in one transaction. Raises LimitReached."""
    media_id, clip_id, request_id = new_id(), new_id(), new_id()
    uow.usage.take("media_per_day", 1, operation=f"media:{media_id}", now=datetime.now(UTC))
    params = {"media_id": str(media_id), "clip_id": str(clip_id)}
    request = uow.requests.ask(request_id=request_id, kind="media", subject=f"media:{media_id}", params=params, user_id=uow.user_id)
    file = {
        "file_name": upload.file_name, "file_key": upload.file.key, "sha256": upload.file.sha256, "size_bytes": upload.file.size_bytes,
        "captions_language": upload.language,
    }  # fmt: skip
    if upload.captions is not None:
        file |= {"captions_key": upload.captions.key, "captions_sha256": upload.captions.sha256}
    media = uow.media.add(media_id=media_id, request_id=request_id, file=file, probe=probe, user_id=uow.user_id)
    clip = uow.clips.add(clip_id=clip_id, media_id=media_id, request_id=request_id, wanted=upload.wanted, user_id=uow.user_id)
    return media, clip, request


def find(work: Work, files: FilePort, clip: Clip) -> MediaFile:
    """The media of a clip, its bytes at hand. Raises NotFound, Gone."""
    with work.begin() as uow:
        found = use(uow, clip.media_id)
    for key in filter(None, (found.file_key, found.captions_key)):
        files.size(key)
    return found


def read_transcript(work: Work, tools: MediaTools, files: FilePort, clip: Clip) -> Transcript:
    """What is said in the media of a clip: by the captions that came with it, else by a track of its own. Read once."""
    with work.begin() as uow:
        found, known = uow.media.get(clip.media_id), uow.media.transcript(clip.media_id)
    if known is not None and known.version == VERSION:
        return known
    transcript = _transcribed(tools, files, found)
    with work.begin() as uow:
        uow.media.put_transcript(found.media_id, transcript)
    return transcript


def _transcribed(tools: MediaTools, files: FilePort, found: MediaFile) -> Transcript:
    duration = found.duration_seconds
    if found.captions_key is not None:
        with files.open(found.captions_key) as file:
            cues = tools.captions(file.read())
        return transcribe(cues, source=Source.UPLOAD, language=found.captions_language, duration_seconds=duration)
    track = choose_track(found.probe.subtitles)
    cues = tools.subtitles(found.file_key, track.index)
    return transcribe(cues, source=Source.TRACK, language=track.language, duration_seconds=duration)


def delete(uow: UnitOfWork, files: FilePort, media_id: UUID) -> list[Request]:
    """Forget a video with its transcript and clips, and every byte that nothing else stands on. Returns the requests that this canceled."""
    found = uow.media.get(media_id)
    # Locked in the order of a run: its request, the clip, its bytes.
    canceled = cancel(uow, uow.clips.of_media(media_id))
    clips = uow.clips.of_media(media_id, lock=True)
    kept = [(found.sha256, found.file_key), (found.captions_sha256, found.captions_key), *(each for clip in clips for each in clip.kept)]
    uow.kept.lock(*(sha256 for sha256, _ in kept if sha256))
    uow.media.delete(media_id)
    forget(uow, files, kept)
    return canceled


def cancel(uow: UnitOfWork, clips: list[Clip]) -> list[Request]:
    """Take back the wish for clips. Returns the requests that were still open."""
    asked = [uow.requests.get(clip.request_id, lock=True) for clip in clips]
    return [uow.requests.cancel(request.request_id) for request in asked if not request.is_final]


def forget(uow: UnitOfWork, files: FilePort, kept: list[tuple[str | None, str | None]]) -> None:
    """Delete the bytes that no row of the workspace stands on any more. The caller has locked them."""
    for sha256, key in kept:
        if sha256 is not None and key is not None and not uow.kept.is_held(sha256):
            files.delete(key)
