"""The list of hypotheses of a tenant, declared before any outcome is looked at: what, about which outcome, among whose posts.

Only what a creator controls and what is known before publication is asked about or held equal; consequences (comments per like, views) are
neither, see `domain.features.feature.Known`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from domain.effects.panel import usable
from domain.effects.questions.combinations import Pair, cells_of, pairs_of, several_of, with_factors, with_products
from domain.effects.verdicts import OUTCOMES, Hypothesis, Kind, Outcome
from domain.features.feature import Feature, FeatureKind, Known
from domain.features.table import FeatureTable
from domain.posts import one_row_each

# Outcomes besides reach are asked about where so many posts have them; reach always is, if only to say how many posts it takes.
LEAST_WITH_OUTCOME = 30
# An own account of fewer posts has nothing to say alone; of many, those with the most posts are asked about by themselves.
LEAST_OWN_POSTS = 30
MOST_OWN_ACCOUNTS = 12
# A name makes a title longer and brings capitals: that is part of what naming somebody is.
MOVED_BY_NAMES = ("title_chars", "capitals_share")
# Within one account a presence needs so many posts on both sides.
LEAST_SIDE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """`frame`: posts with features, factors and products. `pairs`: all that were thought of; `hypotheses` about reach, those asked."""

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    hypotheses: tuple[Hypothesis, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Hypotheses about one outcome, of all accounts (`scope` None) or of one own account alone."""

    outcome: Outcome
    scope: str | None
    hypotheses: tuple[Hypothesis, ...]


def may_be_asked(feature: Feature) -> bool:
    """Only what its creator controls, and what is known before anybody has seen the post."""
    return feature.is_hypothesis and feature.is_controllable and feature.known is Known.BEFORE


def hypothesis_of(feature: Feature) -> Hypothesis:
    is_presence = feature.kind is FeatureKind.PRESENCE
    kind = Kind.PERSON if feature.name.startswith("person:") else Kind.FEATURE
    moves = MOVED_BY_NAMES if feature.name.startswith(("person:", "brand:")) else ()
    return Hypothesis(
        feature.name, feature.contrast, feature.step, is_presence=is_presence, group=feature.group.value, kind=kind, moves=moves
    )


def asked_of(posts: pd.DataFrame, table: FeatureTable) -> Asked:
    """Posts: `domain.posts.COLUMNS`; of a repeated video the row with most views counts."""
    measured = table.frame[~table.frame.index.duplicated()]
    once = one_row_each(posts)
    frame = with_factors(once.reset_index(drop=True).join(measured, on="video_id"))
    singles = tuple(hypothesis_of(each) for each in table.features if may_be_asked(each))
    pairs = tuple(pairs_of(table.features))
    chosen = [pair for pair in pairs if cells_of(frame, pair).is_enough]
    several = several_of(frame)
    combined = (*(pair.hypothesis for pair in chosen), *([several] if several else []))
    return Asked(with_products(frame, chosen), table.features, (*singles, *combined), pairs)


def questions_of(asked: Asked) -> Iterator[Question]:
    """Every outcome that enough posts have, for all accounts together and for each own account beside them."""
    for outcome in OUTCOMES:
        posts = usable(asked.frame, outcome)
        if outcome is Outcome.REACH or len(posts) >= LEAST_WITH_OUTCOME:
            yield Question(outcome, None, tuple(replace(each, outcome=outcome) for each in asked.hypotheses))
            for account in own_accounts(posts):
                mine = posts[posts["account_id"].astype(str) == account]
                alone = tuple(replace(each, outcome=outcome) for each in asked.hypotheses if _is_open(mine, each))
                yield Question(outcome, account, alone)


def own_accounts(posts: pd.DataFrame) -> tuple[str, ...]:
    """Own accounts with enough of these posts, the most posts first; none where there is no other account to tell them apart from."""
    if posts["account_id"].nunique() < 2:
        return ()
    counts = posts[posts["is_own"].eq(True)]["account_id"].astype(str).value_counts()
    ordered = sorted(counts[counts >= LEAST_OWN_POSTS].index, key=lambda account: (-int(counts[account]), account))
    return tuple(ordered[:MOST_OWN_ACCOUNTS])


def _is_open(mine: pd.DataFrame, asked: Hypothesis) -> bool:
    """Whether one account's posts can say anything about it; combinations need more posts than one account has."""
    if asked.kind is Kind.COMBINATION:
        return False
    known = mine[asked.feature].dropna().to_numpy(np.float64)
    if not asked.is_presence:
        return len(known) >= LEAST_OWN_POSTS and float(np.ptp(known)) > 0
    shown = int(np.sum(known > 0))
    return min(shown, len(known) - shown) >= LEAST_SIDE
