"""What a look names is there, does for what it is named for, and is in use from now on."""

from uuid import UUID

from domain.clips.additions import FILMS, MUSIC, unfit
from domain.clips.look import Look
from domain.errors import FieldProblem, Gone, NotFound
from services.kept_files import use
from store.work import UnitOfWork


def problems(uow: UnitOfWork, look: Look) -> list[FieldProblem]:
    """Every field at fault, each by its place in a body that has the look under `look`."""
    named = {name: getattr(look, name) for name in (MUSIC, *FILMS)}
    found = {name: _why_not(uow, name, media_id) for name, media_id in named.items() if media_id is not None}
    return [*(FieldProblem(f"/look/{name}", why) for name, why in found.items() if why is not None),
            *(FieldProblem(f"/look/overrides/{at}", "let it end after it starts") for at, each in enumerate(look.overrides)
              if not each.start_seconds < each.end_seconds)]  # fmt: skip


def _why_not(uow: UnitOfWork, field: str, media_id: UUID) -> str | None:
    try:
        return unfit(field, use(uow, media_id).probe)
    except (NotFound, Gone):
        return "name a file of yours whose bytes are kept"
