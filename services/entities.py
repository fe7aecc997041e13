"""Listing people and brands, and looking which posts name one. Features are measured with the list at their next run."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.entities import MOST_ENTITIES, AskedEntity
from domain.errors import LimitReached
from store.entities import ListedEntity, WrittenPost
from store.ids import new_id
from store.work import UnitOfWork

# A look is answered while somebody waits: so many of the newest posts are read for it.
POSTS_READ = 5_000


@dataclass(frozen=True, slots=True)
class Naming:
    """Which of the newest posts name an entity. `is_whole`: there are no others than those that were read."""

    entity: ListedEntity
    posts_read: int
    is_whole: bool
    posts: Sequence[WrittenPost]


def add(uow: UnitOfWork, asked: AskedEntity) -> ListedEntity:
    """Raises Conflict where a name is taken, LimitReached where the list is full."""
    uow.entities.begin_change()
    used = uow.entities.count()
    if used >= MOST_ENTITIES:
        raise LimitReached("people and brands of this workspace", MOST_ENTITIES, used)
    made = uow.entities.add(new_id(), asked, user_id=uow.user_id)
    uow.trust.note("entity.made", str(made.entity_id), actor=uow.user_id, details=_told(made))
    return made


def change(uow: UnitOfWork, entity_id: UUID, asked: AskedEntity) -> ListedEntity:
    """Raises NotFound, Conflict."""
    uow.entities.begin_change()
    made = uow.entities.change(entity_id, asked)
    uow.trust.note("entity.changed", str(entity_id), actor=uow.user_id, details=_told(made))
    return made


def delete(uow: UnitOfWork, entity_id: UUID) -> None:
    """Raises NotFound."""
    uow.entities.begin_change()
    uow.entities.delete(entity_id)
    uow.trust.note("entity.deleted", str(entity_id), actor=uow.user_id)


def posts_naming(uow: UnitOfWork, entity_id: UUID) -> Naming:
    """As features would tag the newest posts with the list as it is now."""
    from domain.features.naming import DictionaryTagger
    from domain.features.reading import whole_text

    entity, found = uow.entities.get(entity_id), uow.entities.newest_posts(POSTS_READ + 1)
    read = found[:POSTS_READ]
    named = DictionaryTagger(uow.entities.all()).tag([whole_text(each.title, each.description, each.hashtags) or "" for each in read])
    naming = [post for post, names in zip(read, named, strict=True) if entity.name in names]
    return Naming(entity, len(read), len(found) <= POSTS_READ, naming)


def _told(made: ListedEntity) -> dict[str, object]:
    """The trail says what kind and how many names; whose they are is in the list, where it can be erased."""
    return {"kind": made.kind.value, "names": 1 + len(made.aliases)}
