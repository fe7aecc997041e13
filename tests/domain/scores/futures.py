"""Posts cut at a moment, forecast, and held against what then happened. Forecasts are made by the public function from rows only."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.scores.forecasting import HORIZONS, forecast_table
from domain.scores.frames import COLUMNS
from domain.scores.horizons import Horizon
from sandbox.world.history import write_history
from sandbox.world.making import World
from tests.domain.scores.worlds import NOW, Shape, make_world

DAYS = (1.0, 2.0, 3.0)
DAY = pd.Timedelta(days=1)
SECONDS = 86400.0
Rows = list[tuple[Any, ...]]


def daily_lists(folder: Path, *countries: str) -> pd.DataFrame:
    """Trending lists, one row per post and day, as `frames.COLUMNS`."""
    found = []
    for country in countries:
        with gzip.open(folder / f"{country}videos.csv.gz", "rt", encoding="utf-8") as file:
            read = pd.read_csv(file, usecols=["video_id", "trending_date", "channel_title", "publish_time", "views"])
        observed = pd.to_datetime(read["trending_date"], format="%y.%d.%m", utc=True)
        posted = pd.to_datetime(read["publish_time"], utc=True)
        video, account = country + read["video_id"], country + read["channel_title"]
        columns = (video, account, "youtube", None, posted, 0, observed, read["views"])
        found.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    whole = pd.concat(found).sort_values(["video_id", "observed_at"], ignore_index=True)
    return whole.drop_duplicates(["video_id", "observed_at"], ignore_index=True)


def in_days(spans: pd.Series) -> pd.Series:
    return pd.Series(spans.dt.total_seconds() / SECONDS)


def rows_of(frame: pd.DataFrame) -> Rows:
    return [tuple(row) for row in frame.astype({"posted_at": object, "observed_at": object}).itertuples(index=False)]


def cut_and_judged(whole: pd.DataFrame, *, seed: int, folds: int = 3) -> pd.DataFrame:
    """Each post of a fold is cut after a snapshot drawn at random; everything about the other folds' posts is known.

    Columns `horizon, age, views, actual, predicted, low, high, persistence, log_linear`, one row per post and day ahead that was seen.
    """
    rng, place = np.random.default_rng(seed), whole.groupby("video_id").cumcount()
    videos = np.sort(whole["video_id"].unique())
    count = whole.groupby("video_id").size().loc[videos].to_numpy()
    fold, cut = rng.integers(0, folds, len(videos)), np.floor(rng.random(len(videos)) * np.maximum(count - 1, 1)).astype(int)
    index = whole["video_id"].map(dict(zip(videos, range(len(videos)), strict=True))).to_numpy()
    found = []
    for each in range(folds):
        out = fold[index] == each
        known, held = whole[~out | (place <= cut[index])], whole[out & (place >= cut[index] - 1)]
        found += _judged(known, held, place[held.index] - cut[index[held.index]], whole[~out])
    return pd.concat(found, ignore_index=True)


def _judged(known: pd.DataFrame, held: pd.DataFrame, step: pd.Series, others: pd.DataFrame) -> list[pd.DataFrame]:
    table = pd.DataFrame(forecast_table(rows_of(known), now=NOW, horizons=[Horizon(f"{d:g}d", d) for d in DAYS]).rows)
    origin = held[step == 0].set_index("video_id")
    before = held[step == -1].set_index("video_id").reindex(origin.index)
    counts = held[step > 0].set_index(["video_id", "observed_at"])["views"]
    slope = (origin["views"] - before["views"]) / in_days(origin["observed_at"] - before["observed_at"])
    age = in_days(origin["observed_at"] - origin["posted_at"])
    found = []
    for days in DAYS:
        mine = table[table["horizon"] == f"{days:g}d"].set_index("video_id").reindex(origin.index)
        actual = counts.reindex(pd.MultiIndex.from_arrays([origin.index, origin["observed_at"] + days * DAY])).to_numpy(float)
        made = {name: mine[name].to_numpy(float) for name in ("predicted", "low", "high")}
        simple = {"persistence": (origin["views"] + slope * days).to_numpy(), "log_linear": log_linear(others, origin, age, days)}
        facts = {"horizon": f"{days:g}d", "age": age.to_numpy(), "views": origin["views"].to_numpy(), "actual": actual}
        found.append(pd.DataFrame(facts | made | simple).dropna(subset=["actual", "predicted"]))
    return found


def log_linear(others: pd.DataFrame, origin: pd.DataFrame, age: pd.Series, days: float) -> NDArray[np.float64]:
    """Szabo and Huberman: log views later = a + b log views now, per day of age, by least squares on the other posts."""
    later = others.assign(observed_at=others["observed_at"] - days * DAY)[["video_id", "observed_at", "views"]]
    pairs = others.merge(later, on=["video_id", "observed_at"], suffixes=("", "_later"))
    day = np.clip(np.floor(in_days(pairs["observed_at"] - pairs["posted_at"])), 0, 8)
    at, found = np.clip(np.floor(age), 0, 8), np.zeros(len(origin))
    for each in range(9):
        some = pairs[day == each] if (day == each).sum() >= 10 else pairs
        b, a = np.polyfit(np.log(some["views"]), np.log(some["views_later"]), 1)
        mine = (at == each).to_numpy()
        found[mine] = np.exp(a + b * np.log(origin["views"].to_numpy(float)[mine]))
    return np.where(age.to_numpy() > 0, found, np.nan)


def covered(judged: pd.DataFrame) -> float:
    return float(judged["actual"].between(judged["low"], judged["high"]).mean())


def mean_error(judged: pd.DataFrame, column: str, *, of_logs: bool = False) -> float:
    """Mean absolute error over posts that were seen twice before (persistence needs that)."""
    some = judged.dropna(subset=["persistence", "log_linear"])
    if of_logs:
        return float(np.abs(np.log(some[column] / some["actual"])).mean())
    return float((some[column] - some["actual"]).abs().mean())


def world_rows(world: World, folder: Path, *, until: datetime) -> Rows:
    """What the sandbox writes down for somebody who watched it."""
    with gzip.open(write_history(world, folder, until=until), "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [
        (line["video_external_id"], line["account_external_id"], line["platform"], line["format"],
         datetime.fromisoformat(line["posted_at"]), 0, datetime.fromisoformat(line["observed_at"]), line["views"])
        for line in lines
    ]  # fmt: skip


def judged_world(world: World, folder: Path, *, moments: Sequence[datetime]) -> pd.DataFrame:
    """Forecasts of each moment against what the world shows at ages 7 and 30."""
    rows, found = world_rows(world, folder, until=max(moments)), []
    posts = {post.native_id: post for creator in world.creators for post in world.history(creator)}
    for now in moments:
        for row in forecast_table([row for row in rows if row[6] <= now], now=now, horizons=HORIZONS[2:]).rows:
            if row["predicted"] is not None:
                post = posts[row["video_id"]]
                then = post.posted_at + timedelta(days=row["target_age_days"])
                found.append({**row, "actual": world.seen(post, at=then).views})
    return pd.DataFrame(found)


def judged_shape(seed: int, shape: Shape, *, back_days: Sequence[float]) -> pd.DataFrame:
    """The same for simulated accounts, whose posts are counted at exactly 7 and 30 days and whose counters never fall."""
    whole = make_world(seed, shape).snapshots.sort_values(["video_id", "observed_at"], ignore_index=True)
    whole["views"] = whole.groupby("video_id")["views"].cummax()
    days = in_days(whole["observed_at"] - whole["posted_at"]).round(6)
    truth = {(v, d): n for v, d, n in zip(whole["video_id"], days, whole["views"], strict=True)}
    found = []
    for back in back_days:
        now = NOW - timedelta(days=back)
        for row in forecast_table(rows_of(whole[whole["observed_at"] <= now]), now=now, horizons=HORIZONS[2:]).rows:
            actual = truth.get((row["video_id"], row["target_age_days"]))
            if row["predicted"] is not None and actual is not None:
                found.append({**row, "actual": actual})
    return pd.DataFrame(found)
