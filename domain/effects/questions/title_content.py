"""Title versus content: how much of the differences in reach within an account each can foretell, in posts that were not looked at.

Descriptive. Share of the variance that a ridge on the features foretells out of sample (by account, or by stretch of time where accounts
are few, with a gap beside it), net of each account's level, growth line, calendar and weeks. What both foretell is split evenly (Shapley
1953). Intervals: 999 draws of accounts, or stretches, with their own predictions; nothing is fitted anew, so they speak of these features'
slopes as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.deep.rows import section
from domain.effects.designs import compare, design_of
from domain.effects.panel import Floats, Ints, Panel, build_panel
from domain.effects.questions.folds import Folds
from domain.effects.stacking import FOLDS, folds_of
from domain.effects.verdicts import Design, Hypothesis, Outcome
from domain.features.feature import Feature, FeatureKind, Group

PARTS: Mapping[str, tuple[Group, ...]] = {
    "title": (Group.TITLE,),
    "topic": (Group.TOPIC,),
    "format and length": (Group.FORMAT,),
    "people": (Group.PEOPLE,),
}
CONTENT = ("topic", "format and length", "people")
LEAST_POSTS = 60
# A column that fewer posts have would cost the others their posts.
LEAST_KNOWN = 0.8
MOST_COLUMNS = 40
DRAWS = 999
BLOCKS = 20
# Posts between those that are foretold and those that are fitted to, in stretches of time.
LEAST_GAP = 10
LEAST_VARIATION = 1e-9


def title_versus_content(frame: pd.DataFrame, features: Sequence[Feature], seed: int) -> dict[str, Any]:
    """`parts`: share by part, `title` and `content` together, each with its interval; or the reason why there are none."""
    columns = _columns(frame, features)
    asked = [Hypothesis(name, name, is_presence=False) for names in columns.values() for name in names]
    panel = build_panel(frame, asked, Outcome.REACH, is_format_asked=True)
    if panel.n < LEAST_POSTS or panel.n <= 2 * panel.absorbed() or float(np.ptp(panel.outcome)) <= LEAST_VARIATION or not columns:
        return section("Too few comparable posts to tell titles from content.", n=panel.n, accounts=panel.accounts, parts=[],
                       reason="too few comparable posts")  # fmt: skip
    outcome, values = _net(panel)
    part_of = np.repeat(np.arange(len(columns)), [len(names) for names in columns.values()])
    cluster, fold = _split(panel, seed)
    folds = Folds.of(outcome, values, fold, _training(panel, fold))
    worth = {subset: _missed(folds, np.flatnonzero(np.isin(part_of, subset)), cluster) for subset in _subsets(len(columns))}
    drawn = np.random.default_rng([seed, 31]).multinomial(
        cluster.max() + 1, np.full(cluster.max() + 1, 1 / (cluster.max() + 1)), size=DRAWS
    )
    weights = np.vstack([np.ones(cluster.max() + 1), drawn])
    shares = {subset: 1 - (weights @ missed) / np.maximum(weights @ worth[()], 1e-300) for subset, missed in worth.items()}
    rows = _told(list(columns), shares)
    sides = {side: _side(rows, names) for side, names in (("title", ("title",)), ("content", CONTENT))}
    return section(
        _sentence(sides, panel), n=panel.n, accounts=panel.accounts, features={part: list(names) for part, names in columns.items()},
        parts=[_row(part, each, panel) for part, each in rows.items()], sides=[_row(side, each, panel) for side, each in sides.items()],
        together=_row("all", shares[tuple(range(len(columns)))], panel), reason=None,
    )  # fmt: skip


def _columns(frame: pd.DataFrame, features: Sequence[Feature]) -> dict[str, list[str]]:
    """Per part its columns: what is asked about, and besides whether it is a short video and each topic."""
    found: dict[str, list[str]] = {}
    for part, groups in PARTS.items():
        mine = [each for each in features if each.group in groups and each.is_controllable and each.name in frame]
        mine = [each for each in mine if each.is_hypothesis or each.group in (Group.TOPIC,) or each.name in ("is_short", "is_live")]
        names = [each.name for each in mine if _is_known(frame[each.name], each)][:MOST_COLUMNS]
        if names:
            found[part] = names
    return found


def _is_known(values: pd.Series, feature: Feature) -> bool:
    known = values.dropna()
    if len(known) < LEAST_KNOWN * len(values) or known.nunique() < 2:
        return False
    return feature.kind is FeatureKind.AMOUNT or min(int((known > 0).sum()), int((known <= 0).sum())) >= 5


def _net(panel: Panel) -> tuple[Floats, Floats]:
    comparison = compare(replace(panel, features=panel.features - panel.features.mean(axis=0)), 0)
    basis = comparison.controls
    outcome, values = comparison.outcome - basis @ (basis.T @ comparison.outcome), comparison.features
    values = values - basis @ (basis.T @ values)
    return outcome, values / np.maximum(np.sqrt(np.mean(values**2, axis=0)), 1e-12)


def _split(panel: Panel, seed: int) -> tuple[Ints, Ints]:
    """Clusters and folds: accounts, or stretches of time where accounts are few."""
    if design_of(panel) is Design.WITHIN_ACCOUNT:
        return panel.account, folds_of(panel.account, np.zeros(panel.n, dtype=np.int64), np.random.default_rng([seed, 30]))
    rank = np.argsort(np.argsort(panel.days, kind="stable"), kind="stable")
    cluster = np.asarray(rank * BLOCKS // panel.n, dtype=np.int64)
    return cluster, cluster * FOLDS // BLOCKS


def _training(panel: Panel, fold: Ints) -> npt.NDArray[np.bool_]:
    """Per fold the rows to fit on: those of other folds; of stretches of time, none so near that luck could reach across."""
    others = np.stack([fold != each for each in range(FOLDS)])
    if design_of(panel) is Design.WITHIN_ACCOUNT:
        return others
    rank, gap = np.argsort(np.argsort(panel.days, kind="stable"), kind="stable"), max(LEAST_GAP, panel.n // BLOCKS)
    ends = [(rank[fold == each].min(), rank[fold == each].max()) for each in range(FOLDS)]
    near = np.stack([(rank >= first - gap) & (rank <= last + gap) for first, last in ends])
    return np.asarray(others & ~near, dtype=np.bool_)


def _missed(folds: Folds, columns: Ints, cluster: Ints) -> Floats:
    """Squared error per cluster, of predictions from the other folds; of no columns, the whole variation."""
    left = folds.left(columns)
    return np.bincount(cluster, weights=left**2, minlength=int(cluster.max()) + 1).astype(np.float64)


def _subsets(parts: int) -> list[tuple[int, ...]]:
    return [subset for size in range(parts + 1) for subset in combinations(range(parts), size)]


def _told(parts: Sequence[str], shares: Mapping[tuple[int, ...], Floats]) -> dict[str, Floats]:
    """Shapley value of each part: what it adds, on average over the orders in which parts could be added. First entry: all posts."""
    count = len(parts)
    found = {}
    for place, part in enumerate(parts):
        others = [subset for subset in shares if place not in subset]
        weigh = {subset: factorial(len(subset)) * factorial(count - len(subset) - 1) / factorial(count) for subset in others}
        found[part] = np.asarray(sum(weigh[subset] * (shares[tuple(sorted((*subset, place)))] - shares[subset]) for subset in others))
    return found


def _side(rows: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    mine = [rows[name] for name in names if name in rows]
    return np.asarray(sum(mine)) if mine else np.zeros(DRAWS + 1)


def _row(name: str, share: Floats, panel: Panel) -> dict[str, Any]:
    low, high = np.quantile(share[1:], (0.025, 0.975))
    return {"name": name, "share": float(share[0]), "low": float(low), "high": float(high), "n": panel.n, "accounts": panel.accounts}


def _sentence(sides: Mapping[str, npt.NDArray[np.float64]], panel: Panel) -> str:
    words = []
    for side, share in sides.items():
        low, high = np.quantile(share[1:], (0.025, 0.975))
        words.append(f"what was measured of the {side} foretells {100 * share[0]:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)")
    return f"Of the differences in reach between posts of one account, {' and '.join(words)}; {panel.n:,} posts. Less than 0 means nothing."
