"""Group-time effects against a second implementation, and where two-way fixed effects go wrong."""

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna  # type: ignore[import-untyped]

from domain.effects.changes.bands import bounded, simultaneous
from domain.effects.changes.staggered import (
    Base,
    Comparison,
    Mean,
    Staggered,
    between,
    by_event_time,
    cohorts,
    simple,
)
from domain.effects.panel import Floats, Ints

SHAPE = (60, 12)


def panel(seed: int, *, effect: float = 0.3, growing: float = 0.1, shape: tuple[int, int] = SHAPE) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(seed)
    adopted = rng.choice([-1, 4, 6, 7, 9], size=shape[0])
    outcomes = rng.normal(size=(shape[0], 1)) + rng.normal(size=(1, shape[1])) + rng.normal(0, 0.5, shape)
    since = np.arange(shape[1])[None, :] - adopted[:, None]
    outcomes += np.where((adopted[:, None] >= 0) & (since >= 0), effect + growing * since, 0.0)
    return outcomes, adopted


def there(mean: Mean | None) -> Mean:
    assert mean is not None
    return mean


@pytest.mark.parametrize(("comparison", "theirs"), [(Comparison.NEVER, "never_treated"), (Comparison.NOT_YET, "not_yet_treated")])
def test_a_second_implementation_finds_the_same_effects_and_errors(comparison: Comparison, theirs: str) -> None:
    outcomes, adopted = panel(1)
    units, periods = np.indices(SHAPE)
    rows = pd.DataFrame({"y": outcomes.ravel(), "u": units.ravel(), "t": periods.ravel(), "g": np.maximum(adopted, 0)[units.ravel()]})
    other = CallawaySantAnna(control_group=theirs, base_period="universal").fit(rows, "y", "u", "t", "g")
    by_time = other.aggregate("event_study").to_dataframe().set_index("event_time")[["att", "se"]]
    by_group = other.aggregate("group").to_dataframe().set_index("label")[["att", "se"]]

    found = cohorts(Staggered(outcomes, adopted, comparison))

    overall = there(simple(found, SHAPE[0]))
    assert (overall.estimate, overall.se) == pytest.approx((other.overall_att, other.overall_se))
    for time, mean in by_event_time(found, SHAPE[0]).items():
        if time != -1:
            assert (mean.estimate, mean.se) == pytest.approx(tuple(by_time.loc[time]))
    for date in sorted({each.adopted for each in found}):
        adopted_then = [each for each in found if each.adopted == date]
        mean = there(simple(adopted_then, SHAPE[0]))
        assert (mean.estimate, mean.se) == pytest.approx(tuple(by_group.loc[date]))
        for time, cell in by_event_time(adopted_then, SHAPE[0]).items():
            if (date, date + time) in other.group_time_effects:
                assert cell.estimate == pytest.approx(other.group_time_effects[date, date + time]["effect"])


def two_way(outcomes: Floats, adopted: Ints) -> float:
    """The naive estimate: one coefficient beside unit and period effects."""
    treated = ((adopted[:, None] >= 0) & (np.arange(outcomes.shape[1])[None, :] >= adopted[:, None])).astype(float)
    net = treated - treated.mean(axis=0) - treated.mean(axis=1, keepdims=True) + treated.mean()
    return float(np.sum(net * outcomes) / np.sum(net**2))


def test_effects_that_grow_are_recovered_where_two_way_fixed_effects_are_not() -> None:
    worlds = [panel(seed, effect=0.0, growing=0.3) for seed in range(20)]
    since = [np.arange(SHAPE[1])[None, :] - adopted[:, None] for _, adopted in worlds]
    truths = [0.3 * each[(adopted[:, None] >= 0) & (each >= 0)].mean() for each, (_, adopted) in zip(since, worlds, strict=True)]

    ours = [there(simple(cohorts(Staggered(*each)), SHAPE[0])).estimate for each in worlds]
    naive = [two_way(*each) for each in worlds]

    assert np.mean(np.array(ours) - truths) == pytest.approx(0, abs=0.05)
    assert np.mean(np.array(naive) - truths) < -0.2


def test_the_interval_covers_and_its_bands_hold_all_event_times_at_once() -> None:
    inside, all_inside = [], []
    for seed in range(60):
        found = cohorts(Staggered(*panel(seed, growing=0.0)))
        overall = bounded(there(simple(found, SHAPE[0])))
        bands = simultaneous(by_event_time(found, SHAPE[0]), np.random.default_rng(seed))
        assert overall is not None
        assert bands is not None
        inside.append(overall.low <= 0.3 <= overall.high)
        edges = [(bands.interval(time), 0.3 if time >= 0 else 0.0) for time in bands.means]
        all_inside.append(all(low <= truth <= high for (low, high), truth in edges))

    assert np.mean(inside) >= 0.9
    assert np.mean(all_inside) >= 0.85


def test_holes_are_left_out_and_never_filled() -> None:
    outcomes, adopted = panel(2, shape=(200, 12))
    holes = np.where(np.random.default_rng(0).random(outcomes.shape) < 0.3, np.nan, outcomes)

    whole, holed = (there(simple(cohorts(Staggered(each, adopted, base=Base.MEAN)), 200)) for each in (outcomes, holes))

    assert holed.estimate == pytest.approx(whole.estimate, abs=0.15)
    assert holed.se > whole.se


def test_strata_are_compared_with_their_own_only() -> None:
    outcomes, adopted = panel(3)
    strata = np.arange(SHAPE[0]) % 2
    shocked = outcomes + np.where(strata[:, None] == 1, np.linspace(0, 9, SHAPE[1]), 0.0)

    plain, kept = (there(simple(cohorts(Staggered(each, adopted, strata=strata)), SHAPE[0])).estimate for each in (outcomes, shocked))

    assert kept == pytest.approx(plain)


def test_periods_before_that_are_left_out_show_what_was_under_way() -> None:
    outcomes, adopted = panel(5, effect=0.0, growing=0.0, shape=(300, 12))
    is_slump = (adopted[:, None] >= 0) & np.isin(np.arange(12)[None, :] - adopted[:, None], (-1, -2))
    found = cohorts(Staggered(outcomes - is_slump, adopted, base=Base.MEAN, anticipation=2))

    dip, after = there(between(found, 300, -2, -1)), there(simple(found, 300))

    assert dip.estimate == pytest.approx(-1, abs=0.2)
    assert abs(after.estimate) < 3 * after.se


@pytest.mark.parametrize("adopted", [[-1] * 6, [3] * 6, [0] * 6], ids=["nobody", "all at once", "all from the start"])
def test_without_adopters_or_comparison_there_is_no_effect(adopted: list[int]) -> None:
    outcomes = np.random.default_rng(0).normal(size=(6, 8))

    assert simple(cohorts(Staggered(outcomes, np.array(adopted))), 6) is None


def test_a_constant_outcome_and_a_single_adopter_have_no_error_to_go_by() -> None:
    outcomes = np.random.default_rng(0).normal(size=(6, 8))
    adopted = np.array([3, 3, 4, -1, -1, -1])

    assert bounded(there(simple(cohorts(Staggered(np.ones((6, 8)), adopted)), 6))) is None
    assert bounded(there(simple(cohorts(Staggered(outcomes, np.array([3, -1, -1, -1, -1, -1]))), 6))) is None
