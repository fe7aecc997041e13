"""How strongly viewers react: (likes + comments + shares) / views, its spread, by format and over time. Missing parts stay missing."""

from typing import Any

import numpy as np
import pandas as pd

from domain.deep.contrasts import ENOUGH_ACCOUNTS, LEAST_POSTS, LEAST_STRETCH, Comparison, Floats, runs
from domain.deep.rows import row, rows, section, standing_out
from domain.deep.scope import Scope
from domain.deep.titles import levels
from domain.log_points import multiple

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
DRAWS = 400
MONTHS = 24
SECONDS_PER_WEEK = 7 * 86_400.0


def engagement(scope: Scope, rng: np.random.Generator) -> dict[str, Any]:
    """`distribution`: quantiles of the rate; `by_format`: against the account's other posts; `months`; `trend` per week."""
    posts = scope.posts
    comparison = Comparison.of(posts, "engagement", by_format=False)
    by_format = comparison.presence(levels(posts["format"]))
    spread = distribution(posts, rng)
    trend = Comparison.of(posts, "engagement", by_format=True, is_trend=True).amount("a week later", weeks(posts["posted_at"]))
    missing = int(posts["engagement"].isna().sum())
    return section(
        _typical(spread, comparison.n) + standing_out(by_format, of="formats", what="engagement") + _missing(missing),
        n=comparison.n,
        missing=missing,
        errors=comparison.errors,
        distribution=spread,
        by_format=rows(by_format),
        months=months(posts),
        trend=row(trend),
    )


def distribution(posts: pd.DataFrame, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Quantiles of the rate over posts, 95 % intervals by drawing accounts, or stretches of posts where accounts are few, 400 times."""
    known = posts[posts["engagement"].notna()]
    if len(known) < LEAST_POSTS:
        return []
    account = pd.factorize(known["account_id"])[0].astype(np.int64)
    are_many = account.max() + 1 >= ENOUGH_ACCOUNTS
    clusters = account if are_many else runs(account, max(LEAST_STRETCH, round(len(known) ** (1 / 3))))
    draws = rng.multinomial(clusters.max() + 1, np.full(clusters.max() + 1, 1 / (clusters.max() + 1)), size=DRAWS)
    values, weight = known["engagement"].to_numpy(np.float64), known["weight"].to_numpy(np.float64)
    whole = _quantiles(values, weight[None, :])[0]
    low, high = np.quantile(_quantiles(values, weight * draws[:, clusters]), (0.025, 0.975), axis=0)
    return [
        {"share_of_posts": share, "rate": multiple(whole[at]), "low": multiple(low[at]), "high": multiple(high[at])}
        for at, share in enumerate(SHARES)
    ]


def _quantiles(values: Floats, weights: Floats) -> Floats:
    """Weighted quantiles per row of weights."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    wanted = reached[:, -1:] * np.array(SHARES)
    places = np.array([np.searchsorted(row, asked) for row, asked in zip(reached, wanted, strict=True)])
    return np.asarray(values[order][np.minimum(places, len(values) - 1)], dtype=np.float64)


def months(posts: pd.DataFrame) -> list[dict[str, Any]]:
    """The median rate of the posts of each UTC month, of the last 24 months with posts."""
    known = posts[posts["engagement"].notna()]
    by_month = known.groupby(known["posted_at"].dt.strftime("%Y-%m"))["engagement"].agg(["median", "size"]).sort_index().tail(MONTHS)
    return [
        {"month": str(month), "rate": multiple(float(median)), "n": int(size)}
        for month, median, size in zip(by_month.index, by_month["median"], by_month["size"], strict=True)
    ]


def weeks(posted_at: pd.Series) -> Floats:
    """Weeks since the first of these moments."""
    if not len(posted_at):
        return np.zeros(0)
    return np.asarray((posted_at - posted_at.min()).dt.total_seconds() / SECONDS_PER_WEEK, dtype=np.float64)


def _typical(spread: list[dict[str, Any]], n: int) -> str:
    if not spread:
        return f"Too few posts with known views and reactions ({n}) to tell a typical engagement rate. "
    middle = spread[SHARES.index(0.5)]
    return (
        f"Half of the posts have an engagement rate of {100 * middle['rate']:.2g} % or more "
        f"(95 % interval {100 * middle['low']:.2g} to {100 * middle['high']:.2g} %, n = {n:,}). "
    )


def _missing(missing: int) -> str:
    return f" The rate is unknown for {missing:,} posts, which are left out." if missing else ""
