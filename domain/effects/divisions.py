"""How posts are divided for `heterogeneity`: by format, account size, topic and time. Declared beforehand; nothing is searched for."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

SIZES = ("small", "middle", "large")
PERIODS = 4
# A topic of fewer posts is no part of its own.
LEAST_TOPIC_POSTS = 40
MOST_TOPICS = 8

Labels = Mapping[str, "pd.Series[str]"]


def labels_of(posts: pd.DataFrame, topics: "pd.Series[str] | None" = None) -> Labels:
    """Per division a label per post (index of `posts`), missing where it has none. Columns: format, account_id, followers_first, posted_at.

    A division of one part is none and is left out. `topics`: a topic label per row of `posts`.
    """
    found = {"format": posts["format"], "account size": _sizes(posts), "period": _periods(posts["posted_at"])}
    if topics is not None:
        found["topic"] = _common(pd.Series(np.asarray(topics, dtype=object), index=posts.index))
    return {by: labels.astype(object) for by, labels in found.items() if labels.nunique() > 1}


def _sizes(posts: pd.DataFrame) -> "pd.Series[str]":
    """Thirds of the accounts, by the first followers that are known: the newest ones may be followers whom the posts won.

    Too few accounts have no thirds.
    """
    none = pd.Series(None, index=posts.index, dtype=object)
    if "followers_first" not in posts:
        return none
    followers = posts.groupby("account_id")["followers_first"].min().dropna()
    if len(followers) < 2 * len(SIZES) or followers.nunique() < len(SIZES):
        return none
    edges = np.quantile(followers, [1 / 3, 2 / 3])
    third = pd.Series(np.searchsorted(edges, followers, side="left"), index=followers.index).map(dict(enumerate(SIZES)))
    return posts["account_id"].map(third)


def _periods(posted: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """Stretches of as many posts each, named by their first and last day."""
    known = posted.dropna()
    rank = known.rank(method="first") - 1
    part = (rank * PERIODS // max(len(known), 1)).astype(int)
    days = known.dt.strftime("%Y-%m-%d")
    named = {number: f"{days[part == number].min()} to {days[part == number].max()}" for number in part.unique()}
    return part.map(named).reindex(posted.index)


def _common(topics: "pd.Series[str]") -> "pd.Series[str]":
    count = topics.value_counts()
    kept = sorted(count[count >= LEAST_TOPIC_POSTS].index, key=lambda topic: (-count[topic], topic))[:MOST_TOPICS]
    return topics.where(topics.isin(kept))
