"""Dated changes in simulated worlds whose truth was chosen (`tests/domain/effects/changes/worlds.py`), and one public panel.

*Worlds*: accounts whose level differs (log-sd 1.5), grows at its own rate and wanders, whose luck comes in runs; some take something up at
a date of their own. Each seed is a release: `q` is Benjamini-Hochberg over its candidates, and a verdict is what a tenant would read.
*Baseline*: two-way fixed effects, one coefficient for "after the change" beside account and week effects on the same account-weeks, errors
clustered by account (linearmodels), called a claim at p < 0.05: the usual way, named here because it is wrong where effects grow and blind
to what came before. For one account the baseline is its own before and after (Welch's t over posts). *Prop 99* is read from the real
sets (`WHYRAL_TEST_DATA`); without them its rows are left out. *Speed* is processor time of one release, the median of three.
"""

import os
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from linearmodels.panel import PanelOLS
from scipy import stats

from bench.harness.rows import Row, Scale
from domain.effects.changes.changes import change_candidates
from domain.effects.changes.series import posts_of, series_of
from domain.effects.changes.synthetic import Method, block_of, fit_synthetic
from domain.effects.gate import benjamini_hochberg
from domain.effects.verdicts import CAUSAL_VERDICTS, Effect, Outcome
from tests.domain.effects.changes.worlds import FEATURES, World, make_posts, true_effect

TITLE = "Dated changes: how often they are claimed, covered and found"

SEEDS, FEW_SEEDS = 200, 100
PUBLISHED = {Method.SYNTHETIC_DID: -15.60, Method.SYNTHETIC_CONTROL: -19.62, Method.DID: -27.35}
NULL = World(accounts=100, features=4)
FEW = World(accounts=40, adopters=6)
GROWING = World(adopters=40, posts=100, effect=0.1, growing=0.08)
MIXED = World(adopters=15, effect=0.3, spread=0.3)
SLUMP = World(adopters=15, reacts=True, momentum=0.6)
RISING = World(accounts=75, adopters=25, posts=150, growth=2.5)
ALONE = World(accounts=45, adopters=1, posts=150, wander=0.02, momentum=0.2)


@dataclass(frozen=True, slots=True)
class Seen:
    """One release. `naive`: estimate and p of the baseline for the first feature."""

    effects: tuple[Effect, ...]
    truth: float
    naive: tuple[float, float]

    @property
    def first(self) -> Effect | None:
        return next((each for each in self.effects if each.feature == FEATURES[0].name and each.estimate is not None), None)

    @property
    def is_claimed(self) -> bool:
        return any(each.verdict in CAUSAL_VERDICTS for each in self.effects)


def run(scale: Scale) -> list[Row]:
    many, few = scale.rows(SEEDS), scale.rows(FEW_SEEDS)
    rows = list(_public_panel())
    rows += _nothing("4 changes of 10 of 100 accounts each, no effect", _seen(NULL, many))
    rows += _nothing("6 of 40 accounts change, no effect", _seen(FEW, many))
    rows += _nothing("15 accounts change at the bottom of a slump, no effect", _seen(SLUMP, many))
    rows += _nothing("accounts that grow anyway change, no effect", _seen(RISING, few))
    rows += _something("15 accounts, effect 0.30 on average, sd 0.30 between accounts", _seen(MIXED, many), least_power=None)
    rows += _something("6 of 40 accounts, effect 0.80", _seen(replace(FEW, effect=0.8), few), least_power=None)
    rows += _something("15 accounts, effect 0.60", _seen(World(adopters=15, effect=0.6), few), least_power=0.8)
    rows += _something("40 of 60 accounts, effects grow by 0.08 a week", _seen(GROWING, few), least_power=None)
    rows += _nothing("one account changes, no effect", _seen(ALONE, many))
    rows += _nothing("one account changes at the bottom of a slump, no effect", _seen(replace(ALONE, reacts=True, momentum=0.6), many))
    for effect in (0.6, 1.0, 1.4):
        rows += _something(f"one account, effect {effect:.1f}", _seen(replace(ALONE, effect=effect), few), least_power=None)
    return [*rows, _speed()]


def _seen(world: World, seeds: int) -> list[Seen]:
    return [_release(world, seed) for seed in range(seeds)]


def _release(world: World, seed: int) -> Seen:
    posts = make_posts(world, seed)
    candidates = change_candidates(posts, FEATURES[: world.features], seed=seed).candidates
    asked = [each.p for each in candidates if each.p is not None]
    q = dict(zip(asked, benjamini_hochberg(asked), strict=True)) if asked else {}
    effects = tuple(each.judged(1.0 if each.p is None else q[each.p], len(asked)) for each in candidates)
    truth = true_effect(posts, world) if world.growing else world.effect
    return Seen(effects, truth, _before_and_after(posts) if world.adopters == 1 else _two_way(posts))


def _two_way(posts: pd.DataFrame) -> tuple[float, float]:
    series = series_of(posts_of(posts, Outcome.REACH), FEATURES[0])
    if series is None:
        return 0.0, 1.0
    unit, period = np.nonzero(np.isfinite(series.outcomes))
    treated = (series.adopted[unit] >= 0) & (period >= series.adopted[unit])
    cells = pd.DataFrame({"outcome": series.outcomes[unit, period], "treated": treated.astype(float)}, index=[unit, period])
    fit = PanelOLS(cells["outcome"], cells[["treated"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    return float(fit.params["treated"]), float(fit.pvalues["treated"])


def _before_and_after(posts: pd.DataFrame) -> tuple[float, float]:
    found = posts_of(posts, Outcome.REACH)
    series = series_of(found, FEATURES[0])
    if series is None:
        return 0.0, 1.0
    mine = series.adopted[series.unit] >= 0
    after, before = (found.outcome[series.rows[mine & (series.is_after == is_after)]] for is_after in (True, False))
    return float(after.mean() - before.mean()), float(stats.ttest_ind(after, before, equal_var=False).pvalue)


def _nothing(name: str, seen: Sequence[Seen]) -> Iterable[Row]:
    ours, theirs = (float(np.mean(values)) for values in ([each.is_claimed for each in seen], [each.naive[1] < 0.05 for each in seen]))
    nominal = [each.first.p < 0.05 for each in seen if each.first is not None and each.first.p is not None]
    note = f"{len(seen)} releases; p < 0.05: {np.mean(nominal):.3f}; stopped by: {_stopped(seen)}"
    yield Row(
        name=f"{name}: releases with a causal verdict", ours=ours, unit="share", baseline=theirs,
        ratio=ours / theirs if theirs else None, bar="<= 0.05", passed=ours <= 0.05, note=note,
    )  # fmt: skip


def _something(name: str, seen: Sequence[Seen], *, least_power: float | None) -> Iterable[Row]:
    found = [(each.first, each.truth, each.naive[0]) for each in seen if each.first is not None]
    truth = float(np.mean([each[1] for each in found]))
    bias, naive = (float(np.mean([value - each[1] for value, each in zip(values, found, strict=True)])) for values in (
        [each[0].estimate or 0.0 for each in found], [each[2] for each in found],
    ))  # fmt: skip
    covered = float(np.mean([(each[0].low or 0.0) <= each[1] <= (each[0].high or 0.0) for each in found]))
    power = float(np.mean([each.first is not None and each.first.verdict in CAUSAL_VERDICTS for each in seen]))
    yield Row(
        name=f"{name}: interval covers", ours=covered, unit="share", bar=">= 0.92", passed=covered >= 0.92, note=f"{len(found)} releases"
    )
    yield Row(
        name=f"{name}: mean error of the estimate", ours=bias, unit="log points", baseline=naive,
        ratio=abs(bias / naive) if naive else None, note=f"truth {truth:.2f}",
    )  # fmt: skip
    bar = "" if least_power is None else f">= {least_power}"
    passed = None if least_power is None else power >= least_power
    yield Row(name=f"{name}: causal-supported", ours=power, unit="share", bar=bar, passed=passed, note=f"stopped by: {_stopped(seen)}")


def _stopped(seen: Sequence[Seen]) -> str:
    """Per gate, the share of answered effects that it stops."""
    answered = [each for release in seen for each in release.effects if each.gates]
    names = dict.fromkeys(gate.name for each in answered for gate in each.gates)
    shares = {
        name: float(np.mean([any(gate.name == name and not gate.passed for gate in each.gates) for each in answered])) for name in names
    }
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if share > 0) or "nothing"


def _public_panel() -> Iterable[Row]:
    folder = os.environ.get("WHYRAL_TEST_DATA")
    if not folder:
        return
    rows = pd.read_csv(Path(folder) / "causal_panel" / "synthdid_california_prop99.csv.gz", sep=";")
    block = block_of(rows, unit="State", period="Year", outcome="PacksPerCapita", treated="treated")
    for method, published in PUBLISHED.items():
        ours = fit_synthetic(block, method).estimate
        passed = abs(ours / published - 1) <= 0.01
        yield Row(
            name=f"Prop 99, {method.value}", ours=ours, unit="packs a head", baseline=published, ratio=ours / published,
            bar="published +-1 %", passed=passed,
        )  # fmt: skip


def _speed() -> Row:
    posts = make_posts(World(accounts=200, posts=200, adopters=12, features=25), 0)
    taken = []
    for _ in range(3):
        began = time.process_time()
        change_candidates(posts, FEATURES[:25], seed=0)
        taken.append(time.process_time() - began)
    ours = statistics.median(taken)
    return Row(
        name="a release: 200 accounts x 200 posts, 25 features that 12 accounts each took up",
        ours=ours,
        unit="s",
        bar="<= 3",
        passed=ours <= 3,
    )
