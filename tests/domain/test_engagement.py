"""Rates, scores and bands against figures worked out by hand."""

from math import log

import pytest

from domain.engagement import BANDS, band_of, engagement_rate, engagement_score


def test_the_rate_is_a_ratio_of_reactions_to_views():
    assert engagement_rate(200, 10, 5, 5) == pytest.approx(0.1)


def test_no_views_give_no_rate_and_no_score():
    assert engagement_rate(0, 1, 1, 1) is None
    assert engagement_score(0, 1, 1, 1) is None


@pytest.mark.parametrize("facts", [(None, 1, 1, 1), (10, None, 1, 1), (10, 1, None, 1), (10, 1, 1, None)])
def test_an_unknown_part_makes_the_rate_unknown(facts):
    assert engagement_rate(*facts) is None
    assert engagement_score(*facts) is None


def test_known_zeros_are_a_rate_of_zero():
    assert engagement_rate(10, 0, 0, 0) == 0.0
    assert engagement_score(10, 0, 0, 0) == 0.0


def test_the_score_weighs_the_rate_by_the_log_of_views():
    assert engagement_score(99, 99, 0, 0) == pytest.approx(log(100))


@pytest.mark.parametrize(
    ("multiple", "band"),
    [
        (0.0, "<1"),
        (0.999, "<1"),
        (1.0, "[1,5)"),
        (5.0, "[5,10)"),
        (10.0, "[10,25)"),
        (25.0, "[25,50)"),
        (49.9, "[25,50)"),
        (50.0, "[50,inf)"),
    ],
)
def test_a_band_holds_its_lower_edge_only(multiple, band):
    assert band_of(multiple) == band
    assert band in BANDS


def test_without_a_multiple_there_is_no_band():
    assert band_of(None) is None
