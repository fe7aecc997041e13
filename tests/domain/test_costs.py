"""Forecasts and levels of costs, on courses whose answer is known."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from domain.costs import Summary, forecast
from domain.economy import Level, level_of
from domain.money import crossed

TODAY = date(2026, 11, 20)


def usd(text: str) -> Decimal:
    return Decimal(text)


def test_a_forecast_goes_on_with_the_mean_of_seven_days() -> None:
    days = {TODAY - timedelta(days=back): usd("2") for back in range(1, 20)}

    found = forecast(days, today=TODAY, month_cap=usd("55"))

    assert (found.n_days, found.daily_usd, found.month_usd) == (7, usd("2"), usd("60"))
    assert found.cap_on == date(2026, 11, 28)


def test_a_day_that_cost_more_than_the_mean_counts_as_it_is() -> None:
    found = forecast({TODAY: usd("9")}, today=TODAY, month_cap=usd("9"))

    assert (found.n_days, found.daily_usd, found.month_usd, found.cap_on) == (0, usd("0"), usd("9"), TODAY)


def test_without_costs_nothing_is_expected() -> None:
    found = forecast({}, today=TODAY, month_cap=usd("5"))

    assert (found.n_days, found.month_usd, found.cap_on) == (0, usd("0"), None)


def test_days_of_the_month_before_make_the_mean_and_not_the_sum() -> None:
    first = date(2026, 12, 1)

    found = forecast({first - timedelta(days=back): usd("7") for back in range(1, 8)}, today=first, month_cap=usd("1000"))

    assert (found.daily_usd, found.month_usd) == (usd("7"), usd("217"))


@pytest.mark.parametrize(
    ("amount", "level"),
    [("1", Level.OK), ("1.01", Level.OVER_TARGET), ("2.5", Level.WARNING), ("3", Level.EXCEEDED), ("9", Level.EXCEEDED)],
)
def test_a_production_is_as_dear_as_its_sum(amount: str, level: Level) -> None:
    assert level_of(usd(amount)) is level


def test_a_threshold_is_crossed_once() -> None:
    sums = [usd(each) for each in ("0", "79", "80", "99", "100", "101")]

    found = [crossed("day", before, after, usd("100")) for before, after in pairwise(sums)]

    assert [None if each is None else each.is_reached for each in found] == [None, False, None, True, None]


def test_what_remains_is_of_the_cap_that_ends_first_and_never_negative() -> None:
    def summary(day: str, month: str) -> Summary:
        return Summary(TODAY, usd(day), usd("10"), usd(month), usd("100"), {}, usd("2"))

    assert [summary(*each).remaining_usd for each in (("4", "4"), ("4", "98"), ("12", "50"))] == [6, 2, 0]
    assert summary("4", "4").productions_remaining == 3
