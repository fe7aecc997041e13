"""How log points are written."""

import math

import pytest

from domain.features.catalogue import CATALOGUE
from domain.features.feature import FeatureKind
from domain.log_points import bounds, multiple, percent, signed, size


@pytest.mark.parametrize(
    ("per_cent", "written"),
    [
        (0.0, "0 %"),
        (-0.04, "0 %"),
        (0.06, "+0.1 %"),
        (-0.3, "-0.3 %"),
        (9.94, "+9.9 %"),
        (9.96, "+10 %"),
        (41.6, "+42 %"),
        (-99.7, "-100 %"),
    ],
)
def test_small_per_cents_have_one_decimal_and_nothing_has_no_sign(per_cent: float, written: str) -> None:
    assert signed(math.log1p(per_cent / 100)) == written


def test_what_is_less_than_can_be_written_is_said_so() -> None:
    assert size(-0.0001) == "less than 0.1 %"


def test_a_side_without_a_bound_is_said() -> None:
    assert bounds(None, 0.008) == "no bound to +0.8 %"


def test_log_points_beyond_all_sense_stay_finite_and_none_stays_none() -> None:
    assert math.isfinite(multiple(1e9))
    assert percent(-1e9) == pytest.approx(-100)
    assert multiple(None) is None


def test_no_feature_is_told_in_words_for_machines() -> None:
    told = {each.name: each.words for each in CATALOGUE}

    assert [name for name, words in told.items() if "_" in words] == []
    assert [each.name for each in CATALOGUE if each.kind is FeatureKind.AMOUNT and not each.measured] == []
