"""What is said in a video: read from captions, aligned from a script, or heard; once, and kept."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from domain.clips.states import choose_streams
from domain.errors import ClaimLost, FieldProblem, NotFound, SourceUnavailable, Unacceptable, Unwanted
from domain.media import CAPTIONS_ADVICE, AudioStream
from domain.ports import FilePort, MediaTools
from domain.transcripts import (
    VERSION,
    Chapter,
    Source,
    Transcript,
    chapters_of_description,
    choose_track,
    has_track,
    script_words,
    transcribe,
    transcript_of_script,
    transcript_of_speech,
)
from services.work import Work
from store.media import MediaFile
from store.work import UnitOfWork


def read(work: Work, tools: MediaTools, files: FilePort, media_id: UUID) -> Transcript:
    """The transcript of a video: a script that is known, captions that came along, a track of its own, else its sound. Made once."""
    with work.begin() as uow:
        found, known = uow.media.get(media_id), uow.media.transcript(media_id)
        chapters = _chapters(uow, found)
    if known is not None and known.version == VERSION:
        return known
    transcript = replace(_made(work, tools, files, found), chapters=chapters)
    with work.begin() as uow:
        is_current = uow.media.get(media_id, lock=True).script == found.script
        if is_current:
            uow.media.put_transcript(media_id, transcript)
    return transcript if is_current else read(work, tools, files, media_id)  # somebody wrote meanwhile what is said


def _chapters(uow: UnitOfWork, found: MediaFile) -> tuple[Chapter, ...]:
    """The maker's own, where the description of the post lists them."""
    description = uow.videos.get(found.video_id)[1].description if found.video_id else None
    return chapters_of_description(description, duration_seconds=found.duration_seconds) if description else ()


def _made(work: Work, tools: MediaTools, files: FilePort, found: MediaFile) -> Transcript:
    duration = found.duration_seconds
    if found.script is not None:
        return _aligned(work, tools, found, found.script)
    if found.captions_key is not None:
        with files.open(found.captions_key) as file:
            cues = tools.captions(file.read())
        return transcribe(cues, source=Source.UPLOAD, language=found.captions_language, duration_seconds=duration)
    if has_track(found.probe.subtitles) or _sound(found) is None:
        track = choose_track(found.probe.subtitles)
        cues = tools.subtitles(found.file_key, track.index)
        return transcribe(cues, source=Source.TRACK, language=track.language, duration_seconds=duration)
    return _heard(work, tools, found)


def _aligned(work: Work, tools: MediaTools, found: MediaFile, script: str) -> Transcript:
    sound = _sound(found)
    if sound is None:
        raise Unacceptable("a script needs sound to be aligned with, and the video has none", (FieldProblem("script", CAPTIONS_ADVICE),))
    words = tools.align(found.file_key, sound.index, script_words(script), language=found.captions_language, is_unwanted=work.is_unwanted)
    return transcript_of_script(words, script, language=found.captions_language, duration_seconds=found.duration_seconds)


def _heard(work: Work, tools: MediaTools, found: MediaFile) -> Transcript:
    sound = _sound(found)
    if sound is None:
        raise NotFound("sound of media", found.media_id)
    speech = tools.hear(
        found.file_key, sound.index, language=found.captions_language, report=telling(work, "listening"), is_unwanted=work.is_unwanted
    )
    return transcript_of_speech(speech, duration_seconds=found.duration_seconds)


def _sound(found: MediaFile) -> AudioStream | None:
    return choose_streams(found.probe, found.captions_language)[1]


def telling(work: Work, note: str) -> Callable[[float], None]:
    """Progress is news, not work: whoever lost the claim is stopped by the tool's own question."""

    def tell(share: float) -> None:
        with suppress(Unwanted, ClaimLost, SourceUnavailable):
            work.report(share, note)

    return tell


def find(uow: UnitOfWork, media_id: UUID) -> Transcript:
    """What is said in a video. Raises NotFound until a run has read or heard it."""
    uow.media.get(media_id)
    found = uow.media.transcript(media_id)
    if found is None:
        raise NotFound("transcript of media", media_id)
    return found
