"""Unit effects on surfaces whose answer we chose, and on public benchmarks: near the truth with its interval, or a refusal."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.effects.covariates import design
from domain.effects.panel import Floats
from domain.effects.stacking import convex_weights, folds_of, stacked_chances, stacked_means
from domain.effects.units import UnitEffects, unit_effects
from domain.effects.verdicts import CAUSAL_VERDICTS, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    x: Floats
    treated: Floats
    y: Floats
    effect: Floats


def sample(n: int = 500, seed: int = 0, size: float = 1.0) -> Sample:
    """Two covariates drive both; without treatment the outcome grows exponentially, with it in a straight line."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    treated = (rng.random(n) < 1 / (1 + np.exp(-(0.7 * x[:, 0] - 0.7 * x[:, 1])))).astype(np.float64)
    without = np.exp(0.8 * x[:, 0])
    with_ = without + size * (1 + 0.5 * x[:, 2])
    return Sample(x, treated, np.where(treated == 1, with_, without) + rng.normal(size=n), with_ - without)


def of(drawn: Sample, seed: int = 1) -> UnitEffects:
    return unit_effects(drawn.y, drawn.treated, drawn.x, seed=seed)


def error(found: UnitEffects, effect: Floats) -> float:
    """How far the mean effect is from the truth, in standard errors."""
    assert found.ate is not None
    return abs(found.ate.estimate - float(effect.mean())) / found.ate.se


def test_a_known_effect_behind_confounders_is_found_for_the_mean_and_for_units() -> None:
    drawn = sample()

    found = of(drawn)

    assert found.verdict is Verdict.CAUSAL_SUPPORTED
    assert error(found, drawn.effect) <= 2.5
    assert found.naive is not None
    assert abs(found.naive - drawn.effect.mean()) > 0.4
    assert np.sqrt(np.mean((found.effects - drawn.effect) ** 2)) < 0.5
    assert np.mean((found.lows <= drawn.effect) & (drawn.effect <= found.highs)) >= 0.9


def test_a_treatment_that_was_shuffled_does_nothing() -> None:
    drawn = sample(200)

    found = unit_effects(drawn.y, np.asarray(np.random.default_rng(3).permutation(drawn.treated), dtype=np.float64), drawn.x, seed=1)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "the difference is not clear"


def test_without_overlap_it_refuses() -> None:
    drawn = sample()

    found = unit_effects(drawn.y, (drawn.x[:, 0] > 0).astype(np.float64), drawn.x, seed=1)

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason is not None
    assert "overlap" in found.reason
    assert found.ate is None
    assert np.isnan(found.effects).all()


def test_where_clusters_confound_no_cause_is_claimed() -> None:
    rng = np.random.default_rng(0)
    account = np.repeat(np.arange(40), 15)
    quality = rng.normal(size=40)[account]
    treated = (rng.random(600) < 1 / (1 + np.exp(-1.5 * quality))).astype(float)
    y = 0.3 * treated + 2 * quality + rng.normal(size=600)

    found = unit_effects(y, treated, rng.normal(size=(600, 3)), clusters=account, seed=1)

    assert found.ate is not None
    assert found.ate.estimate > 1
    assert found.verdict is Verdict.ASSOCIATIONAL
    assert [gate.name for gate in found.gates if not gate.passed] == ["within_clusters"]


@pytest.mark.parametrize(
    ("y", "treated", "reason"),
    [
        (np.ones(100), np.arange(100) % 2, "the outcome is the same everywhere"),
        (np.arange(100), np.ones(100), "fewer than 20 units in one arm"),
        (np.arange(4), np.arange(4) % 2, "fewer than 20 units in one arm"),
        (np.array([]), np.array([]), "fewer than 20 units in one arm"),
    ],
)
def test_what_holds_no_answer_gets_none(y: Floats, treated: Floats, reason: str) -> None:
    found = unit_effects(y.astype(float), treated.astype(float), np.random.default_rng(0).normal(size=(len(y), 3)), seed=1)

    assert found.verdict not in CAUSAL_VERDICTS
    assert found.reason == reason
    assert found.ate is None


def test_a_treatment_of_three_levels_is_no_treatment() -> None:
    with pytest.raises(ValueError, match="not 0 or 1"):
        unit_effects(np.arange(60.0), np.asarray(np.arange(60) % 3, dtype=np.float64), np.zeros((60, 1)), seed=1)


def test_rows_may_come_in_any_order_and_with_holes() -> None:
    drawn = sample(100, size=4)
    frame = pd.DataFrame(drawn.x).assign(word=np.where(drawn.x[:, 3] > 0, "a", "b"))
    frame.loc[7, "word"] = None
    shuffled = np.random.default_rng(5).permutation(100)

    found = unit_effects(drawn.y, drawn.treated, frame, seed=1)
    again = unit_effects(drawn.y[shuffled], drawn.treated[shuffled], frame.iloc[shuffled], seed=1)

    assert found.left_out == 1
    assert np.isnan(found.effects[7])
    assert found.ate == again.ate
    np.testing.assert_array_equal(found.effects[shuffled], again.effects)


def test_words_become_categories_and_a_missing_word_stays_missing() -> None:
    columns = design(pd.DataFrame({"number": [1.0, 2.0, 3.0], "word": ["b", None, "a"]}))

    np.testing.assert_array_equal(columns, [[1, 1], [2, np.nan], [3, 0]])


def test_weights_are_convex_and_prefer_what_foresees() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)

    weights = convex_weights(np.column_stack([y + 0.1 * rng.normal(size=200), rng.normal(size=200), -y]), y)

    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert weights[0] > 0.95


def test_the_mean_effect_agrees_with_doubleml_on_the_same_folds_and_predictions() -> None:
    import doubleml
    from sklearn.linear_model import LinearRegression, LogisticRegression

    drawn = sample(200)
    # Sorted as `units_of` sorts, so that folds are the same.
    order = np.lexsort([*drawn.x.T, drawn.y, drawn.treated])
    x, y, treated = drawn.x[order], drawn.y[order], drawn.treated[order].astype(np.int64)
    found = unit_effects(y, drawn.treated[order], x, seed=1)
    fold = folds_of(np.arange(200), treated, np.random.default_rng([1, 11]))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    without, with_ = stacked_means(z, y, treated, fold, 1)
    theirs = {"ml_g0": without.mean[:, None], "ml_g1": with_.mean[:, None], "ml_m": stacked_chances(z, treated, fold, 1)[:, None]}
    model = doubleml.DoubleMLIRM(doubleml.DoubleMLData.from_arrays(x, y, treated), LinearRegression(), LogisticRegression(), n_folds=5)
    model.set_sample_splitting([[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]])
    model.fit(external_predictions={"d": theirs})

    assert found.ate is not None
    assert found.ate.estimate == pytest.approx(float(model.coef[0]), abs=1e-8)
    assert found.ate.se == pytest.approx(float(model.se[0]), rel=0.01)


@pytest.mark.real_data
def test_public_benchmarks_are_answered_near_their_truth(real_data: Path) -> None:
    errors, squares = [], []
    for number in (2, 14):
        rows = pd.read_csv(real_data / "causal_ihdp" / f"ihdp_npci_{number}.csv.gz", header=None).to_numpy(float)
        truth = rows[:, 4] - rows[:, 3]
        found = unit_effects(rows[:, 1], rows[:, 0], rows[:, 5:], seed=1)
        assert found.verdict is Verdict.CAUSAL_SUPPORTED
        assert found.ate is not None
        errors.append(abs(found.ate.estimate - truth.mean()))
        squares.append(np.sqrt(np.mean((found.effects - truth) ** 2)))

    assert np.mean(errors) <= 0.12
    assert np.median(squares) <= 0.6
