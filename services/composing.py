"""What a clip is put together of: everything that is known of its video, read in one transaction. How is in `domain.clips.composing`."""

from uuid import UUID

from domain.clips.composing import Given
from domain.clips.look import Look
from domain.clips.states import choose_streams
from domain.errors import NotFound
from services.kept_files import key_of_media
from store.media import MediaFile
from store.work import UnitOfWork


def given(uow: UnitOfWork, found: MediaFile, span: tuple[float, float], look: Look) -> Given:
    """Of a part of a video, and of the files that its look names. Raises NotFound (also where its words are not known), Gone."""
    transcript = uow.media.transcript(found.media_id)
    if transcript is None:
        raise NotFound("transcript of media", found.media_id)
    video, audio = choose_streams(found.probe, transcript.language)
    return Given(
        span=span,
        look=look,
        transcript=transcript,
        analysis=uow.media.analysis(found.media_id),
        duration_seconds=found.duration_seconds,
        video_index=video.index,
        audio_index=audio.index if audio else None,
        watermark=uow.usage.clip_watermark(),
        music_key=_key(uow, look.music_media_id),
        intro_key=_key(uow, look.intro_media_id),
        outro_key=_key(uow, look.outro_media_id),
    )


def _key(uow: UnitOfWork, media_id: UUID | None) -> str | None:
    return key_of_media(uow.media.get(media_id)) if media_id else None
