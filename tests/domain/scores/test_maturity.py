"""The fitted curve against the one that made the data, of several families that the fit knows nothing about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.scores.maturity import curve_of
from domain.scores.outliers import adjusted_log_views, score
from tests.domain.scores.worlds import (
    ISSUE,
    NOW,
    Shape,
    exponential,
    growing,
    log_logistic,
    make_world,
    power_law,
    steady,
    stretched,
    two_phases,
)

SMALL = replace(ISSUE, accounts=60, posts=30)
FAMILIES = [stretched, log_logistic, power_law, exponential, two_phases]
AGES = np.array([1 / 24, 0.25, 1, 3, 7, 14, 30])


def typical_growth(family, ages):
    """Mean log share against 30 days, over many accounts of the family."""
    share = family(np.random.default_rng(99), 4000, np.broadcast_to(ages, (4000, 1, len(ages))))
    logs = np.log(share[:, 0, :])
    return (logs - logs[:, -1:]).mean(axis=0)


def fitted(shape, seed=1):
    (curve,) = score(make_world(seed, shape).snapshots, now=NOW).curves
    return curve


@pytest.mark.parametrize("family", FAMILIES)
def test_the_curve_finds_any_family(family):
    curve = fitted(Shape(family, growing, accounts=100, posts=30))

    assert curve.log_maturity(AGES) == pytest.approx(typical_growth(family, AGES), abs=0.12)


@pytest.mark.parametrize("family", FAMILIES)
def test_noisy_snapshots_at_irregular_ages_do_not_bend_it(family):
    curve = fitted(Shape(family, growing, accounts=100, posts=30, noise=0.1, jitter=0.3))

    assert curve.log_maturity(AGES[1:-1]) - curve.log_maturity(AGES[1:2]) == pytest.approx(
        typical_growth(family, AGES)[1:-1] - typical_growth(family, AGES)[1], abs=0.15
    )


def test_a_curve_never_falls_and_ends_at_the_long_run():
    curve = fitted(replace(SMALL, noise=0.5))

    assert np.all(np.diff(curve.log_share) >= 0)
    assert curve.log_share[-1] == 0
    assert np.all(np.diff(curve.drift) <= 0)


def test_its_error_covers_what_another_sample_of_accounts_would_give():
    curves = [fitted(replace(SMALL, posts=15), seed) for seed in range(20)]
    truth = typical_growth(stretched, AGES)[2]

    day, month = np.array([1.0]), np.array([30.0])
    misses = np.array([(c.log_maturity(day) - c.log_maturity(month))[0] - truth for c in curves])
    errors = np.array([np.sqrt(c.fit_variance(day, month)[0]) for c in curves])

    assert 0.5 < misses.std() / errors.mean() < 1.6


def test_accounts_that_mature_faster_are_told_apart():
    world = make_world(3, replace(SMALL, family=log_logistic, growth=steady, sigma=0.5))
    adjusted = adjusted_log_views(world.snapshots, now=NOW).set_index("video_id")
    (curve,) = score(world.snapshots, now=NOW).curves
    latest = world.snapshots.sort_values("observed_at").groupby("video_id")["views"].last()
    pooled = np.log(latest + 0.5) - pd.Series(curve.log_maturity(adjusted["age_days"].to_numpy()), adjusted.index)

    def gap_between_fresh_and_grown(values):
        luck, account = values - world.multiples.loc[values.index], values.index.str[:5]
        fresh, grown = adjusted["age_days"] < 5, adjusted["age_days"] >= 30
        return luck[fresh].groupby(account[fresh]).mean() - luck[grown].groupby(account[grown]).mean()

    assert gap_between_fresh_and_grown(pooled).std() > 0.25
    assert gap_between_fresh_and_grown(adjusted["adjusted_log_views"]).std() < 0.17


def test_the_same_rows_in_any_order_give_the_same_bytes():
    world = make_world(4, SMALL)
    one, other = score(world.snapshots, now=NOW), score(world.snapshots.iloc[::-1], now=NOW)

    assert [c.as_json() for c in one.curves] == [c.as_json() for c in other.curves]
    assert one.scores == other.scores


def test_a_curve_survives_its_own_json():
    curve = fitted(SMALL)
    again = curve_of(curve.as_json())

    assert again == curve
    assert again.as_json() == curve.as_json()
    assert np.array_equal(again.log_maturity(AGES), curve.log_maturity(AGES))


def test_adjusted_views_agree_between_young_and_old_posts_within_their_error():
    world = make_world(5, replace(SMALL, growth=steady, sigma=0.3, accounts=100))
    adjusted = adjusted_log_views(world.snapshots, now=NOW).set_index("video_id")
    luckless = adjusted["adjusted_log_views"] - world.multiples.loc[adjusted.index]

    level = luckless.groupby(luckless.index.str[:5]).transform("median")
    young = adjusted["age_days"] < 7
    share = ((luckless - level).abs() <= 1.96 * adjusted["standard_error"])[young].mean()

    assert 0.85 < share <= 1.0
    assert adjusted["standard_error"].median() < 0.2
