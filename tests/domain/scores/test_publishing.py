"""Figures of scores as they are kept: ten digits, and never a number that JSON does not know."""

import math

import pytest

from domain.scores.publishing import plain


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_no_number_is_missing(value: float) -> None:
    assert plain(value) is None


def test_figures_are_kept_to_ten_digits_and_all_else_as_it_is() -> None:
    assert (plain(1 / 3), plain(7), plain("reason"), plain(None)) == (0.3333333333, 7, "reason", None)
