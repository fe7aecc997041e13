"""Which days, windows and videos a sync reads: chosen in advance, checked by hand."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from domain import owner_sync
from domain.analytics import Window
from domain.owner_reports import LAG_DAYS, METRICS, RESTATED_DAYS, SPECS
from domain.owner_sync import OwnVideo, day_windows, newest_day, to_retain, whole_windows, widened, young_videos
from store.ids import new_id

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEWEST = date(2026, 11, 19)
DAY = timedelta(days=1)


def video(age_days: float | None) -> OwnVideo:
    return OwnVideo(new_id(), "x", None if age_days is None else NOON - age_days * DAY)


def test_the_days_are_those_of_los_angeles() -> None:
    assert newest_day(datetime(2026, 11, 20, 7, 59, tzinfo=UTC)) == date(2026, 11, 18)
    assert newest_day(datetime(2026, 11, 20, 8, tzinfo=UTC)) == date(2026, 11, 19)
    assert newest_day(datetime(2026, 7, 20, 7, tzinfo=UTC)) == date(2026, 7, 19), "an hour earlier in summer"


def test_the_first_sync_reads_a_year_the_latest_chunk_first() -> None:
    windows = day_windows(None, NEWEST)

    assert windows[0] == Window(NEWEST - 89 * DAY, NEWEST)
    assert sum(each.days for each in windows) == 365
    assert all(later.first_day - DAY == earlier.last_day for later, earlier in pairwise(windows))
    assert windows[-1].first_day == NEWEST - 364 * DAY


@pytest.mark.parametrize("days_ago", [0, 1, 5, 200])
def test_the_last_days_are_read_again_without_a_gap(days_ago: int) -> None:
    covered = Window(NEWEST - 400 * DAY, NEWEST - days_ago * DAY)

    windows = day_windows(covered, NEWEST)

    assert windows[0].first_day == covered.last_day - (LAG_DAYS + RESTATED_DAYS - 1) * DAY
    assert windows[-1].last_day == NEWEST
    assert sum(each.days for each in windows) == LAG_DAYS + RESTATED_DAYS + days_ago


def test_a_back_fill_that_was_stopped_goes_on_before_what_is_covered() -> None:
    covered = Window(NEWEST - 89 * DAY, NEWEST)

    tail, *past = day_windows(covered, NEWEST)

    assert tail == Window(NEWEST - 9 * DAY, NEWEST)
    assert past[0].last_day == covered.first_day - DAY
    assert sum(each.days for each in past) == 365 - 90


def test_every_part_adjoins_what_is_covered_when_it_is_read() -> None:
    covered: Window | None = Window(NEWEST - 250 * DAY, NEWEST - 220 * DAY)
    for window in day_windows(covered, NEWEST):
        assert covered is not None
        assert window.first_day <= covered.last_day + DAY
        assert window.last_day >= covered.first_day - DAY
        covered = widened(covered, window)

    assert covered == Window(NEWEST - 364 * DAY, NEWEST)


def test_nothing_is_read_before_the_floor_nor_of_a_future_post() -> None:
    floor = NEWEST - 4 * DAY

    assert day_windows(None, NEWEST, floor=floor) == [Window(floor, NEWEST)]
    assert day_windows(Window(floor, NEWEST), NEWEST, floor=floor) == [Window(floor, NEWEST)]
    assert day_windows(None, NEWEST, floor=NEWEST + DAY) == []


def test_windows_end_where_figures_are_nearly_final_and_long_ones_are_read_rarely() -> None:
    last = NEWEST - (LAG_DAYS - 1) * DAY
    read = {28: last - DAY, 90: last - 2 * DAY, 365: last - 13 * DAY}

    assert [each.days for each in whole_windows({}, NEWEST)] == [28, 90, 365]
    assert {each.last_day for each in whole_windows({}, NEWEST)} == {last}
    assert [each.days for each in whole_windows(read, NEWEST)] == [28, 365]
    assert whole_windows(dict.fromkeys(read, last), NEWEST) == []


def test_young_videos_are_the_newest_ones_and_not_too_many() -> None:
    young = [video(age) for age in range(1, 40)]

    chosen = young_videos([*reversed(young), video(None), video(91), video(-1)], NOON)

    assert chosen == young[: owner_sync.MOST_VIDEOS]


def test_retention_is_read_once_a_week_those_that_wait_longest_first() -> None:
    new, never, lately, long_ago, longer_ago = video(1), video(10), video(20), video(30), video(40)
    read = {lately.video_id: NOON - 2 * DAY, long_ago.video_id: NOON - 8 * DAY, longer_ago.video_id: NOON - 9 * DAY}

    assert to_retain([new, never, lately, long_ago, longer_ago], read, NOON) == [never, longer_ago, long_ago]
    assert len(to_retain([video(10) for _ in range(30)], {}, NOON)) == owner_sync.MOST_RETENTIONS


def test_the_whole_list_is_walked_once_a_week_and_its_young_part_between() -> None:
    assert owner_sync.is_full_due(None, NOON)
    assert owner_sync.is_full_due(NOON - 7 * DAY, NOON)
    assert not owner_sync.is_full_due(NOON - 6 * DAY, NOON)
    assert owner_sync.is_past_young([NOON, NOON - 31 * DAY, None], NOON)
    assert not owner_sync.is_past_young([NOON, None], NOON)
    assert not owner_sync.is_past_young([], NOON)


def test_every_metric_that_is_asked_for_has_a_name_of_ours() -> None:
    asked = {metric for spec in SPECS.values() for metric in spec.metrics}

    assert asked == set(METRICS)
    assert len(set(METRICS.values())) == len(METRICS)
