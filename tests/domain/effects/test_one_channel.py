"""One account's posts over time: errors, whitening and other histories against second implementations and worlds whose answer we chose."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import S_hac_simple
from statsmodels.tsa.stattools import levinson_durbin

from bench.harness.worlds import Accounts, Channel, Noise, Runs, accounts, channel, hypotheses
from domain.effects.estimate import estimate_effects
from domain.effects.over_time import infer_over_time
from domain.effects.panel import build_panel
from domain.effects.runs import arranged, histories, stretches
from domain.effects.sentences import sentence
from domain.effects.serial import LAGS, ORDER, whitening
from domain.effects.timeline import ERROR_LAGS, _errors, timelines
from domain.effects.verdicts import CAUSAL_VERDICTS, Design, Effect, Verdict
from tests.domain.effects.worlds import covers, known

NOTHING = Channel(posts=200, runs=Runs(features=8))
CLEAR = Channel(posts=400, effect=0.5, noise=Noise(sd=0.6), runs=Runs(features=2))


def release(world: Channel, seed: int) -> tuple[Effect, ...]:
    return estimate_effects(channel(world, seed), hypotheses=hypotheses(world.runs.features), seed=seed)


@pytest.fixture(scope="module")
def nothing() -> list[tuple[Effect, ...]]:
    worlds = (NOTHING, replace(NOTHING, noise=Noise(ar=0.6), runs=Runs(features=8, is_aligned=False, frequencies=(0.2, 0.8))))
    return [release(world, seed) for world in worlds for seed in range(8)]


def test_of_features_that_do_nothing_about_one_in_twenty_is_nominally_significant(nothing: list[tuple[Effect, ...]]) -> None:
    assert 0.0 < np.mean([known(each.p) < 0.05 for found in nothing for each in found]) <= 0.12


def test_of_features_that_do_nothing_almost_none_is_claimed(nothing: list[tuple[Effect, ...]]) -> None:
    assert sum(any(each.verdict in CAUSAL_VERDICTS for each in found) for found in nothing) <= 1


def test_what_is_there_is_found_with_an_interval_around_it() -> None:
    found = [release(CLEAR, seed)[0] for seed in range(12)]

    assert sum(each.verdict is Verdict.CAUSAL_SUPPORTED for each in found) >= 9
    assert sum(covers(each, 0.5) for each in found) >= 10
    assert all(known(each.periods) >= 3 and known(each.permutation_p) <= 0.5 for each in found)


def test_errors_over_time_are_those_of_statsmodels() -> None:
    panel = build_panel(channel(NOTHING, 3), hypotheses(8))
    plain, _ = timelines(panel, is_timing_asked=False)
    column = plain.features[:, 2]
    residuals = plain.outcome - column * (column @ plain.outcome) / (column @ column)

    theirs = np.sqrt(S_hac_simple((column * residuals)[:, None], nlags=ERROR_LAGS)[0, 0]) / (column @ column)

    assert _errors(plain, panel)[2] == pytest.approx(theirs)


def test_whitened_least_squares_is_generalised_least_squares() -> None:
    panel = build_panel(channel(replace(NOTHING, noise=Noise(ar=0.6)), 3), hypotheses(8))
    _, whitened = timelines(panel, is_timing_asked=False)
    assert whitened.whitened_by is not None
    rows = whitened.whitened_by.of(np.eye(panel.n), panel.account)
    plain_basis = timelines(panel, is_timing_asked=False)[0].basis

    theirs = sm.GLS(panel.outcome, np.column_stack([panel.features[:, 0], plain_basis]), sigma=np.linalg.inv(rows.T @ rows)).fit()

    ours = whitened.features[:, 0] @ whitened.outcome / (whitened.features[:, 0] @ whitened.features[:, 0])
    assert ours == pytest.approx(theirs.params[0], rel=1e-6)


def test_weights_on_earlier_posts_are_those_of_statsmodels_where_nothing_was_taken_out() -> None:
    luck = Noise(ar=0.6).draw(500, np.random.default_rng(1))

    ours = whitening(luck, [(0, 500)], [np.zeros((500, 1))]).weights[ORDER]

    covariance = np.array([luck[lag:] @ luck[: 500 - lag] / (500 - lag) for lag in range(LAGS + 1)])
    np.testing.assert_allclose(ours, levinson_durbin(covariance, nlags=ORDER, isacov=True)[1], rtol=1e-6)


def test_levels_and_lines_that_were_taken_out_do_not_hide_how_luck_lasts() -> None:
    rng, residuals, bases = np.random.default_rng(2), [], []
    basis = np.linalg.qr(np.column_stack([np.ones(30), np.arange(30.0)]))[0]
    for _ in range(80):
        luck = Noise(ar=0.5).draw(30, rng)
        residuals.append(luck - basis @ (basis.T @ luck))
        bases.append(basis)

    found = whitening(np.concatenate(residuals), [(30 * each, 30 * each + 30) for each in range(80)], bases)

    assert found.weights[1, 0] == pytest.approx(0.5, abs=0.06)


def test_other_histories_keep_how_often_and_how_long() -> None:
    column = np.repeat([0.0, 1.0, 0.0, 1.0, 0.0], [3, 5, 2, 4, 6])

    drawn = arranged(column, ((0, 20),), 50, np.random.default_rng(1))

    assert set(drawn.sum(axis=1)) == {9.0}
    assert {tuple(sorted(np.diff(np.flatnonzero(np.diff(row, prepend=-1, append=-1))))) for row in drawn} == {(2, 3, 4, 5, 6)}
    assert len(np.unique(drawn, axis=0)) > 10


def test_amounts_are_moved_in_blocks_and_none_is_lost() -> None:
    column = np.random.default_rng(3).normal(size=40)

    drawn = arranged(column, ((0, 40),), 20, np.random.default_rng(1))

    np.testing.assert_allclose(np.sort(drawn, axis=1), np.tile(np.sort(column), (20, 1)))


def test_the_interval_holds_what_other_histories_do_not_reject() -> None:
    rng = np.random.default_rng(4)
    column = np.repeat(rng.random(60) < 0.5, 3).astype(float)
    outcome = 0.4 * column + rng.normal(size=180)
    outcome, centred = outcome - outcome.mean(), column - column.mean()

    drawn = histories(column, ((0, 180),), lambda rows: (rows @ outcome, rows @ centred, np.var(rows, axis=1) * 180), rng)
    low, high = drawn.interval()

    assert low < drawn.estimate < high
    assert drawn.p(low + 0.01) >= 0.05 > drawn.p(low - 0.01)
    assert drawn.estimate == pytest.approx(centred @ outcome / (centred @ centred))


def test_stretches_need_both_sides_again_and_again() -> None:
    switched_once, back_and_forth = np.repeat([0.0, 1.0], 30), np.tile(np.repeat([0.0, 1.0], 5), 6)

    assert stretches(switched_once, [(0, 60)], 2) == 1
    assert stretches(back_and_forth, [(0, 60)], 2) == 6


def test_a_factor_of_a_combination_is_held_equal() -> None:
    frame = channel(replace(CLEAR, effect=0.8), 5)
    frame["both"] = frame["feature_00"] * frame["feature_01"]
    asked = hypotheses(2)
    combined = replace(asked[0], feature="both", factors=("feature_00", "feature_01"))

    alone = estimate_effects(frame, hypotheses=[replace(combined, factors=())], seed=1)[0]
    beside = estimate_effects(frame, hypotheses=[combined], seed=1)[0]

    # feature_00 alone does something: without it the product takes the credit.
    assert known(alone.estimate) > 0.35
    assert abs(known(beside.estimate)) < 0.3
    assert covers(beside, 0.0)


def test_own_posts_are_pulled_toward_the_tracked_accounts_and_the_sentence_says_so() -> None:
    own = channel(Channel(posts=80, effect=0.3, runs=Runs(features=2)), 1)
    tracked = accounts(Accounts(accounts=20, posts=(30, 60), effect=0.3, runs=Runs(features=2)), 2)

    found = estimate_effects(pd.concat([own, tracked]), hypotheses=hypotheses(2), scope="own", seed=1)[0]

    assert found.shrinkage is not None
    assert (found.design, found.scope, found.n, found.accounts) == (Design.WITHIN_TIME, "own", 80, 1)
    assert abs(known(found.estimate) - found.shrinkage.others) < abs(found.shrinkage.own - found.shrinkage.others)
    assert known(found.high) - known(found.low) < 4 * found.shrinkage.own_se
    assert "own posts count for" in sentence(found)


def test_an_account_alone_is_not_pulled() -> None:
    found = estimate_effects(channel(CLEAR, 1), hypotheses=hypotheses(2), scope="own", seed=1)[0]

    assert found.shrinkage is None
    assert found.estimate == pytest.approx(known(release(CLEAR, 1)[0].estimate))


def test_the_same_posts_and_seed_give_the_same_figures() -> None:
    panel = build_panel(channel(NOTHING, 1), hypotheses(8))

    assert infer_over_time(panel, hypotheses(8), 5, range(8)) == infer_over_time(panel, hypotheses(8), 5, range(8))
