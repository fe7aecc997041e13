"""Which posts of the same account came before a post: what was known when it was made. Later posts are never looked at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from domain.posts import FIRST_MOMENT

# Of one account: the positions of its posts by time; those of one moment stand together, as none came before the other.
Timeline = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """`moments`: when each post went out, by position, missing where unknown or impossible. `timelines`: one per account."""

    moments: "pd.Series[pd.Timestamp]"
    timelines: Sequence[Timeline]


def order_of(posts: pd.DataFrame) -> Order:
    """Posts with `posted_at` and `account_id`; those of unknown time are in no timeline."""
    posted = pd.Series(pd.to_datetime(posts["posted_at"], utc=True).array)
    posted = posted.where(posted >= FIRST_MOMENT)
    by_account: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    ticks = posted.dt.as_unit("us").astype("int64").tolist()
    for position, (account, tick, is_known) in enumerate(zip(posts["account_id"], ticks, posted.notna(), strict=True)):
        if is_known:
            by_account[str(account)].append((tick, position))
    return Order(posted, [_timeline(by_account[account]) for account in sorted(by_account)])


def _timeline(posts: list[tuple[int, int]]) -> Timeline:
    return [[position for _, position in together] for _, together in groupby(sorted(posts), key=lambda post: post[0])]
