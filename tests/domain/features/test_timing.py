"""The account's own clock, and gaps that only look back."""

import math

import pandas as pd
import pytest

from domain.features.table import Vocabulary, feature_table
from domain.features.timing import PARTS
from tests.domain.features.posts import posts


def timed(*rows: tuple[str | None, str | None]) -> pd.DataFrame:
    """(posted at, time zone) of each post."""
    frame = posts(*({"posted_at": None if at is None else pd.Timestamp(at, tz="UTC"), "time_zone": zone} for at, zone in rows))
    table = feature_table(frame, Vocabulary())
    return table.frame.join(table.words)


@pytest.mark.parametrize(
    ("moment", "zone", "hour", "weekday"),
    [
        ("2026-03-28 23:30", "Europe/Berlin", 0.5, 6),
        ("2026-03-29 00:59", "Europe/Berlin", 1 + 59 / 60, 6),
        ("2026-03-29 01:00", "Europe/Berlin", 3.0, 6),
        ("2026-10-25 00:30", "Europe/Berlin", 2.5, 6),
        ("2026-10-25 01:30", "Europe/Berlin", 2.5, 6),
        ("2026-11-01 05:30", "America/New_York", 1.5, 6),
        ("2026-11-01 06:30", "America/New_York", 1.5, 6),
        ("2026-07-01 20:00", "Asia/Kolkata", 1.5, 3),
        ("2026-07-01 20:00", "Pacific/Kiritimati", 10.0, 3),
    ],
)
def test_hour_and_weekday_are_of_the_accounts_clock_through_its_changes(moment: str, zone: str, hour: float, weekday: int) -> None:
    row = timed((moment, zone)).iloc[0]

    assert row["posted_hour"] == pytest.approx(hour)
    assert row["posted_weekday"] == weekday
    assert row["is_weekend"] == float(weekday >= 5)
    assert (row["time_zone"], row["is_time_zone_assumed"]) == (zone, False)


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../../etc/passwd", "Europe", "/etc/passwd"])
def test_an_unknown_zone_is_read_as_utc_and_says_so(zone: str | None) -> None:
    row = timed(("2026-07-01 20:15", zone)).iloc[0]

    assert row["posted_hour"] == 20.25
    assert (row["time_zone"], row["is_time_zone_assumed"]) == ("UTC", True)


def test_every_known_moment_is_in_exactly_one_part_of_the_day() -> None:
    rows = timed(*((f"2026-07-01 {hour:02d}:{minute:02d}", "UTC") for hour in range(24) for minute in (0, 59)))

    assert (rows[[f"is_{name}" for name, _, _ in PARTS]].sum(axis=1) == 1).all()


def test_gaps_look_back_to_the_last_earlier_moment_and_are_never_negative() -> None:
    moments = ("2026-03-03 00:00", "2026-03-01 00:00", "2026-03-03 00:00", "2026-03-03 05:00", "1970-01-01 00:00")

    rows = timed(*((moment, None) for moment in moments))

    gaps = rows["gap_hours_log"].tolist()
    assert math.isnan(gaps[1])
    assert gaps[0] == gaps[2] == pytest.approx(math.log1p(48))
    assert gaps[3] == pytest.approx(math.log1p(5))
    assert math.isnan(gaps[4])


def test_an_impossible_or_unknown_moment_has_no_timing_at_all() -> None:
    rows = timed((None, "Europe/Berlin"), ("1970-01-01 00:00", "Europe/Berlin"))

    assert rows[["posted_hour", "posted_weekday", "is_weekend", "is_night", "is_evening", "gap_hours_log"]].isna().all().all()


def test_the_gap_is_to_the_accounts_own_posts_only() -> None:
    frame = posts(*({"account_id": account} for account in "abab"))

    gaps = feature_table(frame, Vocabulary()).frame["gap_hours_log"]

    assert gaps.isna().tolist() == [True, True, False, False]
    assert gaps.iloc[2] == pytest.approx(math.log1p(48))
