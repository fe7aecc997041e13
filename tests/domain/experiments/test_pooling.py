"""Features pooled over many tests: a known effect is recovered, none is none, and broken tests are left out and counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from bench.harness.experiments_worlds import headline_tests
from domain.errors import Unacceptable
from domain.experiments.arm_rows import ArmColumns, ArmRow, arm_of
from domain.experiments.arms import ASKED, ArmTable, arm_table
from domain.experiments.pooling import Pool, PooledFeature, pool_features
from domain.experiments.ratio import ratio_check, ratio_p
from domain.imports.values import Unreadable
from gateways.files.tables import open_table

NAMES = [feature.name for feature in ASKED]


def question(pool: Pool) -> PooledFeature:
    return next(each for each in pool.features if each.feature == "is_question")


@pytest.mark.parametrize(("effect", "slope_sd"), [(0.0, 0.0), (0.30, 0.0), (0.30, 0.3)])
def test_the_interval_covers_the_effect_that_we_chose(effect: float, slope_sd: float) -> None:
    found = [question(pool_features(headline_tests(120, effect, slope_sd=slope_sd, seed=seed))) for seed in range(100)]

    covers = np.mean([each.low is not None and each.high is not None and each.low < effect < each.high for each in found])
    assert covers >= stats.binom.ppf(0.001, 100, 0.95) / 100
    assert np.mean([each.estimate for each in found]) == pytest.approx(effect, abs=0.03)


def test_tests_that_fail_the_ratio_check_are_left_out_and_counted() -> None:
    pool = pool_features(headline_tests(100, 0.3, broken=17))

    assert (pool.tests, pool.excluded) == (100, 17)
    assert question(pool).tests <= 83


def test_the_ratio_check_of_many_tests_is_the_one_of_each() -> None:
    seen = np.array([100.0, 130.0, 90.0, 55.0, 45.0])

    many = ratio_p(np.array([0, 0, 0, 1, 1]), seen)

    assert many == pytest.approx([ratio_check([100, 130, 90], unit="x").p, ratio_check([55, 45], unit="x").p])


def test_the_estimate_without_heterogeneity_is_that_of_weighted_least_squares() -> None:
    table = headline_tests(60, 0.3, arm_sd=0.0)
    frame = {
        "y": np.log((table.clicks + 0.5) / (table.impressions + 1)),
        "test": table.test,
        "x": table.features[:, NAMES.index("is_question")],
        "z": table.features[:, NAMES.index("title_chars")],
    }
    weights = 1 / (1 / (table.clicks + 0.5) - 1 / (table.impressions + 1))
    theirs = smf.wls("y ~ C(test) + x + z", pd.DataFrame(frame), weights=weights).fit()

    mine = question(pool_features(table))

    assert mine.estimate == pytest.approx(theirs.params["x"], abs=0.01)
    assert mine.se == pytest.approx(theirs.bse["x"], rel=0.35)


def test_the_order_of_rows_does_not_matter() -> None:
    table = headline_tests(40, 0.3)
    order = np.random.default_rng(3).permutation(len(table.test))
    shuffled = ArmTable(*(getattr(table, name)[order] for name in ("test", "group", "impressions", "clicks", "features")))

    assert pool_features(shuffled) == pool_features(table)


@pytest.mark.parametrize("rows", [[], [ArmRow("t", "", "One?", 100, 3)], [ArmRow(f"t{n}", "", None, 100, 3) for n in range(4)]])
def test_a_table_that_says_nothing_gives_no_estimate(rows: list[ArmRow]) -> None:
    assert {each.estimate for each in pool_features(arm_table(rows)).features} == {None}


def test_a_feature_that_few_tests_vary_gets_no_figure() -> None:
    found = question(pool_features(headline_tests(6, 0.3)))

    assert found.estimate is None
    assert "10 tests" in str(found.reason)


def test_constant_click_rates_give_no_claim() -> None:
    table = headline_tests(40, 0.3)
    flat = ArmTable(table.test, table.group, np.full(160, 1_000.0), np.zeros(160), table.features)

    assert {each.estimate for each in pool_features(flat).features} == {None}


def test_titles_of_any_language_or_none_crash_nothing() -> None:
    titles = ["¿Qué?", "これは何?", "هل هذا؟", "🔥🔥🔥", "Ωραία;", "", None, "a" * 5_000, "数字5", "ПОЧЕМУ [x]?"]
    rows = [ArmRow(f"t{test}", "", titles[(test + arm) % 10], 1_000 + arm, 30 + (test * arm) % 7) for test in range(60) for arm in range(3)]

    assert pool_features(arm_table(rows)).tests == 60


@pytest.mark.parametrize(
    "row",
    [
        {"test_id": "t", "impressions": 10, "clicks": 11},
        {"test_id": None, "impressions": 10, "clicks": 1},
        {"test_id": "t", "impressions": "ten", "clicks": 1},
        {"test_id": "t", "impressions": -3, "clicks": 0},
        {"test_id": "t", "impressions": 10},
    ],
)
def test_a_row_that_is_no_arm_says_why(row: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        arm_of(row, ArmColumns())


def test_lacking_columns_are_named_by_their_parameter() -> None:
    with pytest.raises(Unacceptable) as error:
        ArmColumns(title="headline", within="picture").check(["test_id", "impressions", "clicks"])

    assert [each.pointer for each in error.value.problems] == ["title_column", "within_column"]


@pytest.fixture(scope="module")
def archive(real_data: Path) -> ArmTable:
    columns = ArmColumns("clickability_test_id", "headline")
    return arm_table(
        arm_of(row[1], columns)
        for row in open_table(real_data / "causal_upworthy" / "upworthy_even.parquet").records()
        if isinstance(row, tuple)
    )


@pytest.mark.real_data
def test_real_headline_tests_are_pooled_and_the_broken_ones_flagged(archive: ArmTable) -> None:
    pool = pool_features(archive)
    counts = {each.feature: each for each in pool.features}

    assert (pool.tests, pool.arms, pool.excluded) == (2471, 11417, 398)
    assert float((archive.clicks / archive.impressions).mean()) == pytest.approx(0.015785, abs=1e-6)
    assert counts["is_question"].high is not None
    assert counts["is_question"].high < 0
    assert counts["has_emoji"].estimate is None


def test_any_order_of_rows_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(5)
    rows = [
        ArmRow(f"t{test}", "", f"{'Why' if arm else 'On'} {'?' * arm}{test % 7}", 5_000, int(rng.integers(80, 160)))
        for test in range(30) for arm in (0, 1)
    ]  # fmt: skip
    shuffled = [rows[place] for place in rng.permutation(len(rows))]

    assert pool_features(arm_table(rows)) == pool_features(arm_table(shuffled))
    assert arm_table(rows).test.tolist() != list(range(30)) * 2
