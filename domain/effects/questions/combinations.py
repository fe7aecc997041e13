"""Combinations that are asked about: a short list, fixed before any outcome is looked at. Nothing is searched for.

Two factors make a product; what is asked is what both do together beyond what either does by itself. A pair is asked about only where
enough posts show each of the four cells: with both, with either, with neither.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.effects.verdicts import Hypothesis, Kind
from domain.features.feature import Feature, Group

# Posts in the smallest of the four cells.
LEAST_CELL = 10
# A title that is shown whole on a phone.
SHORT_TITLE_CHARS = 40
# Of those asked about, the first so many: people by how often they are named, topics by size.
MOST_PEOPLE, MOST_TOPICS = 4, 3
SHORT_TITLE, CONTROVERSY, SHORT_VIDEO = "is_short_title", "has_controversy_word", "is_short"
BEYOND = "beyond what either does by itself"
# (first factor, second factor, what a post with both is)
TITLE_PAIRS = (
    ("is_question", "has_number", "a question and a digit in one title"),
    (SHORT_TITLE, "has_number", f"a digit in a title of at most {SHORT_TITLE_CHARS} characters"),
    ("is_question", "addresses_viewer", "a question in the title that says 'you'"),
    ("is_question", "has_thumbnail_face", "a question in the title and a face on the thumbnail"),
)
SEVERAL, NAMES_ANY = "names_several_people", "names_people"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two presence columns of the frame, in words what a post with both is, and what sort of question that is."""

    first: str
    second: str
    words: str
    group: Group

    @property
    def column(self) -> str:
        return f"{self.first}*{self.second}"

    @property
    def hypothesis(self) -> Hypothesis:
        contrast = f"{self.words}, {BEYOND}"
        return Hypothesis(self.column, contrast, kind=Kind.COMBINATION, group=self.group.value, factors=(self.first, self.second))


@dataclass(frozen=True, slots=True)
class Cells:
    """How many posts show neither factor, the first alone, the second alone, both."""

    neither: int
    first: int
    second: int
    both: int

    @property
    def is_enough(self) -> bool:
        return min(self.neither, self.first, self.second, self.both) >= LEAST_CELL


def pairs_of(features: Sequence[Feature]) -> Iterator[Pair]:
    """Every pair that could be asked about, given the people and topics that are."""
    asked = [each for each in features if each.is_hypothesis]
    people = [(each.name, name_of(each)) for each in asked if each.name.startswith("person:")][:MOST_PEOPLE]
    topics = [(each.name, topic_of(each)) for each in asked if each.group is Group.TOPIC][:MOST_TOPICS]
    yield from (Pair(first, second, words, Group.TITLE) for first, second, words in TITLE_PAIRS)
    for person, name in people:
        yield Pair(person, SHORT_VIDEO, f"{name} named in a short video", Group.PEOPLE)
        yield from (Pair(person, topic, f"{name} named in a post about '{label}'", Group.PEOPLE) for topic, label in topics)
        yield Pair(CONTROVERSY, person, f"a word of conflict in a post that names {name}", Group.CONTROVERSY)
    yield from (Pair(CONTROVERSY, topic, f"a word of conflict in a post about '{label}'", Group.CONTROVERSY) for topic, label in topics)


def name_of(feature: Feature) -> str:
    """A person's or brand's name, out of the feature's words."""
    return feature.contrast.partition(" named in the post")[0]


def topic_of(feature: Feature) -> str:
    """A topic's label, out of the feature's words."""
    return feature.contrast.removeprefix("about '").partition("', compared")[0]


def with_factors(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the factors that are no features of their own: a short title, anybody and several people of the list named."""
    columns: Mapping[str, pd.Series] = {}
    if "title_chars" in frame:
        columns = {SHORT_TITLE: (frame["title_chars"] <= SHORT_TITLE_CHARS).astype("float64").where(frame["title_chars"].notna())}
    if "people_count" in frame:
        named = frame["people_count"]
        more = {
            NAMES_ANY: (named >= 1).astype("float64").where(named.notna()),
            SEVERAL: (named >= 2).astype("float64").where(named.notna()),
        }
        columns = {**columns, **more}
    return frame.assign(**columns)


def cells_of(frame: pd.DataFrame, pair: Pair) -> Cells:
    if not {pair.first, pair.second} <= set(frame.columns):
        return Cells(0, 0, 0, 0)
    one, other = (frame[name].to_numpy(np.float64) for name in (pair.first, pair.second))
    is_known = np.isfinite(one) & np.isfinite(other)
    first, second = one[is_known] > 0, other[is_known] > 0
    return Cells(*(int(np.sum(mask)) for mask in (~first & ~second, first & ~second, ~first & second, first & second)))


def several_of(frame: pd.DataFrame) -> Hypothesis | None:
    """Whether several people of the list do more than each of them: asked where enough posts name one, and several."""
    if SEVERAL not in frame:
        return None
    several, anybody = (int(np.nansum(frame[name].to_numpy(np.float64))) for name in (SEVERAL, NAMES_ANY))
    if min(several, anybody - several) < LEAST_CELL:
        return None
    words = "two or more of the listed people named in one post, compared with one, beyond what each of them does by name"
    return Hypothesis(SEVERAL, words, kind=Kind.COMBINATION, group=Group.PEOPLE.value, factors=(NAMES_ANY,))


def with_products(frame: pd.DataFrame, pairs: Sequence[Pair]) -> pd.DataFrame:
    """The frame with each pair's product; missing where either factor is."""
    products = {pair.column: frame[pair.first] * frame[pair.second] for pair in pairs}
    return pd.concat([frame, pd.DataFrame(products, index=frame.index)], axis=1)
