"""Forecasts against what then happened, and young outliers against the truth, by the functions that publish both.

Real curves are daily trending lists. Posts are split into thirds; a third's posts are cut after a snapshot drawn at random, the
forecast learns from the others and is held against the counts 1, 2 and 3 days later; six draws. Persistence (the last increment goes
on) and the log-linear model of Szabo and Huberman (log views later on log views now, per day of age, fitted on the same other posts)
are computed in the same run, on the posts that were seen twice before the cut, which persistence needs. The sandbox knows the views of
every post at any moment: forecasts as of four days are held against them; so are forecasts in simulated accounts of four other kinds.
Young outliers: the fixed simulation of the tests.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from bench.harness.rows import Row, Scale
from domain.scores.forecasting import forecast_table
from domain.scores.outliers import OUTLIER_MULTIPLE
from sandbox.world.making import make_world as make_sandbox
from tests.domain.scores.futures import covered, cut_and_judged, daily_lists, judged_shape, judged_world, mean_error, rows_of
from tests.domain.scores.test_worlds import found, judged
from tests.domain.scores.worlds import ISSUE, NOW, Shape, exponential, growing, log_logistic, make_world, stretched, two_phases

TITLE = "Forecasts and young outliers"
EPOCH = datetime(2026, 6, 1, tzinfo=UTC)
COVERS = "0.75 to 0.85"
SETS = (("US",), ("FR",), ("US", "FR"))
FAMILIES = (stretched, log_logistic, exponential, two_phases)


def run(scale: Scale) -> list[Row]:
    rows = [*_young(scale.rows(40)), *_sandbox(scale.rows(8)), *_elsewhere(scale.rows(3)), *_speed()]
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if folder:
        rows += _real(Path(folder) / "youtube_trending_2017", scale.rows(6))
    else:
        print("  WHYRAL_TEST_DATA is unset: nothing is said about real curves")
    return rows


def _real(folder: Path, draws: int) -> Iterator[Row]:
    for countries in SETS:
        name = "+".join(countries)
        cut = pd.concat([cut_and_judged(daily_lists(folder, *countries), seed=seed) for seed in range(draws)])
        for days, some in cut.groupby("horizon"):
            if len(some.dropna(subset=["persistence"])) < 100 * draws and days != "1d":
                continue
            yield _covered(f"{name}, {days} ahead", some)
            yield from _errors(f"{name}, {days} ahead", some)


def _errors(name: str, some: pd.DataFrame) -> Iterator[Row]:
    for baseline in ("persistence", "log_linear"):
        for of_logs, unit in ((False, "views"), (True, "log views")):
            ours, theirs = (mean_error(some, column, of_logs=of_logs) for column in ("predicted", baseline))
            label = f"{name}: mean absolute error against {baseline.replace('_', '-')}"
            yield Row(name=label, ours=ours, unit=unit, baseline=theirs, ratio=ours / theirs, bar="ratio < 1", passed=ours < theirs)


def _covered(name: str, some: pd.DataFrame, *, has_bar: bool = True) -> Row:
    share = covered(some)
    bar, passed = (COVERS, 0.75 <= share <= 0.85) if has_bar else ("", None)
    return Row(name=f"{name}: share in the 80 % interval", ours=share, unit="share", bar=bar, passed=passed, note=f"n = {len(some)}")


def _sandbox(seeds: int) -> Iterator[Row]:
    moments = [EPOCH - timedelta(days=back) for back in (0, 5, 10, 15)]
    with tempfile.TemporaryDirectory() as folder:
        made = pd.concat([judged_world(make_sandbox(seed=s, epoch=EPOCH), Path(folder), moments=moments) for s in range(seeds)])
    for horizon, some in made.groupby("horizon"):
        yield _covered(f"sandbox, {horizon}", some)


def _elsewhere(seeds: int) -> Iterator[Row]:
    for family in FAMILIES:
        shape = Shape(family, growing, accounts=60, posts=40, noise=0.03, video_speed=0.3)
        made = pd.concat([judged_shape(seed, shape, back_days=(31, 40, 50)) for seed in range(seeds)])
        for horizon, some in made.groupby("horizon"):
            yield _covered(f"simulated, {family.__name__}, {horizon}", some, has_bar=False)


def _young(seeds: int) -> Iterator[Row]:
    posts = judged(ISSUE, range(seeds))
    young = posts[posts["age"] < 7]
    fair, naive = found(young, young["is_outlier"]), found(young, young["naive_multiple"] >= OUTLIER_MULTIPLE)
    note = f"{seeds} seeds, {len(young)} posts under 7 days"
    for name, bar in (("recall", 0.82), ("precision", 0.70)):
        ours, theirs = float(getattr(fair, name)), float(getattr(naive, name))
        yield Row(
            name=f"young outliers: {name}, beside the naive multiple's", ours=ours, unit="share", baseline=theirs, bar=f">= {bar:.2f}",
            passed=ours >= bar, note=note,
        )  # fmt: skip


def _speed() -> Iterator[Row]:
    seconds = []
    for accounts in (20, 200):
        rows = rows_of(make_world(1, replace(ISSUE, accounts=accounts, posts=40)).snapshots)
        began = time.process_time()
        forecast_table(rows, now=NOW)
        seconds.append(time.process_time() - began)
    yield Row(name="8,000 posts forecast", ours=seconds[1], unit="s", bar="<= 3", passed=seconds[1] <= 3)
    yield Row(name="8,000 posts against 800", ours=seconds[1] / seconds[0], unit="times", bar="<= 12", passed=seconds[1] <= 12 * seconds[0])
