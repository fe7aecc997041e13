"""The texts of posts, read once for all groups of features. What is measured on them is in the groups' modules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from domain.features.earlier import Order, order_of
from domain.features.hashtags import all_hashtags, hashtags_of
from domain.features.languages import Guess, language_of
from domain.features.timing import zones_of
from domain.features.writing import said, texts
from domain.posts import one_row_each

# Of a post without a title, the start of what stands under it says what it is about; further down come links and credits.
STAND_IN_CHARS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One entry per post in each list; None where there is nothing to read. `whole`: all its text, `about`: title and hashtags."""

    posts: pd.DataFrame
    order: Order
    video_ids: Sequence[str]
    titles: Sequence[str | None]
    tags: Sequence[frozenset[str] | None]
    whole: Sequence[str | None]
    about: Sequence[str | None]
    guesses: Sequence[Guess]
    zones: Sequence[ZoneInfo | None]


def read(posts: pd.DataFrame) -> Read:
    """Posts with the columns of `domain.posts.COLUMNS`; a repeated video counts once (`domain.posts.one_row_each`)."""
    posts = one_row_each(posts.reset_index(drop=True)).sort_index().reset_index(drop=True)
    titles, descriptions = texts(posts["title"]), texts(posts["description"])
    tags = all_hashtags(posts, titles, descriptions)
    rows = list(zip(titles, descriptions, tags, strict=True))
    return Read(
        posts=posts,
        order=order_of(posts),
        video_ids=list(posts["video_id"]),
        titles=titles,
        tags=tags,
        whole=[_joined(title, description, found) for title, description, found in rows],
        about=[_joined(title or (description or "")[:STAND_IN_CHARS], None, found) for title, description, found in rows],
        guesses=[language_of(title, description) for title, description, _ in rows],
        zones=zones_of(list(posts["time_zone"])),
    )


def whole_text(title: str | None, description: str | None, hashtags: Iterable[str]) -> str | None:
    """All text of one post, as `Read.whole` has it; None where there is nothing to read."""
    written, below = said(title), said(description)
    return _joined(written, below, hashtags_of(hashtags, written, below))


def _joined(title: str | None, description: str | None, tags: Iterable[str] | None) -> str | None:
    parts = [part for part in (title, description, " ".join(f"#{tag}" for tag in sorted(tags or ()))) if part]
    return "\n".join(parts) or None
