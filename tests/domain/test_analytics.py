"""Windows, changes, series and averages, worked out by hand."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics import CHANGING, Day, Method, Totals, Window, averages, change, window, zero_filled

MONDAY = date(2026, 11, 9)


def test_a_window_ends_with_the_day_it_is_asked_on() -> None:
    assert window(datetime(2026, 11, 9, 0, 0, tzinfo=UTC), 7) == Window(date(2026, 11, 3), MONDAY)


@given(st.dates(date(2006, 1, 1), date(2090, 1, 1)), st.integers(1, 365))
def test_the_window_before_is_as_long_and_touches_it(day: date, days: int) -> None:
    now = window(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), days)
    before = now.preceding()

    assert (now.days, before.days, (now.first_day - before.last_day).days) == (days, days, 1)


def test_a_change_is_a_share_and_nothing_where_there_was_nothing() -> None:
    changed = change(Totals(videos=3, views=150, median_views=10.0), Totals(videos=2, views=100, likes=0, median_views=None))

    assert {name: share for name, share in changed.items() if share is not None} == {"videos": 0.5, "views": 0.5}
    assert set(changed) == set(CHANGING)


def test_to_fall_to_nothing_is_minus_one() -> None:
    assert change(Totals(), Totals(views=100))["views"] == -1


def test_the_pooled_rate_is_of_the_videos_whose_parts_are_known() -> None:
    assert Totals(views=1000, reactions=5, reaction_views=100).engagement_rate == 0.05
    assert Totals(views=1000).engagement_rate is None


def test_a_series_has_every_day_once_in_order() -> None:
    found = zero_filled([Day(MONDAY, views=3), Day(date(2020, 1, 1), views=9)], Window(date(2026, 11, 8), date(2026, 11, 10)))

    assert found == [Day(date(2026, 11, 8)), Day(MONDAY, views=3), Day(date(2026, 11, 10))]


def test_weekly_means_are_of_the_last_whole_weeks() -> None:
    series = [Day(MONDAY, views=views) for views in (1000, 1, 1, 1, 1, 1, 1, 1)]

    assert (averages(series)["views"].daily, averages(series)["views"].weekly) == (1007 / 8, 7.0)


def test_less_than_a_week_has_no_weekly_mean_and_no_day_no_mean_at_all() -> None:
    assert averages([Day(MONDAY, likes=4)])["likes"].weekly is None
    assert averages([])["likes"].daily is None


@given(st.lists(st.integers(0, 10**15), min_size=7, max_size=60))
def test_over_whole_weeks_a_week_is_seven_days(views: list[int]) -> None:
    series = [Day(MONDAY, views=each) for each in views[: len(views) // 7 * 7]]
    mean = averages(series)["views"]

    assert mean.weekly == pytest.approx(7 * (mean.daily or 0))


def test_a_method_links_to_its_section() -> None:
    assert Method("x/1", "scores").url == "/docs/method#scores"
