"""How an account grows: its trend per week, its weekdays, where its level changed, and its followers. What is made of posts comes first.

Views and followers by day come in only where the caller has them (`DAYS`); they are never guessed from posts.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.change_points import LEAST_POINTS, change_points
from domain.deep.contrasts import Comparison, Contrast
from domain.deep.engagement import weeks
from domain.deep.posting_time import WEEKDAYS
from domain.deep.rows import row, rows, section
from domain.deep.scope import Scope
from domain.log_points import bounds, multiple, signed, size

# Columns of the days: account_id, day (a date), views gained that day, followers at its end; missing stays missing.
DAYS = ("account_id", "day", "views", "followers")
# The changes are searched in at most so many means of neighbouring posts.
MOST_POINTS = 120
DAYS_PER_WEEK = 7


def days_frame(rows: Iterable[tuple[str, date, float | None, float | None]]) -> pd.DataFrame:
    """The frame of days out of rows in the order of `DAYS`."""
    return pd.DataFrame.from_records(list(rows), columns=list(DAYS)).astype({"views": "float64", "followers": "float64"})


def growth(scope: Scope, days: pd.DataFrame | None, rng: np.random.Generator) -> dict[str, Any]:
    """`trend` of reach per week, `weekdays`, `changes` of level (one account only), `views` by day and `followers`."""
    comparison = Comparison.of(scope.posts, "outcome", by_format=True, is_trend=True)
    trend = comparison.amount("a week later", weeks(scope.posts["posted_at"]))
    weekday = scope.posts["weekday"].to_numpy()
    seasons = Comparison.of(scope.posts, "outcome", by_format=True)
    changes, reason = _changes(scope, rng)
    return section(
        _told(trend, changes, reason),
        n=comparison.n,
        errors=comparison.errors,
        trend=row(trend),
        weekdays=rows(seasons.presence({name: weekday == each for each, name in enumerate(WEEKDAYS)})),
        changes=changes,
        changes_reason=reason,
        views=_of_days(days, "views"),
        followers=_of_days(days, "followers"),
    )


def _changes(scope: Scope, rng: np.random.Generator) -> tuple[list[dict[str, Any]], str | None]:
    posts = scope.posts[scope.posts["outcome"].notna()]
    if scope.accounts > 1:
        return [], "changes of level are told per account"
    if len(posts) < LEAST_POINTS:
        return [], f"fewer than {LEAST_POINTS} posts"
    level = posts["outcome"] - posts.groupby(posts["format"].fillna(""))["outcome"].transform("mean")
    size = -(-len(posts) // MOST_POINTS)
    # The oldest posts that fill no whole mean are left out, the newest never.
    first = len(posts) % size
    points = level.to_numpy(np.float64)[first:].reshape(-1, size).mean(axis=1)
    moments = posts["posted_at"].iloc[first:]
    return [
        {
            "after": moments.iloc[each.at * size - 1],
            "before": moments.iloc[each.at * size],
            "multiple": multiple(each.step),
            "multiple_low": multiple(each.low),
            "multiple_high": multiple(each.high),
            "posts_per_point": size,
        }
        for each in change_points(points, rng)
    ], None


def _of_days(days: pd.DataFrame | None, name: str) -> dict[str, Any]:
    """Trend per week and weekdays of a daily figure, in log points; followers by their growth from day to day."""
    if days is None or not days[name].notna().any():
        return {"reason": "no figures by day are known"}
    frame = days[days[name].notna()].sort_values(["account_id", "day"], kind="stable", ignore_index=True)
    moments = pd.to_datetime(frame["day"], utc=True)
    # A day on which a platform took views away has no log; it is counted, and left out.
    logs = np.log1p(frame[name].astype("float64").where(frame[name] >= 0))
    frame = frame.assign(weight=1.0, format=None, log=logs)
    trend = Comparison.of(frame, "log", by_format=False, is_trend=True).amount("a week later", weeks(moments))
    weekday = moments.dt.day_of_week.to_numpy()
    seasons = Comparison.of(frame, "log", by_format=False).presence({word: weekday == each for each, word in enumerate(WEEKDAYS)})
    below = int((frame[name] < 0).sum())
    found = {"n": len(frame), "days_below_zero": below, "trend": row(trend), "weekdays": rows(seasons), "reason": None}
    return found if name == "views" else found | {"weekly_growth": _weekly_growth(frame, moments), "weekdays": []}


def _weekly_growth(frame: pd.DataFrame, moments: pd.Series) -> dict[str, Any]:
    """The mean growth of followers a week: the changes between an account's days, so that a level that wanders is no trend."""
    by_account = frame["account_id"]
    elapsed = moments.groupby(by_account).diff().dt.total_seconds() / (DAYS_PER_WEEK * 86_400)
    rate = frame.groupby("account_id")["log"].diff() / elapsed
    known = frame.assign(rate=rate.where(elapsed > 0)).dropna(subset="rate").reset_index(drop=True)
    return row(_mean(known)) if len(known) else {"reason": "followers are known on one day only"}


def _mean(known: pd.DataFrame) -> Contrast:
    from scipy import stats

    stretches = known.groupby([known["account_id"], known.groupby("account_id").cumcount() // (2 * DAYS_PER_WEEK)])["rate"].mean()
    n, accounts, mean = len(known), known["account_id"].nunique(), float(stretches.mean())
    if len(stretches) < 4:
        return Contrast("followers a week later", n, accounts, reason="fewer than four stretches of two weeks")
    reach = float(stats.t.ppf(0.975, len(stretches) - 1)) * float(stretches.std(ddof=1)) / len(stretches) ** 0.5
    return Contrast("followers a week later", n, accounts, None, mean, mean - reach, mean + reach, abs(mean) > reach)


def _told(trend: Contrast, changes: list[dict[str, Any]], reason: str | None) -> str:
    if trend.estimate is None:
        first = f"No trend of reach can be told: {trend.reason}."
    else:
        words = f"{'grew' if trend.estimate > 0 else 'fell'} by {size(trend.estimate)}"
        words = words if trend.stands_out else f"shows no clear trend: it changed by {signed(trend.estimate)}"
        first = f"Reach per post {words} a week (95 % interval {bounds(trend.low, trend.high)}, n = {trend.n:,})."
    if reason:
        return f"{first} On changes of level: {reason}."
    return f"{first} {len(changes)} {'change' if len(changes) == 1 else 'changes'} of level beside the trend."
