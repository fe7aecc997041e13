"""Totals, weighted means, shares and changes of an owner's figures, by hand."""

from datetime import date
from decimal import Decimal

import pytest

from domain.analytics import Window
from domain.owner_figures import DayFigures, change, is_comparable, lifetime, slices, totals

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)


def day(number: date, **figures: float) -> DayFigures:
    return DayFigures(number, {name: Decimal(str(value)) for name, value in figures.items()})


def test_sums_are_added_and_means_are_weighed_by_what_they_are_means_of() -> None:
    found = totals([
        day(FIRST, views=100, average_percentage_viewed=50, cpm_usd=4, monetized_playbacks=10),
        day(SECOND, views=300, average_percentage_viewed=10, cpm_usd=8, monetized_playbacks=30),
    ])  # fmt: skip

    assert found == {"views": 400, "average_percentage_viewed": 20, "cpm_usd": 7, "monetized_playbacks": 40}


@pytest.mark.parametrize(
    "days", [[day(FIRST, cpm_usd=4)], [day(FIRST, cpm_usd=4, monetized_playbacks=0)], [day(FIRST, impressions_click_through_percent=4)]]
)
def test_a_mean_without_its_weight_is_not_shown(days: list[DayFigures]) -> None:
    assert set(totals(days)) <= {"monetized_playbacks"}


def test_shares_are_of_the_views_of_all_parts_most_first() -> None:
    found = slices({("TV",): {"views": Decimal(1)}, ("MOBILE",): {"views": Decimal(3)}, ("?",): {"watch_minutes": Decimal(9)}})

    assert [(each.names[0], each.views_share) for each in found] == [("MOBILE", 0.75), ("TV", 0.25), ("?", None)]


def test_a_change_needs_something_to_compare_with_and_every_day_of_both_windows() -> None:
    assert change({"views": Decimal(3), "likes": Decimal(3)}, {"views": Decimal(2), "likes": Decimal(0)}) == {"views": 0.5, "likes": None}
    assert is_comparable([day(FIRST)], [day(SECOND)], Window(FIRST, FIRST))
    assert not is_comparable([day(FIRST)], [day(SECOND)], Window(FIRST, SECOND))


def test_a_life_is_told_under_the_names_of_imports() -> None:
    found = lifetime([day(FIRST, views=10, watch_minutes=30), day(SECOND, views=0, watch_minutes=0, subscribers_gained=2)])

    assert found == {"watch_hours": Decimal("0.5"), "average_view_seconds": 180, "subscribers_gained": 2}
    assert lifetime([day(FIRST, views=0, watch_minutes=0)]) == {"watch_hours": 0}
