"""The deep analysis of a tenant's posts, or of one account's: five sections of JSON values. Each section is in its own module."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.content_type import content_type
from domain.deep.engagement import engagement
from domain.deep.growth import growth
from domain.deep.posting_time import posting_time
from domain.deep.rows import NATURE
from domain.deep.scope import Scope, scope_of
from domain.deep.titles import titles
from domain.features.table import FeatureTable
from domain.figures import plain

METHOD_VERSION = "deep-analysis/1"
SECTIONS = ("posting_time", "titles", "engagement", "content_type", "growth")
CAUTION = (
    "These figures describe posts as they were made. Whoever posts at another hour, or another kind of video, differs in more than that; "
    "what a choice is worth is asked under effects."
)
PICKED = " Some of these posts came in by search, trend or hand: they say nothing about posts that were not picked."


def deep_analysis(
    posts: pd.DataFrame, features: FeatureTable, *, account_id: str | None, now: datetime, seed: int, days: pd.DataFrame | None = None
) -> Mapping[str, Any]:  # fmt: skip
    """Five sections (`SECTIONS`), each with its nature, sentence, n, figures with 95 % intervals, and reasons where there are none.

    Posts: `domain.posts.COLUMNS`; `days`: `domain.deep.growth.DAYS`, where figures by day are known. `account_id` narrows to one account.
    `reach` is the outcome: log views as if fully grown. The same posts and seed give the same values, in any order of rows.
    """
    scope = scope_of(posts, features, account_id=account_id, now=now)
    known = _days_of(days, account_id, now)
    found = {
        "posting_time": posting_time(scope),
        "titles": titles(scope),
        "engagement": engagement(scope, np.random.default_rng([seed, 1])),
        "content_type": content_type(scope),
        "growth": growth(scope, known, np.random.default_rng([seed, 2])),
    }
    return dict(plain(_about(scope, account_id, now) | found))


def _about(scope: Scope, account_id: str | None, now: datetime) -> dict[str, Any]:
    posts = scope.posts
    selection = posts["selection"].fillna("unknown").value_counts().sort_index()
    is_picked = bool(len(posts)) and set(selection.index) != {"census"}
    return {
        "method": METHOD_VERSION,
        "nature": NATURE,
        "caution": CAUTION + (PICKED if is_picked else ""),
        "as_of": now,
        "account_id": account_id,
        "n": len(posts),
        "accounts": scope.accounts,
        "selection": {str(name): int(n) for name, n in selection.items()},
        "left_out": dict(scope.left_out),
        "window_from": posts["posted_at"].min() if len(posts) else None,
        "window_to": posts["posted_at"].max() if len(posts) else None,
    }


def _days_of(days: pd.DataFrame | None, account_id: str | None, now: datetime) -> pd.DataFrame | None:
    """The days of the account, or of all, that are over."""
    if days is None:
        return None
    over = days[pd.to_datetime(days["day"], utc=True) + pd.Timedelta(days=1) <= now]
    return over if account_id is None else over[over["account_id"] == account_id]
