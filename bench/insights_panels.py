"""Accounts compared with themselves, on simulated posts whose answer we chose: 200 seeds of each world, two processes.

**Null and power.** 60 accounts with 40 posts, account levels of log-sd 1.2; luck of log-sd 0.8, half of its variance common to runs of five
posts; 60 features that are there in runs of five, drawn anew with even odds. In the null world none does anything; in the power worlds one
adds 0.30 (luck 0.7, which the bar is for, and 0.8). *Claimed* means `causal-supported`. Gates are counted one after another: what is left
after each, of releases in which any feature passed so far.

**Known effect.** One of three features adds 0.30, and accounts of higher level choose all of them more often. 40 accounts with 40 posts
unless the row says otherwise. *Pooled* is the baseline: the same regression without account levels and lines, put through the same gates;
the bar asks that they refuse it. Creators who react: the log odds of a choice rise by 1 per log point of the last post's luck, which is
autoregressive (0.4).
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.harness.pools import workers
from bench.harness.rows import Row, Scale
from bench.harness.worlds import Accounts, Noise, Runs, accounts, hypotheses
from domain.effects.designs import Comparison, compare
from domain.effects.estimate import estimate_effects
from domain.effects.gate import accounts_that_vary, gates_of
from domain.effects.inference import LAGS, Answer, figures
from domain.effects.panel import Floats, build_panel
from domain.effects.regression import orthonormal
from domain.effects.verdicts import Design, Effect, Verdict

TITLE = "Effects among many accounts"
SEEDS, PROCESSES, TRUTH = 200, 2, 0.30
QUIET = Accounts(runs=Runs(features=60))
KNOWN = Accounts(accounts=40, effect=TRUTH, confounding=1.0, growth=0.3, runs=Runs(features=3))
LUCK = (0.7, 0.8)
WIDE = Accounts(accounts=40, runs=Runs(features=2000))
WORLDS = {
    "account quality confounds": KNOWN,
    "... and the effect differs between accounts (sd 0.15)": replace(KNOWN, spread=0.15),
    "... heavy tails (t with 3 degrees of freedom)": replace(KNOWN, noise=Noise(tails=3.0)),
    "... 15 accounts": replace(KNOWN, accounts=15),
    "... 30 accounts": replace(KNOWN, accounts=30),
    "... 5 to 200 posts an account": replace(KNOWN, posts=(5, 200)),
    "... late snapshots": replace(KNOWN, is_late=True),
    "... creators react to past hits": replace(KNOWN, confounding=0.5, reaction=1.0, noise=Noise(ar=0.4), runs=Runs(features=3, run=1)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one seed: the effect in question, what the others came to, and whether the pooled estimate was refused, by which gates."""

    effect: Effect
    others: tuple[Effect, ...]
    pooled: float | None = None
    refused_by: tuple[str, ...] = ()


def run(scale: Scale) -> list[Row]:
    seeds = range(scale.rows(SEEDS))
    with workers(PROCESSES) as pool:
        null = list(pool.map(_released, [QUIET] * len(seeds), seeds))
        power = {luck: list(pool.map(_released, [_with_luck(luck)] * len(seeds), seeds)) for luck in LUCK}
        known = {name: list(pool.map(_compared, [world] * len(seeds), seeds)) for name, world in WORLDS.items()}
    told = [row for name, found in known.items() for row in _known_rows(name, found)]
    powers = [_power_row(luck, found) for luck, found in power.items()]
    return [*_null_rows(null), *powers, *told, *_time_rows(scale)]


def _with_luck(luck: float) -> Accounts:
    return replace(QUIET, effect=TRUTH, noise=Noise(sd=luck))


def _released(world: Accounts, seed: int) -> Outcome:
    first, *rest = estimate_effects(accounts(world, seed), hypotheses=hypotheses(world.runs.features), seed=seed)
    return Outcome(first, tuple(rest))


def _compared(world: Accounts, seed: int) -> Outcome:
    frame, asked = accounts(world, seed), hypotheses(world.runs.features)
    first, *rest = estimate_effects(frame, hypotheses=asked, seed=seed)
    panel = build_panel(frame, asked)
    comparison = _without_accounts(compare(panel, seed))
    answer = Answer.of(comparison, comparison.fit(), comparison.placebo(comparison.earlier(*LAGS[2])))
    pooled = figures(answer, 0, 1.0, asked[0].feature)
    gates = gates_of(panel, pooled, pooled.p, accounts_that_vary(panel, panel.features[:, 0], asked[0]), Design.WITHIN_ACCOUNT)
    return Outcome(first, tuple(rest), pooled.estimate, tuple(gate.name for gate in gates if not gate.passed))


class _Pooled(Comparison):
    """All posts compared with all, whoever posted them."""

    def within(self, values: Floats) -> Floats:
        return np.asarray(values - values.mean(axis=0), dtype=np.float64)


def _without_accounts(comparison: Comparison) -> Comparison:
    panel = comparison.panel
    controls = np.column_stack([panel.calendar, panel.periods])
    return _Pooled(
        panel=panel,
        outcome=panel.outcome - panel.outcome.mean(),
        features=panel.features - panel.features.mean(axis=0),
        controls=orthonormal(controls - controls.mean(axis=0)),
        raw_spread=comparison.raw_spread,
        bounds=comparison.bounds,
        seed=comparison.seed,
    )


def _null_rows(found: Sequence[Outcome]) -> list[Row]:
    effects = [(outcome.effect, *outcome.others) for outcome in found]
    nominal = float(np.mean([(each.p or 1.0) < 0.05 for release in effects for each in release]))
    claimed = _share(any(each.verdict is Verdict.CAUSAL_SUPPORTED for each in release) for release in effects)
    left = Counter[str]()
    for release in effects:
        for step in range(1, len(release[0].gates) + 1):
            left[release[0].gates[step - 1].name] += any(all(gate.passed for gate in each.gates[:step]) for each in release)
    steps = ", ".join(f"{name} {count / len(found):.1%}" for name, count in left.items())
    return [
        _row("60 features that do nothing: nominal p < 0.05", nominal, 0.06, is_most=True, note=f"of {60 * len(found):,}"),
        _row("... releases with any claim", claimed, 0.05, is_most=True, note=f"left after each gate: {steps}"),
    ]


def _power_row(luck: float, found: Sequence[Outcome]) -> Row:
    failed = Counter(gate.name for outcome in found for gate in outcome.effect.gates if not gate.passed)
    beside = _share(any(each.verdict is Verdict.CAUSAL_SUPPORTED for each in outcome.others) for outcome in found)
    stopped = ", ".join(f"{name} {count / len(found):.1%}" for name, count in failed.most_common())
    share = _share(outcome.effect.verdict is Verdict.CAUSAL_SUPPORTED for outcome in found)
    note = f"stopped by: {stopped or 'nothing'}; releases with a false claim beside it {beside:.1%}"
    row = _row(f"a true 0.30 among them is claimed, luck {luck}", share, 0.80, is_most=False, note=note)
    return row if luck == LUCK[0] else replace(row, bar="", passed=None)


def _known_rows(name: str, found: Sequence[Outcome]) -> list[Row]:
    effects = [outcome.effect for outcome in found if outcome.effect.estimate is not None]
    covers = _share((each.low is None or each.low <= TRUTH) and (each.high is None or each.high >= TRUTH) for each in effects)
    estimates, pooled = [each.estimate or 0.0 for each in effects], [outcome.pooled or 0.0 for outcome in found]
    bias, claimed = float(np.mean(estimates)) - TRUTH, _share(each.verdict is Verdict.CAUSAL_SUPPORTED for each in effects)
    refusing = Counter(gate for outcome in found for gate in outcome.refused_by).most_common(3)
    gates = ", ".join(f"{gate} {count / len(found):.0%}" for gate, count in refusing)
    return [
        _row(f"{name}: 95 % interval covers 0.30", covers, 0.92, is_most=False, note=f"claimed {claimed:.1%} of {len(found)}"),
        Row(
            name="... bias", ours=bias, unit="log points", baseline=float(np.mean(pooled)) - TRUTH, bar="<= 0.03", passed=abs(bias) <= 0.03
        ),
        _row("... pooled estimate refused", _share(bool(outcome.refused_by) for outcome in found), 0.95, is_most=False, note=f"by {gates}"),
    ]


def _time_rows(scale: Scale) -> list[Row]:
    """Processor seconds of this process; the last is a tenth of the posts of the first, which shows how the cost grows."""
    large = Accounts(accounts=scale.rows(200), posts=(200, 200), effect=TRUTH, runs=Runs(features=25))
    seconds = [_seconds(world) for world in (large, replace(large, accounts=max(scale.rows(20), 6)), WIDE)]
    return [
        Row(name="200 accounts x 200 posts x 25 hypotheses", ours=seconds[0], unit="s", bar="<= 8", passed=seconds[0] <= 8),
        Row(
            name="... over 20 accounts' time", ours=seconds[0] / seconds[1], unit="times", bar="<= 12", passed=seconds[0] <= 12 * seconds[1]
        ),
        Row(name="2,000 hypotheses, 40 accounts x 40 posts", ours=seconds[2], unit="s"),
    ]


def _seconds(world: Accounts) -> float:
    frame, began = accounts(world, 1), time.process_time()
    estimate_effects(frame, hypotheses=hypotheses(world.runs.features), seed=1)
    return time.process_time() - began


def _share(claims: Iterable[bool]) -> float:
    return float(np.mean(list(claims)))


def _row(name: str, value: float, bar: float, *, is_most: bool, note: str) -> Row:
    passed = value <= bar if is_most else value >= bar
    return Row(name=name, ours=value, unit="share", bar=f"{'<=' if is_most else '>='} {bar}", passed=passed, note=note)
