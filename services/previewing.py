"""Looking at a candidate before anything is rendered: its layout shot by shot, a frame, a small film."""

from dataclasses import dataclass, replace
from uuid import UUID

from domain.clips.composing import Given, compose, pieces_of
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.errors import FieldProblem, Unacceptable
from domain.media import ClipPlan
from domain.ports import MediaTools
from services import looks
from services.composing import given
from services.kept_files import key_of_media
from store.work import UnitOfWork

# Where in a candidate its picture is taken.
_PICTURE_SHARE = 0.3
# Fields of a plan, as the tools name them, by the fields of a look that they come from.
_FIELDS = {
    "hook_text": "/look/hook_text",
    "accent": "/look/accent",
    "music_key": "/look/music_media_id",
    "intro_key": "/look/intro_media_id",
    "outro_key": "/look/outro_media_id",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A moment of a stored video."""

    file_key: str
    at_seconds: float


def pieces(uow: UnitOfWork, candidate_id: UUID, look: Look | None = None) -> tuple[Piece, ...]:
    """How a clip of it would be laid out. Raises NotFound."""
    return pieces_of(_given(uow, candidate_id, look or Look())[1])


def planned(uow: UnitOfWork, candidate_id: UUID, look: Look | None = None) -> tuple[str, ClipPlan]:
    """The key of the source, and what a clip of it would be. Raises NotFound, Gone, Unacceptable for a look that it cannot show."""
    if look is not None:
        found = uow.candidates.get(candidate_id)
        _demand(uow, look, (found.start_seconds, found.end_seconds))
    key, known = _given(uow, candidate_id, look or Look())
    return key, compose(known)


def film(tools: MediaTools, key: str, plan: ClipPlan) -> bytes:
    """A small one (MP4). Raises Unacceptable for what only drawing it can tell, naming the field of the look."""
    try:
        return tools.preview(key, plan, is_unwanted=lambda: False)
    except Unacceptable as error:
        named = tuple(replace(each, pointer=_FIELDS.get(each.pointer, each.pointer)) for each in error.problems)
        raise Unacceptable(error.detail, named) from error


def _demand(uow: UnitOfWork, look: Look, span: tuple[float, float]) -> None:
    """What is named is there, and is about this part of the video: a job's other clips may have use for the rest."""
    start, end = span
    outside = f"it is outside of this candidate ({start:.2f} to {end:.2f} s): a preview cannot show it"
    problems = looks.problems(uow, look)
    problems += [FieldProblem(f"/look/overrides/{at}", outside) for at, each in enumerate(look.overrides)
                 if each.start_seconds < each.end_seconds and (each.end_seconds <= start or each.start_seconds >= end)]  # fmt: skip
    if problems:
        raise Unacceptable("the preview cannot show this look", tuple(problems))


def frame(uow: UnitOfWork, candidate_id: UUID) -> Frame:
    """The moment that stands for it. Raises NotFound, Gone."""
    found = uow.candidates.get(candidate_id)
    at = found.start_seconds + (found.end_seconds - found.start_seconds) * _PICTURE_SHARE
    return Frame(key_of_media(uow.media.get(found.media_id)), at)


def _given(uow: UnitOfWork, candidate_id: UUID, look: Look) -> tuple[str, Given]:
    found = uow.candidates.get(candidate_id)
    media = uow.media.get(found.media_id)
    return key_of_media(media), given(uow, media, (found.start_seconds, found.end_seconds), look)
