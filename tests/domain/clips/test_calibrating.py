"""Whether clips that ranked higher did better: said only where enough clips were published, and only as far as they show it."""

import random

import pytest

from domain.clips.calibrating import calibration


def clips(n: int, *, slope: float, seed: int = 0) -> list[tuple[float, float]]:
    source = random.Random(seed)
    scores = [source.random() for _ in range(n)]
    return [(score, slope * score + source.gauss(0, 0.5)) for score in scores]


def test_few_clips_say_nothing_yet() -> None:
    found = calibration(clips(13, slope=3))

    assert found.verdict == "cannot say yet: 13 clips have an outcome, about 7 more are needed"
    assert (found.n, found.correlation, found.curve) == (13, None, ())


def test_a_relation_is_found_with_its_interval_and_curve() -> None:
    found = calibration(clips(120, slope=2))

    assert "ranked higher did better" in found.verdict
    assert found.low is not None
    assert found.low > 0.5
    assert sum(each.n for each in found.curve) == 120
    means = [each.mean for each in found.curve]
    assert means == sorted(means)
    assert all(each.low < each.mean < each.high for each in found.curve)


def test_a_ranking_that_misleads_is_named() -> None:
    assert "the ranking misleads here" in calibration(clips(120, slope=-2)).verdict


def test_where_there_is_no_relation_none_is_claimed_more_often_than_one_time_in_twenty() -> None:
    claims = sum("no relation" not in calibration(clips(40, slope=0, seed=seed)).verdict for seed in range(200))

    assert claims <= 20


def test_the_interval_holds_the_true_relation() -> None:
    # Spearman's correlation of slope 1 over noise 0.5, from a sample so large that its own error is small.
    true = calibration(clips(20_000, slope=1, seed=9)).correlation
    assert true is not None
    bounds = [(each.low or 0, each.high or 0) for each in (calibration(clips(50, slope=1, seed=seed)) for seed in range(200))]

    assert sum(low <= true <= high for low, high in bounds) >= 180


@pytest.mark.parametrize("pairs", [[(0.5, 1.0 * at) for at in range(30)], [(1.0 * at, 0.5) for at in range(30)]])
def test_nothing_is_said_of_what_does_not_vary(pairs: list[tuple[float, float]]) -> None:
    assert calibration(pairs).verdict.startswith("cannot say: all of the clips")
