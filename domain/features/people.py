"""People and brands named in a post: one presence feature for each that is named often enough, and how many people are named."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from domain.features.feature import Feature, Group, amount, presence
from domain.features.vocabulary import Entity
from domain.features.writing import slug_of

COUNTED = (
    amount("people_count", Group.PEOPLE, ("people named", "one more person named"), "people", 1.0, is_hypothesis=False),
    amount("brands_count", Group.PEOPLE, ("brands named", "one more brand named"), "brands", 1.0, is_hypothesis=False),
)
PERSON, BRAND = "person", "brand"
# Named, and not named, in at least so many posts: below, a column tells posts apart and no people.
LEAST_POSTS = 5
# Only the most often named are asked about: every question makes all the others harder to answer.
MOST_ASKED = 8

Named = Sequence[tuple[str, ...] | None]


def people_features(entities: Sequence[Entity], named: Named) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """One row per post (None: nothing to read, so missing), and what its columns are."""
    kinds = {entity.name: entity.kind for entity in entities}
    columns = {"people_count": _count(named, kinds, PERSON), "brands_count": _count(named, kinds, BRAND)}
    features = list(COUNTED)
    for rank, (name, column_name) in enumerate(_often(entities, named)):
        columns[column_name] = [float("nan") if found is None else float(name in found) for found in named]
        features.append(_feature(column_name, name, is_hypothesis=rank < MOST_ASKED))
    return pd.DataFrame(columns, index=range(len(named)), dtype="float64"), tuple(features)


def _feature(column: str, name: str, *, is_hypothesis: bool) -> Feature:
    contrast = f"{name} named in the post, compared with posts that do not name {name}"
    return presence(column, Group.PEOPLE, contrast, is_hypothesis=is_hypothesis)


def _count(named: Named, kinds: dict[str, str], kind: str) -> list[float]:
    """Without a list of names nobody was looked for: missing."""
    if kind not in kinds.values():
        return [float("nan")] * len(named)
    return [float("nan") if found is None else float(sum(kinds.get(name) == kind for name in found)) for found in named]


def _often(entities: Sequence[Entity], named: Named) -> Iterator[tuple[str, str]]:
    """(name, column), the most often named first. A column's name hangs on the tenant's list alone, never on the posts."""
    counts = Counter(name for found in named if found is not None for name in found)
    readable = sum(found is not None for found in named)
    columns = column_names(entities)
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if name in columns and LEAST_POSTS <= count <= readable - LEAST_POSTS:
            yield name, columns[name]


def column_names(entities: Sequence[Entity]) -> dict[str, str]:
    """Name to `person:<slug>` or `brand:<slug>`; of two names with one slug, the later in the alphabet gets a number."""
    found: dict[str, str] = {}
    for entity in sorted(entities, key=lambda each: each.name):
        base = f"{BRAND if entity.kind == BRAND else PERSON}:{slug_of(entity.name)}"
        number = sum(column == base or column.startswith(f"{base}~") for column in found.values())
        if entity.name not in found:
            found[entity.name] = base if not number else f"{base}~{number + 1}"
    return found
