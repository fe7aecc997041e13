"""The deep analysis of all accounts together, and of each account with enough posts. What is described is in `domain.deep`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.insights.anomalies import days_kept, days_of
from services.insights.kind import Given, Inputs, Made, Reading, ReleaseKind, Section
from services.insights.posts import read_features, read_posts
from store.work import UnitOfWork

# The sections beside those of the analysis: what the analysis is about; and which accounts have one of their own.
ABOUT, ACCOUNTS = "about", "accounts"
SECTIONS = ("posting_time", "titles", "engagement", "content_type", "growth")
# An account has an analysis of its own from so many dated posts on. An analysis takes 0.1 s to 0.3 s, so that so many of them
# take a few seconds: own accounts come first, then those with the most posts.
LEAST_POSTS, MOST_ACCOUNTS = 20, 25
READ_DAYS = timedelta(days=730)


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    from domain.packed import columns_of

    posts, until = read_posts(uow, reading)
    features = read_features(uow)
    days = days_kept(uow.days.all(as_of=reading.as_of, first=(reading.as_of - READ_DAYS).date()))
    kept = {"posts": columns_of(posts), "features": features, "days": days}
    return Inputs(kept, len(posts), until, {"releases": {"features": features["release_id"]}, "features": features["version"]})


def _make(given: Given) -> Made:
    from domain.deep.analysis import METHOD_VERSION, deep_analysis
    from domain.deep.growth import days_frame
    from domain.packed import posts_of, rows_of, table_of

    posts = posts_of(given.kept["posts"])
    table = table_of(given.kept["features"], posts["video_id"].tolist())
    days = days_frame((each.account_id, each.day, each.views, each.followers) for each in days_of(given.kept["days"]))
    chosen, about = _chosen(rows_of(given.kept["posts"]))
    sections = [Section(ACCOUNTS, about)]
    for account in (None, *chosen):
        found = deep_analysis(posts, table, account_id=account, now=given.terms.as_of, seed=given.terms.seed, days=days)
        described = {name: value for name, value in found.items() if name not in SECTIONS}
        sections += [Section(ABOUT, described, account), *(Section(name, found[name], account) for name in SECTIONS)]
    return Made(f"{METHOD_VERSION}/{table.version}", (), tuple(sections))


def _chosen(posts: Sequence[Mapping[str, Any]]) -> tuple[list[str], Mapping[str, Any]]:
    """The accounts with an analysis of their own, and how many have none, by the reason."""
    counts = Counter(each["account_id"] for each in posts if each["posted_at"] is not None)
    own = {each["account_id"] for each in posts if each["is_own"]}
    enough = sorted((each for each, n in counts.items() if n >= LEAST_POSTS), key=lambda each: (each not in own, -counts[each], each))
    chosen = enough[:MOST_ACCOUNTS]
    items = [{"account_id": each, "n": counts[each], "is_own": each in own} for each in chosen]
    few = len({each["account_id"] for each in posts}) - len(enough)
    return chosen, {"items": items, "with_fewer_posts": few, "beyond_the_bound": len(enough) - len(chosen), "least_posts": LEAST_POSTS,
                    "most_accounts": MOST_ACCOUNTS}  # fmt: skip


DEEP = ReleaseKind("deep", _read, _make)
