"""Looking at a candidate before anything is rendered: its layout shot by shot, a frame, a small film."""

from dataclasses import dataclass
from uuid import UUID

from domain.clips.composing import Given, compose, pieces_of
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.media import ClipPlan
from services.composing import given
from services.kept_files import key_of_media
from store.work import UnitOfWork

# Where in a candidate its picture is taken.
_PICTURE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Frame:
    """A moment of a stored video."""

    file_key: str
    at_seconds: float


def pieces(uow: UnitOfWork, candidate_id: UUID, look: Look | None = None) -> tuple[Piece, ...]:
    """How a clip of it would be laid out. Raises NotFound."""
    return pieces_of(_given(uow, candidate_id, look or Look())[1])


def planned(uow: UnitOfWork, candidate_id: UUID, look: Look | None = None) -> tuple[str, ClipPlan]:
    """The key of the source, and what a clip of it would be."""
    key, known = _given(uow, candidate_id, look or Look())
    return key, compose(known)


def frame(uow: UnitOfWork, candidate_id: UUID) -> Frame:
    """The moment that stands for it. Raises NotFound, Gone."""
    found = uow.candidates.get(candidate_id)
    at = found.start_seconds + (found.end_seconds - found.start_seconds) * _PICTURE_SHARE
    return Frame(key_of_media(uow.media.get(found.media_id)), at)


def _given(uow: UnitOfWork, candidate_id: UUID, look: Look) -> tuple[str, Given]:
    found = uow.candidates.get(candidate_id)
    media = uow.media.get(found.media_id)
    return key_of_media(media), given(uow, media, (found.start_seconds, found.end_seconds), look)
