"""The synthetic estimators against published figures, a second implementation and panels whose answer we chose."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from diff_diff import SyntheticDiD  # type: ignore[import-untyped]

from domain.effects.changes.beside import compared
from domain.effects.changes.placebos import earlier, placebos_in_space
from domain.effects.changes.synthetic import Block, Method, block_of, fit_synthetic
from domain.effects.changes.weights import Solver, simplex_weights
from domain.errors import Unacceptable

EXACT = Solver.EXACT


def factors(seed: int, *, donors: int = 40, treated: int = 5, before: int = 24, after: int = 10, effect: float = 0.0) -> Block:
    rng = np.random.default_rng(seed)
    common = np.cumsum(rng.normal(size=(before + after, 3)), axis=0)
    outcomes = 0.3 * rng.normal(size=(donors + treated, 3)) @ common.T + 2 * rng.normal(size=(donors + treated, 1))
    outcomes += 0.3 * rng.normal(size=outcomes.shape)
    is_treated = np.arange(donors + treated) >= donors
    outcomes[is_treated, before:] += effect
    return Block(outcomes, is_treated, before)


PUBLISHED = {Method.SYNTHETIC_DID: -15.60, Method.SYNTHETIC_CONTROL: -19.62, Method.DID: -27.35}


@pytest.mark.parametrize("method", Method)
def test_the_published_figures_of_a_public_panel_come_out(real_data: Path, method: Method) -> None:
    rows = pd.read_csv(real_data / "causal_panel" / "synthdid_california_prop99.csv.gz", sep=";")
    block = block_of(rows, unit="State", period="Year", outcome="PacksPerCapita", treated="treated")

    found = fit_synthetic(block, method).estimate

    assert found == pytest.approx(PUBLISHED[method], rel=0.01)


def test_one_state_stands_out_among_its_placebos_and_no_earlier_date_does_as_well(real_data: Path) -> None:
    rows = pd.read_csv(real_data / "causal_panel" / "synthdid_california_prop99.csv.gz", sep=";")
    block = block_of(rows, unit="State", period="Year", outcome="PacksPerCapita", treated="treated")
    fit = fit_synthetic(block, solver=EXACT)
    moved = earlier(block, 6)

    space = placebos_in_space(block, fit, solver=EXACT)

    assert space is not None
    assert space.p <= 0.05
    assert moved is not None
    assert abs(fit_synthetic(moved, solver=EXACT).estimate) < 2


@pytest.mark.parametrize("shape", [{"treated": 10, "donors": 60}, {"treated": 1}, {"before": 8, "after": 3}], ids=str)
def test_a_second_implementation_finds_the_same(shape: dict[str, int]) -> None:
    block = factors(3, effect=0.5, **shape)
    units, periods = np.indices(block.outcomes.shape)
    rows = pd.DataFrame(
        {"y": block.outcomes.ravel(), "u": units.ravel(), "t": periods.ravel(), "d": block.is_treated[units.ravel()].astype(int)}
    )
    after = list(range(block.before, block.outcomes.shape[1]))

    theirs = SyntheticDiD(n_bootstrap=2, seed=1).fit(rows, "y", "d", "u", "t", post_periods=after).att

    assert fit_synthetic(block).estimate == pytest.approx(theirs, abs=1e-6)
    assert fit_synthetic(block, solver=EXACT).estimate == pytest.approx(theirs, abs=0.02)


def test_several_treated_units_give_back_the_effect() -> None:
    found = [fit_synthetic(factors(seed, effect=0.5), solver=EXACT).estimate for seed in range(12)]

    assert np.mean(found) == pytest.approx(0.5, abs=0.1)
    assert max(abs(estimate - 0.5) for estimate in found) < 0.4


def test_factors_that_break_parallel_trends_mislead_the_plain_difference_more() -> None:
    blocks = [factors(seed, treated=1) for seed in range(20)]

    misses = {method: np.sqrt(np.mean([fit_synthetic(block, method, solver=EXACT).estimate ** 2 for block in blocks])) for method in Method}

    assert misses[Method.SYNTHETIC_DID] < 0.7 * misses[Method.DID]


def test_the_exact_weights_are_no_worse_than_those_of_the_search() -> None:
    rng = np.random.default_rng(0)
    columns, target = rng.normal(size=(30, 12)), rng.normal(size=30)

    def misfit(weights: np.ndarray) -> float:
        return float(np.mean((columns @ weights - target) ** 2) + 0.04 * weights @ weights)

    found = {solver: simplex_weights(columns, target, 0.2, solver, tolerance=1e-6) for solver in Solver}

    for weights in found.values():
        assert weights.min() >= 0
        assert weights.sum() == pytest.approx(1)
    assert misfit(found[EXACT]) <= misfit(found[Solver.FRANK_WOLFE]) + 1e-9


@pytest.mark.parametrize("solver", Solver)
@pytest.mark.parametrize("method", Method)
def test_a_panel_in_which_nothing_varies_gives_an_effect_of_nothing(method: Method, solver: Solver) -> None:
    block = Block(np.full((6, 8), 3.0), np.arange(6) == 0, 5)

    fit = fit_synthetic(block, method, solver=solver)

    assert fit.estimate == pytest.approx(0, abs=1e-12)
    assert compared(block, method) is None


@pytest.mark.parametrize(
    ("outcomes", "treated", "before"),
    [
        (np.full((5, 6), np.nan), [0], 3),
        (np.ones((5, 6)), [], 3),
        (np.ones((5, 6)), [0, 1, 2, 3], 3),
        (np.ones((5, 6)), [0], 1),
        (np.ones((5, 6)), [0], 6),
    ],
    ids=["holes", "nobody treated", "one donor", "one period before", "no period after"],
)
def test_a_panel_that_cannot_be_compared_is_refused_with_what_is_wrong(outcomes: np.ndarray, treated: list[int], before: int) -> None:
    with pytest.raises(Unacceptable) as refused:
        Block(outcomes, np.isin(np.arange(len(outcomes)), treated), before)

    assert len(refused.value.problems) == 1


def test_units_treated_at_different_times_are_no_block() -> None:
    rows = pd.DataFrame([(u, t, 1.0 * t, int(u < 2 and t >= 3 + u)) for u in range(6) for t in range(8)], columns=["u", "t", "y", "d"])

    with pytest.raises(Unacceptable):
        block_of(rows, unit="u", period="t", outcome="y", treated="d")
