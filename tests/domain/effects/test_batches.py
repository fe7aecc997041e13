"""Which features share a fit, and what tracked accounts say together."""

from dataclasses import replace

import numpy as np
import pytest

from bench.harness.worlds import Accounts, Runs, accounts, hypotheses
from domain.effects.batches import batches
from domain.effects.families import families
from domain.effects.panel import Panel, build_panel
from domain.effects.pooling import random_effects

WORLD = Accounts(accounts=30, posts=(30, 30), runs=Runs(features=14))


@pytest.fixture(scope="module")
def panel() -> Panel:
    frame = accounts(WORLD, 1)
    # The last feature mostly copies the first, and both matter.
    same = np.random.default_rng(1).random(len(frame)) < 0.9
    frame["feature_13"] = np.where(same, frame["feature_00"], frame["feature_13"])
    frame["outcome"] += 0.5 * frame["feature_00"]
    return build_panel(frame, hypotheses(14))


def test_every_feature_is_answered_once_beside_its_rivals(panel: Panel) -> None:
    found = list(batches(panel, hypotheses(14), range(14), is_timing_asked=False))

    assert len(found) > 1
    assert [member for members, _ in found for member in members] == list(range(14))
    assert all(set(members) <= set(columns) for members, columns in found)
    assert next(columns for members, columns in found if 13 in members)[0] == 0
    assert 13 in next(columns for members, columns in found if 0 in members)


def test_factors_of_a_combination_are_always_beside_it(panel: Panel) -> None:
    asked = [*hypotheses(13), replace(hypotheses(14)[13], factors=("feature_04", "feature_05"))]

    beside = next(columns for members, columns in batches(panel, asked, range(14), is_timing_asked=False) if 13 in members)

    assert {4, 5} <= set(beside)


def test_timing_format_and_rarely_known_features_have_panels_of_their_own() -> None:
    frame, asked = accounts(WORLD, 1), list(hypotheses(4))
    frame.loc[::2, "feature_03"] = np.nan
    asked[1], asked[2] = replace(asked[1], group="timing"), replace(asked[2], group="format", factors=("feature_09",))

    found = families(frame, asked)

    assert [[family.columns[at].feature for at in family.asked] for family in found] == [[each.feature] for each in asked]
    assert [(family.is_timing, family.is_format) for family in found] == [(False, False), (True, False), (False, True), (False, False)]
    assert [each.feature for each in found[2].columns] == ["feature_09", "feature_00", "feature_02"]


def test_accounts_that_differ_are_told_from_accounts_that_are_alike() -> None:
    rng = np.random.default_rng(3)
    variances = rng.uniform(0.02, 0.1, 60)
    noise = rng.normal(size=60) * np.sqrt(variances)

    alike, apart = random_effects(0.3 + noise, variances), random_effects(0.3 + noise + 0.5 * rng.normal(size=60), variances)

    assert alike.mean == pytest.approx(0.3, abs=3 * alike.se)
    assert 0 < alike.between_sd < 0.2 < apart.between_sd < 0.7
    assert alike.se == pytest.approx(np.sqrt(1 / np.sum(1 / (variances + alike.between_sd**2))), rel=0.2)
