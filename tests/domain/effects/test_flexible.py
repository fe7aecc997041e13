"""Double machine learning within accounts sees what bends; the closed form does not. The truth is ours."""

from dataclasses import replace

import numpy as np
import pytest

from domain.effects.designs import compare
from domain.effects.estimate import estimate_effects
from domain.effects.flexible import agrees, flexible_checks, multiplier_reach
from domain.effects.panel import build_panel
from domain.effects.stacking import folds_of
from domain.effects.terms import columns_of
from domain.effects.verdicts import Check, Effect, Hypothesis
from tests.domain.effects.worlds import BENT, World, hypotheses, make_bent_panel, make_panel

TRUTH = 0.3
PRICE = Hypothesis("price", "a franc more", is_presence=False)


def both(seed: int, *, accounts: int = 40, posts: int = 40, bend: float = 1.0) -> tuple[Effect, Check]:
    frame = make_bent_panel(accounts, posts, TRUTH, seed, bend=bend)
    effect = estimate_effects(frame, hypotheses=BENT, seed=seed)[0]
    return effect, flexible_checks(build_panel(frame, BENT), BENT, [0], seed)[0]


def test_what_bends_biases_the_closed_form_and_the_check_catches_it() -> None:
    found = [both(seed) for seed in range(6)]

    assert np.mean([effect.estimate or 0.0 for effect, _ in found]) > 0.5
    assert np.mean([check.estimate for _, check in found]) == pytest.approx(TRUTH, abs=0.06)
    assert not any(agrees(effect, check).passed for effect, check in found)


def test_the_check_covers_the_truth_and_agrees_where_nothing_bends() -> None:
    found = [both(seed, bend=0.0) for seed in range(6)]

    assert sum(check.low <= TRUTH <= check.high for _, check in found) >= 5
    assert all(agrees(effect, check).passed for effect, check in found)


def test_one_account_is_checked_over_time() -> None:
    checks = [both(seed, accounts=1, posts=300)[1] for seed in range(8)]

    assert all("by time" in check.method for check in checks)
    assert sum(check.low <= TRUTH <= check.high for check in checks) >= 6


def test_what_jumps_is_left_to_trees() -> None:
    frame = make_bent_panel(40, 50, TRUTH, 0, bend=0.0)
    odd = np.floor(1.5 * frame["duration"].to_numpy()) % 2
    asks = (np.random.default_rng(1).random(len(frame)) < 0.2 + 0.6 * odd).astype(float)
    frame = frame.assign(feature_00=asks, outcome=frame["outcome"] + TRUTH * (asks - frame["feature_00"]) + 2 * odd)

    check = flexible_checks(build_panel(frame, BENT), BENT, [0], 0)[0]
    closed = estimate_effects(frame, hypotheses=BENT, seed=0)[0]

    assert "boosted trees" in check.method
    assert closed.estimate is not None
    assert abs(check.estimate - TRUTH) < 0.25 * abs(closed.estimate - TRUTH)


def test_the_same_posts_in_any_order_give_the_same_check() -> None:
    frame = make_bent_panel(12, 30, TRUTH, 0)

    given, shuffled = (flexible_checks(build_panel(each, BENT), BENT, [0], 3) for each in (frame, frame.sample(frac=1, random_state=1)))

    assert given == shuffled


@pytest.mark.parametrize(("accounts", "posts"), [(1, 4), (4, 4), (1, 40)])
def test_too_few_posts_are_not_checked(accounts: int, posts: int) -> None:
    assert flexible_checks(build_panel(make_bent_panel(accounts, posts, TRUTH, 0), BENT), BENT, [0], 1) == {}


def test_a_choice_that_never_varies_within_accounts_is_not_checked() -> None:
    frame = make_panel(World(accounts=10), 0)
    frame["feature_00"] = (frame["account_id"] < "a0005").astype(float)

    assert flexible_checks(build_panel(frame, hypotheses(World())), hypotheses(World()), [0], 1) == {}


def test_a_combination_that_is_asked_about_is_not_its_own_control() -> None:
    world = World(accounts=20, features=2)
    frame = make_panel(world, 0)
    frame["both"] = frame["feature_00"] * frame["feature_01"]
    asked = (*hypotheses(world), Hypothesis("both", "both at once", factors=("feature_00", "feature_01")))

    assert 2 in flexible_checks(build_panel(frame, asked), asked, [2], 1)


def test_a_constant_amount_has_no_curve() -> None:
    frame = make_bent_panel(40, 30, TRUTH, 1).assign(price=0.1)
    panel = build_panel(frame, (*BENT, PRICE))

    with_price, without = columns_of(compare(panel, 1), (*BENT, PRICE)), columns_of(compare(build_panel(frame, BENT), 1), BENT)

    # The amount itself, and what it was of earlier posts, twice.
    assert with_price.values.shape[1] == without.values.shape[1] + 1 + 2
    assert float(np.abs(with_price.values[:, 3]).max()) < 1e-12


def test_the_check_agrees_with_doubleml_on_the_same_residuals() -> None:
    import doubleml
    from sklearn.linear_model import LinearRegression

    frame = make_bent_panel(50, 30, TRUTH, 1)
    panel = build_panel(frame, BENT)
    check = flexible_checks(panel, BENT, [0], 1)[0]
    columns = columns_of(compare(panel, 1), BENT)
    fold = folds_of(panel.account, np.zeros(panel.n, dtype=np.int64), np.random.default_rng([1, 21]))
    controls = columns.values[:, columns.controls_of(0)]
    y, d = columns.values[:, 0], columns.values[:, 1]
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-1, 3, 5)))
    model = doubleml.DoubleMLPLR(doubleml.DoubleMLData.from_arrays(controls, y, d), LinearRegression(), LinearRegression(), n_folds=5)
    splits = [(np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in range(5)]
    guess = {name: np.zeros((panel.n, 1)) for name in ("ml_l", "ml_m")}
    for learn, apply in splits:
        for name, target in (("ml_l", y), ("ml_m", d)):
            guess[name][apply, 0] = ridge.fit(controls[learn], target[learn]).predict(controls[apply])
    model.set_sample_splitting([splits])
    model.fit(external_predictions={"d": guess})

    assert check.estimate == pytest.approx(float(model.coef[0]), abs=0.25 * check.se)
    # Theirs takes posts for independent, which these are.
    assert check.se == pytest.approx(float(model.se[0]), rel=0.35)


def test_few_clusters_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    squares = rng.exponential(1, 8) ** 2

    reach = multiplier_reach(rng.normal(size=8) * np.sqrt(squares), squares, rng)

    assert reach >= 2.36


def test_a_check_of_the_other_sign_does_not_agree() -> None:
    effect, check = both(0, accounts=10, posts=20, bend=0.0)

    assert not agrees(replace(effect, estimate=0.01, se=1.0), replace(check, estimate=-0.01, se=1.0)).passed
