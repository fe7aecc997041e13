"""Listing people and brands, and looking which posts name one. Features are measured with the list at their next run."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.entities import MOST_ENTITIES, AskedEntity
from domain.errors import LimitReached
from domain.features.vocabulary import Entity
from store.entities import ListedEntity, WrittenPost
from store.ids import new_id
from store.work import UnitOfWork

# A look is answered while somebody waits: so many of the newest posts are read for it.
POSTS_READ = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """An entity, the whole list, and the newest posts: one more than are read, to tell whether there are more."""

    entity: ListedEntity
    listed: Sequence[Entity]
    posts: Sequence[WrittenPost]


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


def look(uow: UnitOfWork, entity: ListedEntity) -> Look:
    """What is looked at."""
    return Look(entity, uow.entities.all(), uow.entities.newest_posts(POSTS_READ + 1))


def posts_naming(seen: Look) -> Naming:
    """As features would tag these posts with the whole list. It needs no transaction."""
    from domain.features.naming import DictionaryTagger
    from domain.features.reading import whole_text

    entity, read = seen.entity, seen.posts[:POSTS_READ]
    texts = [whole_text(each.title, each.description, each.hashtags) or "" for each in read]
    # Another's longer name, or the same one, may take a post from it, and never give it one: few are left for the whole list.
    alone = DictionaryTagger([Entity(entity.name, entity.kind, entity.aliases)]).tag(texts)
    likely = [(post, text) for post, text, names in zip(read, texts, alone, strict=True) if names]
    named = DictionaryTagger(seen.listed).tag([text for _, text in likely])
    naming = [post for (post, _), names in zip(likely, named, strict=True) if entity.name in names]
    return Naming(entity, len(read), len(seen.posts) <= POSTS_READ, naming)


def _told(made: ListedEntity) -> dict[str, object]:
    """The trail says what kind and how many names; whose they are is in the list, where it can be erased."""
    return {"kind": made.kind.value, "names": 1 + len(made.aliases)}
