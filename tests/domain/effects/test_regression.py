"""The estimator against second implementations: statsmodels, and CR2 written out with every dummy."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS

from domain.effects.designs import compare
from domain.effects.panel import Floats, Panel, build_panel
from domain.effects.regression import Regression, orthonormal, regress
from tests.domain.effects.worlds import World, hypotheses, make_panel

WORLD = World(accounts=12, posts=14, features=3, effect=0.3, stickiness=0.4)


@pytest.fixture(scope="module")
def panel() -> Panel:
    frame = make_panel(WORLD, seed=5)
    # Unbalanced, with two formats, as real panels are.
    frame["format"] = np.where((np.arange(len(frame)) % 3 == 0) & (frame["account_id"] < "a0006"), "long", "short")
    return build_panel(frame.drop(index=frame.index[5:20:2]), hypotheses(WORLD))


@pytest.fixture(scope="module")
def fit(panel: Panel) -> Regression:
    return compare(panel, seed=1).fit().fit


def all_dummies(panel: Panel) -> Floats:
    """Features first, then calendar and periods, then a level and a growth line per group."""
    groups = pd.get_dummies(panel.group).to_numpy(float)
    lines = groups[:, np.bincount(panel.group) >= 10] * (panel.days - panel.days.mean())[:, None]
    design = np.column_stack([panel.features, panel.calendar, panel.periods, groups, lines])
    assert np.linalg.matrix_rank(design / np.linalg.norm(design, axis=0)) == design.shape[1]
    return design


def inverse_root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors @ np.diag([v**-0.5 if v > 1e-9 else 0.0 for v in values]) @ vectors.T)


def test_estimates_and_clustered_errors_are_those_of_statsmodels(panel: Panel, fit: Regression) -> None:
    design = all_dummies(panel)

    theirs = sm.OLS(panel.outcome, design).fit(cov_type="cluster", cov_kwds={"groups": panel.account})

    scores = np.add.reduceat(fit.treatment / fit.weight * fit.residuals[:, None], [start for start, _ in fit.bounds])
    n, k, g = panel.n, design.shape[1], panel.accounts
    cr1 = np.sqrt(np.sum(scores**2, axis=0) * g / (g - 1) * (n - 1) / (n - k))
    np.testing.assert_allclose(fit.estimates, theirs.params[:3], rtol=1e-6)
    np.testing.assert_allclose(cr1, theirs.bse[:3], rtol=1e-6)


def test_cr2_and_its_degrees_of_freedom_are_those_of_the_full_dummy_design(panel: Panel, fit: Regression) -> None:
    design = all_dummies(panel)
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    residuals = panel.outcome - hat @ panel.outcome
    for column in range(3):
        variance, spread = 0.0, []
        for start, end in fit.bounds:
            adjusted = inverse_root(np.eye(end - start) - hat[start:end, start:end]) @ design[start:end] @ bread[:, column]
            variance += float(adjusted @ residuals[start:end]) ** 2
            spread.append((np.eye(panel.n) - hat)[:, start:end] @ adjusted)
        products = np.array(spread) @ np.array(spread).T
        df = np.trace(products) ** 2 / np.sum(products**2)

        assert fit.se[column] == pytest.approx(np.sqrt(variance), rel=1e-5)
        assert fit.df[column] == pytest.approx(df, rel=1e-4)


def test_leaving_an_account_out_gives_what_a_refit_without_it_gives(panel: Panel, fit: Regression) -> None:
    design = all_dummies(panel)
    for account in range(panel.accounts):
        rest = panel.account != account
        refitted = np.linalg.lstsq(design[rest], panel.outcome[rest], rcond=None)[0][:3]

        np.testing.assert_allclose(fit.without[account], refitted, atol=1e-6)


def test_a_basis_leaves_out_columns_that_add_nothing() -> None:
    columns = np.random.default_rng(1).normal(size=(50, 3))

    basis = orthonormal(np.column_stack([columns, columns[:, 0] * 7 - columns[:, 1], np.zeros(50)]))

    assert basis.shape == (50, 3)
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-9)


def test_estimates_and_rough_errors_are_those_of_linearmodels() -> None:
    frame = make_panel(World(accounts=14, posts=9, features=2, effect=0.3), seed=2)
    small = build_panel(frame, hypotheses(World(features=2)))
    comparison = compare(small, seed=1)
    controls = pd.DataFrame(np.column_stack([small.features, small.calendar, small.periods]))
    index = pd.MultiIndex.from_arrays([small.account, np.arange(small.n)])

    theirs = PanelOLS(pd.Series(small.outcome, index=index), controls.set_index(index), entity_effects=True).fit(
        cov_type="clustered", cluster_entity=True, debiased=False, group_debias=True
    )

    ours = regress(comparison.outcome, comparison.features, comparison.controls, small.bounds, comparison.raw_spread, is_rough=True)
    np.testing.assert_allclose(ours.estimates, theirs.params.to_numpy()[:2], rtol=1e-6)
    np.testing.assert_allclose(ours.se, theirs.std_errors.to_numpy()[:2], rtol=0.01)
