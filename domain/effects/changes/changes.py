"""The entry: dated changes of the accounts of a release, each as a candidate that waits for the release's q."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from domain.effects.changes import judging
from domain.effects.changes.adopters import eligible
from domain.effects.changes.detecting import Adoption, asked, wording
from domain.effects.changes.one import one
from domain.effects.changes.series import Posts, Series, posts_of, series_of
from domain.effects.changes.several import several
from domain.effects.changes.telling import Row, change_rows, of_effect
from domain.effects.verdicts import Outcome
from domain.features.feature import Feature

# Two changes of one account this near to each other cannot be told apart.
TOGETHER = pd.Timedelta(days=28)


@dataclass(frozen=True, slots=True, eq=False)
class ChangesFound:
    """`candidates` go to the release. `sections`: `changes`, one row per account and change that was found; `event_study`, one row per
    effect and period since the change (event time in weeks, estimate, low, high, accounts).
    """

    candidates: tuple[judging.ChangeCandidate, ...]
    sections: Mapping[str, Any]


def change_candidates(
    posts_with_features: pd.DataFrame, features: Sequence[Feature], *, outcome: Outcome = Outcome.REACH, seed: int
) -> ChangesFound:
    """Changes found by the rule of `detecting`, and what followed. Columns: `domain.posts.COLUMNS` and one per feature.

    A change that five accounts or more made is one question over all of them; one that fewer made, or the tenant's own account, is a
    question of each. The same posts, features and seed give the same answer, in any order of rows.
    """
    posts = posts_of(posts_with_features, outcome)
    found = [(feature, series) for feature in asked(features) if (series := series_of(posts, feature)) is not None]
    adoptions = {feature.name: _adoptions(posts, series) for feature, series in found}
    everything = [each for changes in adoptions.values() for each in changes]
    candidates: list[judging.ChangeCandidate] = []
    rows: list[Row] = []
    for feature, series in found:
        for candidate, study in _asked_of(posts, series, adoptions[feature.name], everything, (outcome, seed)):
            candidates.append(candidate)
            rows += of_effect(candidate.effect, study)
    changes = sorted(everything, key=lambda each: (each.at, each.unit, each.feature))
    return ChangesFound(tuple(candidates), {"changes": change_rows(changes), "event_study": rows})


def _asked_of(
    posts: Posts, series: Series, adoptions: Sequence[Adoption], everything: Sequence[Adoption], how: tuple[Outcome, int]
) -> list[tuple[judging.ChangeCandidate, list[Row]]]:
    outcome, seed = how
    together = {each.unit: _together(each, everything) for each in adoptions}
    is_several = int(np.sum(eligible(posts, series).adopted >= 0)) >= judging.LEAST_ADOPTERS
    is_own = posts.frame["is_own"].eq(True).to_numpy()
    alone = [each for each in adoptions if not is_several or bool(is_own[each.first_row])]
    found = [one(posts, series, each, outcome=outcome, together=together[each.unit]) for each in alone]
    if not is_several:
        return found
    share = sum(bool(others) for others in together.values()) / len(together)
    return [several(posts, series, outcome=outcome, together=share, seed=seed), *found]


def _together(adoption: Adoption, everything: Sequence[Adoption]) -> tuple[str, ...]:
    """What else the account changed within four weeks."""
    return tuple(
        each.feature
        for each in everything
        if each.unit == adoption.unit and each.feature != adoption.feature and abs(each.at - adoption.at) <= TOGETHER
    )


def _adoptions(posts: Posts, series: Series) -> list[Adoption]:
    return [_adoption(posts, series, int(unit)) for unit in np.flatnonzero(series.first_rows >= 0)]


def _adoption(posts: Posts, series: Series, unit: int) -> Adoption:
    row = int(series.first_rows[unit])
    first = posts.frame.iloc[row]
    has = posts.frame[series.feature.name].to_numpy(np.float64)[series.asked_rows[unit]]
    before, after = has[series.asked_rows[unit] < row], has[series.asked_rows[unit] >= row]
    return Adoption(
        unit=str(first["account_unit"]),
        account_id=str(first["account_id"]),
        platform=str(first["platform"]),
        feature=series.feature.name,
        contrast=wording(series.feature),
        at=first["posted_at"],
        first_row=row,
        posts_before=len(before),
        posts_after=len(after),
        share_before=float(before.mean()),
        share_after=float(after.mean()),
    )
