"""People and brands as a tenant lists them: what may be listed, when two names are one. Looking for them: `domain.features.naming`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import FieldProblem, Unacceptable
from domain.features.writing import fold, is_unspaced, tokens

# A list that long is looked through for every post; each of its names can become a question.
MOST_ENTITIES = 500
MOST_ALIASES = 20
LONGEST_NAME = 100
# One sign of an unspaced script stands in too many words to be a name.
_LEAST_PIECE = 2


class EntityKind(StrEnum):
    """What is told apart."""

    PERSON = "person"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class AskedEntity:
    """An entity as it will be kept: its names tidied, aliases that say the same again left out. `keys`: what each name is found by."""

    name: str
    kind: EntityKind
    aliases: tuple[str, ...]
    keys: tuple[str, ...]


def asked_entity(name: str, kind: EntityKind, aliases: Sequence[str]) -> AskedEntity:
    """Raises Unacceptable for a name that no text can be searched for, or too many aliases."""
    named = {"/name": tidied(name), **{f"/aliases/{place}": tidied(alias) for place, alias in enumerate(aliases)}}
    problems = [FieldProblem(pointer, why) for pointer, word in named.items() if (why := _why_not(word)) is not None]
    if len(aliases) > MOST_ALIASES:
        problems.append(FieldProblem("/aliases", f"give {MOST_ALIASES} at most"))
    if problems:
        raise Unacceptable("the entity cannot be accepted", tuple(problems))
    found = dict(_first_of_each(named.values()))
    return AskedEntity(named["/name"], kind, tuple(found.values())[1:], tuple(found))


def name_key(name: str) -> str:
    """What two spellings of one name have in common: its words without case, accents and marks; empty where there is no word in it."""
    folded = fold(name).strip()
    if is_unspaced(folded):
        return folded if len(folded) >= _LEAST_PIECE else ""
    return " ".join(tokens(folded))


def tidied(name: str) -> str:
    return " ".join(name.split())


def _why_not(name: str) -> str | None:
    if not name or len(name) > LONGEST_NAME:
        return f"give 1 to {LONGEST_NAME} characters"
    return None if name_key(name) else "give a word that can stand in a text: letters or digits, two signs in a script without spaces"


def _first_of_each(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for name in names:
        key = name_key(name)
        if key not in seen:
            seen.add(key)
            yield key, name
