"""One look at a whole video, once for all clips that are made of it."""

from uuid import UUID

from domain.clips.analysis import VERSION, MediaAnalysis
from domain.ports import MediaTools
from services.transcribing import telling
from services.work import Work


def look_at(work: Work, tools: MediaTools, media_id: UUID) -> MediaAnalysis:
    """What a look at it saw and heard; made once per version."""
    with work.begin() as uow:
        found, known = uow.media.get(media_id), uow.media.analysis(media_id)
    if known is not None and known.version == VERSION:
        return known
    analysis = tools.analyse(found.file_key, report=telling(work, "looking at the video"), is_unwanted=work.is_unwanted)
    with work.begin() as uow:
        uow.media.get(media_id, lock=True)  # it may have been deleted meanwhile
        uow.media.put_analysis(media_id, analysis)
    return analysis
