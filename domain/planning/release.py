"""One release of what next: patterns, blueprint, quick wins, suggestions and what drafts are held against; of all accounts, and of each.

The same posts, effects and curves give the same sections, in any order of rows. No chance is involved.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from domain.deep.rows import NATURE
from domain.deep.scope import Scope, scope_of
from domain.features.table import FeatureTable
from domain.figures import plain
from domain.log_points import multiple
from domain.planning.basis import basis_of, stored
from domain.planning.evidence import METHOD_VERSION, Evidence
from domain.planning.items import Standing
from domain.planning.levels import Usual
from domain.planning.next_videos import described, suggestions
from domain.planning.patterns import Pattern, judged, lacking, patterns_of
from domain.planning.plans import Said, blueprint, quick_wins
from domain.scores.maturity import Curve

SECTIONS = ("patterns", "blueprint", "quick_wins", "suggestions", "basis")
# Own accounts first, then those with the most posts: of others nothing is planned.
MOST_ACCOUNTS = 200
CAUTION = "What outliers share is a description: it does not say that one made the other. What a choice is worth is asked under effects."
NO_ACCOUNT = "accounts differ in what is usual: choose one"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What a release of plans is made of. `is_outlier`: of the videos that have a score."""

    posts: pd.DataFrame
    features: FeatureTable
    evidence: tuple[Evidence, ...]
    is_outlier: Mapping[str, bool]
    curves: tuple[Curve, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A section of all accounts (None) or of one, as JSON values."""

    name: str
    account_id: str | None
    figures: Any


def next_release(known: Known) -> tuple[Planned, ...]:
    """Sections in the order of their accounts. q of patterns is over the patterns of all of them together."""
    scopes = dict(_scopes(known))
    features = known.features.features
    raw = {account_id: patterns_of(scope.posts, features, known.is_outlier) for account_id, scope in scopes.items()}
    q = iter(judged([each for found in raw.values() for each in found]))
    found = {account_id: [next(q) for _ in each] for account_id, each in raw.items()}
    return tuple(
        Planned(name, account_id, plain(figures))
        for account_id, scope in scopes.items()
        for name, figures in _sections(known, account_id, scope, found[account_id])
    )


def _scopes(known: Known) -> Iterator[tuple[str | None, Scope]]:
    """All posts, then those of each account. Picked posts count only for accounts that have no census."""
    yield None, scope_of(known.posts, known.features, account_id=None, now=known.now)
    with_census = set(known.posts.loc[known.posts["selection"] == "census", "account_id"])
    has_census = known.posts["account_id"].isin(with_census)
    halves = [scope_of(known.posts[rows], known.features, account_id=None, now=known.now).posts for rows in (has_census, ~has_census)]
    apart = {str(name): posts.reset_index(drop=True) for half in halves for name, posts in half.groupby("account_id")}
    for account_id in _accounts(known):
        yield account_id, Scope(apart.get(account_id, halves[0].iloc[:0]), known.features, {})


def _accounts(known: Known) -> list[str]:
    """Those that are planned for."""
    counts = known.posts.groupby("account_id")["video_id"].size()
    own = set(known.posts.loc[known.posts["is_own"].isin([True]), "account_id"])
    ordered = sorted(counts.index, key=lambda each: (each not in own, -int(counts[each]), str(each)))
    return list(map(str, ordered[:MOST_ACCOUNTS]))


def _sections(known: Known, account_id: str | None, scope: Scope, found: Sequence[Pattern]) -> Iterator[tuple[str, dict[str, Any]]]:
    standing = Standing(None, Usual(len(scope.posts), reason=NO_ACCOUNT), {})
    said = Said.of(known.evidence, account_id)
    if account_id is not None and not scope.posts.empty:
        basis = basis_of(scope, known.curves, said.effects, account_id, known.now)
        standing = basis.standing()
        yield "basis", stored(basis)
    elif account_id is not None:
        standing = Standing(account_id, Usual(0, reason="no post of this account can be used"), {})
    ideas = described(scope, known.features.features)
    yield "patterns", _patterns(known, account_id, scope, found)
    yield "blueprint", blueprint(said, standing, ideas)
    yield "quick_wins", quick_wins(said, standing)
    yield "suggestions", suggestions(said, standing, scope, ideas)


def _patterns(known: Known, account_id: str | None, scope: Scope, found: Sequence[Pattern]) -> dict[str, Any]:
    flags = [known.is_outlier[video] for video in scope.posts["video_id"] if video in known.is_outlier]
    linked = {each.feature: each for each in reversed(known.evidence) if each.outcome == "reach" and each.scope in (None, account_id)}
    ordered = sorted(found, key=lambda each: (each.q or 0.0, each.p, each.feature))
    return {
        "account_id": account_id, "nature": NATURE, "caution": CAUTION, "n": len(flags), "outliers": sum(flags),
        "reason": lacking(sum(flags)),
        "items": [
            {**asdict(each), "stands_out": each.stands_out, "sentence": each.sentence, "effect": _link(linked.get(each.feature))}
            for each in ordered
        ],
    }  # fmt: skip


def _link(each: Evidence | None) -> dict[str, Any] | None:
    """What the feature itself was found to be worth."""
    if each is None:
        return None
    figures = {"multiple": multiple(each.estimate), "multiple_low": multiple(each.low), "multiple_high": multiple(each.high)}
    return {"effect_id": each.effect_id, "verdict": each.verdict.value, "sentence": each.sentence, **figures}


def method_of(features_version: str) -> str:
    return f"{METHOD_VERSION}/{features_version}"
