"""Made-up experiments whose truth we chose, and a real archive of headline tests where it is at hand.

*Switchback*: one video, 28 days, 20,000 impressions a day, a click rate of 5 % that days move by a log-sd of 0.10 and that falls by 2 % a
day; arms in random order within pairs of days. Ours is the paired test at the planned end (`domain.experiments.reading`). The baseline is
what most tools do with the same counts: a z test that takes every impression for independent, looked at every second day, stopped when
p < 0.05. *At any time*: arms side by side, 10,000 impressions each a day, looked at after every day from the seventh on; ours is the
confidence sequence, the baseline the same z test, looked at on the same days. *Pooled features*: tests of four headlines, 3,000 impressions
each; arms of a test differ by a log-sd of 0.2 besides; a question mark is worth the stated effect. *Archive*: `causal_upworthy` of the
folder that WHYRAL_TEST_DATA names; its baseline is the plain difference between all arms with and without the feature, whatever their test.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from bench.harness.experiments_worlds import World, counted, headline_tests, side_by_side, switchback
from bench.harness.rows import Row, Scale
from domain.experiments.arm_rows import ArmColumns, arm_of
from domain.experiments.arms import ASKED, ArmTable, arm_table
from domain.experiments.counts import Count
from domain.experiments.plan import Plan
from domain.experiments.pooling import Pool, PooledFeature, pool_features
from domain.experiments.power import strength
from domain.experiments.ratio import THRESHOLD
from domain.experiments.reading import Reading, read
from domain.experiments.states import ExperimentState
from gateways.files.tables import open_table

TITLE = "Experiments: false alarms, power, pooled features"
LIFTS = ((0.05, ">= 0.16", 0.16), (0.10, ">= 0.55", 0.55), (0.20, ">= 0.97", 0.97))
QUESTION = "is_question"


def run(scale: Scale) -> list[Row]:
    return [*_switchback(scale.rows(2_000)), *_any_time(scale.rows(500)), *_pooled(scale.rows(400)), *_archive()]


def _switchback(runs: int) -> list[Row]:
    even = [(plan, counted(plan, World(), plan.seed)) for plan in map(switchback, range(runs))]
    ours = float(np.mean([_at_end(*each).is_decided for each in even]))
    looked = float(np.mean([_z_peeked(counts, range(2, 29, 2)) for _, counts in even]))
    once = float(np.mean([_z_peeked(counts, [28]) for _, counts in even]))
    return [
        _share("A/A switchback, noise 0.10, drift: called different", ours, looked, "<= 0.06", ours <= 0.06, f"{runs} runs; z peeking"),
        _share("the same, z test at the end only", ours, once, "", None, "z, once"),
        *(_power(lift, bar, least, runs // 2) for lift, bar, least in LIFTS),
    ]


def _power(lift: float, bar: str, least: float, runs: int) -> Row:
    readings = [_at_end(plan, counted(plan, World(lift=lift), plan.seed)) for plan in map(switchback, range(runs))]
    found = float(np.mean([each.is_decided for each in readings]))
    bounds = [(each.comparisons[0].low or 0.0, each.comparisons[0].high or 0.0) for each in readings]
    covers = float(np.mean([low < math.log1p(lift) < high for low, high in bounds]))
    said = strength(switchback(1, lift=lift)).power_at_lift
    note = f"{runs} runs; said before the start: {said:.2f}; interval covers {covers:.3f}"
    return Row(name=f"switchback: a lift of {lift:.0%} is found", ours=found, unit="share", bar=bar, passed=found >= least, note=note)


def _any_time(runs: int) -> list[Row]:
    rows = []
    for own_noise in (0.0, 0.05, 0.10):
        even = [(plan, counted(plan, World(own_noise=own_noise), plan.seed)) for plan in map(side_by_side, range(runs))]
        ours = float(np.mean([_first_day(*each) is not None for each in even]))
        looked = float(np.mean([_z_peeked(counts, range(7, 29)) for _, counts in even]))
        name = f"A/A side by side, looked at daily, arms' own noise {own_noise:.2f}"
        rows.append(_share(name, ours, looked, "<= 0.06", ours <= 0.06, f"{runs} runs; z on the same days"))
    days = [_first_day(plan, counted(plan, World(lift=0.10), plan.seed)) for plan in map(side_by_side, range(runs // 2))]
    found = [day for day in days if day is not None]
    share, note = len(found) / len(days), f"median day of the decision: {np.median(found):.0f} of 28"
    return [
        *rows,
        Row(name="at any time: a lift of 10 % is found", ours=share, unit="share", bar=">= 0.95", passed=share >= 0.95, note=note),
    ]


def _first_day(plan: Plan, counts: Sequence[Count]) -> int | None:
    """The day on which somebody who looks daily would stop."""
    days = range(7, plan.slots + 1)
    seen = (read(plan, [each for each in counts if each.slot < day], state=ExperimentState.RUNNING, is_over=False) for day in days)
    return next((day for day, reading in zip(days, seen, strict=False) if reading.is_decided), None)


def _at_end(plan: Plan, counts: Sequence[Count]) -> Reading:
    return read(plan, counts, state=ExperimentState.RUNNING, is_over=True)


def _z_peeked(counts: Sequence[Count], days: Iterable[int]) -> bool:
    """Two proportions, every impression independent: is p < 0.05 on any of these days?"""
    totals = np.zeros((2, max(each.slot for each in counts) + 1, 2))
    for each in counts:
        totals[int(each.arm == "B"), each.slot] = each.impressions or 0, each.clicks or 0
    (n0, k0), (n1, k1) = (totals[arm].cumsum(axis=0).T for arm in (0, 1))
    at = np.array([day - 1 for day in days])
    rate = (k0 + k1) / (n0 + n1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (k1 / n1 - k0 / n0) / np.sqrt(rate * (1 - rate) * (1 / n0 + 1 / n1))
    return bool((np.abs(z[at]) > stats.norm.ppf(0.975)).any())


def _pooled(runs: int) -> list[Row]:
    worlds: tuple[tuple[str, Callable[[int], ArmTable], float], ...] = (
        ("no effect, 120 tests", lambda seed: headline_tests(120, 0.0, seed=seed), 0.0),
        ("0.30, slopes differ by 0.3, 120 tests", lambda seed: headline_tests(120, 0.3, slope_sd=0.3, seed=seed), 0.3),
        ("0.30, slopes differ by 0.3, 20 tests", lambda seed: headline_tests(20, 0.3, slope_sd=0.3, seed=seed), 0.3),
    )
    return [_coverage(name, world, truth, runs) for name, world, truth in worlds]


def _coverage(name: str, world: Callable[[int], ArmTable], truth: float, runs: int) -> Row:
    found = [_of(pool_features(world(seed)), QUESTION) for seed in range(runs)]
    known = [
        (each.estimate, each.low, each.high)
        for each in found
        if each.estimate is not None and each.low is not None and each.high is not None
    ]
    covers = float(np.mean([low < truth < high for _, low, high in known]))
    note = f"{len(known)} runs; mean estimate {np.mean([each[0] for each in known]):.3f}"
    return Row(name=f"pooled feature, {name}: interval covers", ours=covers, unit="share", bar=">= 0.92", passed=covers >= 0.92, note=note)


def _archive() -> list[Row]:
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if not folder:
        return []
    columns, began = ArmColumns("clickability_test_id", "headline"), time.monotonic()
    records = open_table(Path(folder) / "causal_upworthy" / "upworthy_even.parquet").records()
    table = arm_table(arm_of(row[1], columns) for row in records if isinstance(row, tuple))
    pool = pool_features(table)
    seconds = time.monotonic() - began
    failed = _failed_one_by_one(table)
    rows = [_effect(table, each) for each in pool.features if each.estimate is not None]
    return [
        Row(name="archive: tests that fail the ratio check", ours=pool.excluded, baseline=failed, ratio=pool.excluded / failed,
            unit="tests", bar="as scipy's", passed=pool.excluded == failed, note=f"of {pool.tests} tests, {pool.arms} arms"),
        Row(name="archive: read, checked and pooled", ours=seconds, unit="s",
            note=f"arms differ by {pool.arm_sd:.2f} (log-sd) beyond chance"),
        *rows,
    ]  # fmt: skip


def _failed_one_by_one(table: ArmTable) -> int:
    seen = [table.impressions[table.test == test] for test in range(int(table.test.max()) + 1)]
    return sum(float(stats.chisquare(each).pvalue) < THRESHOLD for each in seen if len(each) > 1)


def _effect(table: ArmTable, found: PooledFeature) -> Row:
    at = [feature.name for feature in ASKED].index(found.feature)
    feature, rate = table.features[:, at] / ASKED[at].step, np.log((table.clicks + 0.5) / (table.impressions + 1))
    plain = float(np.polyfit(feature, rate, 1)[0])
    note = f"95 % interval {found.low:+.3f} to {found.high:+.3f}; {found.tests} tests"
    return Row(name=f"archive: {found.contrast}", ours=found.estimate or 0.0, baseline=plain, unit="log points", note=note)


def _of(pool: Pool, name: str) -> PooledFeature:
    return next(each for each in pool.features if each.feature == name)


def _share(name: str, ours: float, baseline: float, bar: str, passed: bool | None, note: str) -> Row:
    ratio = ours / baseline if baseline else None
    return Row(name=name, ours=ours, baseline=baseline, ratio=ratio, unit="share", bar=bar, passed=passed, note=note)
