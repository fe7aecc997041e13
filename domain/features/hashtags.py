"""Hashtags: how many, and whether one is usual for the account. Which ones trend is not known to us, so it is not asked."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from domain.features.earlier import Timeline
from domain.features.feature import Group, amount, in_hindsight, presence
from domain.features.writing import hashtags_in

FEATURES = (
    amount("hashtags_count", Group.HASHTAGS, ("hashtags", "one more hashtag"), "hashtags", 1.0),
    in_hindsight(presence("has_usual_hashtag", Group.HASHTAGS, "a hashtag that the account used often before, compared with none such")),
)
# Usual: in at least so many of so many of the account's preceding posts.
USUAL_POSTS = 3
LOOKS_BACK = 20


def all_hashtags(posts: pd.DataFrame, titles: Sequence[str | None], descriptions: Sequence[str | None]) -> list[frozenset[str] | None]:
    """Per post the hashtags that its platform named and those written in its text; None where neither is known."""
    rows = zip(posts["hashtags"], titles, descriptions, strict=True)
    return [hashtags_of(tags, title, description) for tags, title, description in rows]


def hashtags_of(named: Iterable[str], title: str | None, description: str | None) -> frozenset[str] | None:
    """Of one post."""
    tags = tuple(tag.casefold().lstrip("#") for tag in named)
    return frozenset((*tags, *hashtags_in(title), *hashtags_in(description))) if tags or title or description else None


def hashtag_features(timelines: Sequence[Timeline], tags: Sequence[frozenset[str] | None]) -> pd.DataFrame:
    """One row per post. Usual is judged on the account's earlier posts alone; of unknown time it is missing."""
    counts = [float("nan") if found is None else float(len(found)) for found in tags]
    usual = np.full(len(tags), np.nan)
    for timeline in timelines:
        recent: deque[frozenset[str]] = deque(maxlen=LOOKS_BACK)
        for together in timeline:
            often = {tag for tag, posts_with in Counter(tag for found in recent for tag in found).items() if posts_with >= USUAL_POSTS}
            for position in together:
                found = tags[position]
                usual[position] = np.nan if found is None else float(not often.isdisjoint(found))
            recent.extend(found for position in together if (found := tags[position]) is not None)
    return pd.DataFrame({"hashtags_count": counts, "has_usual_hashtag": usual}, dtype="float64")
