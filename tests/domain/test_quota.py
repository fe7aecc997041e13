"""The quota's day ends at midnight in Los Angeles, whatever the clocks there do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.quota import COSTS, LIMITS, quota_day, resets_at
from domain.sources import Bucket


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (utc(2026, 7, 1, 12), utc(2026, 7, 2, 7)),  # summer: UTC-7
        (utc(2026, 12, 1, 12), utc(2026, 12, 2, 8)),  # winter: UTC-8
        (utc(2026, 12, 1, 7, 59, 59), utc(2026, 12, 1, 8)),
        (utc(2026, 12, 1, 8), utc(2026, 12, 2, 8)),  # at midnight itself the next one is a day away
    ],
)
def test_a_quota_is_full_again_at_the_next_midnight_in_los_angeles(now, midnight):
    assert resets_at(now) == midnight


def test_the_day_on_which_clocks_go_forward_has_23_hours():
    begun = utc(2026, 3, 8, 8)

    assert quota_day(begun) == date(2026, 3, 8)
    assert resets_at(begun) - begun == timedelta(hours=23)
    assert resets_at(utc(2026, 3, 9, 6, 59)) == utc(2026, 3, 9, 7)


def test_the_day_on_which_clocks_go_back_has_25_hours():
    begun = utc(2026, 11, 1, 7)

    assert quota_day(begun) == date(2026, 11, 1)
    assert resets_at(begun) - begun == timedelta(hours=25)
    assert quota_day(utc(2026, 11, 2, 7, 59)) == date(2026, 11, 1)


def test_the_hour_that_is_there_twice_belongs_to_one_day():
    first, second = utc(2026, 11, 1, 8, 30), utc(2026, 11, 1, 9, 30)

    assert quota_day(first) == quota_day(second) == date(2026, 11, 1)
    assert resets_at(first) == resets_at(second) == utc(2026, 11, 2, 8)


def test_every_cost_is_of_a_bucket_with_a_limit_that_one_call_does_not_exceed():
    assert {cost.bucket for cost in COSTS.values()} == set(LIMITS)
    assert all(1 <= cost.units <= LIMITS[cost.bucket] for cost in COSTS.values())
    assert COSTS["search.list"].bucket is Bucket.YOUTUBE_SEARCH
