"""Reports of YouTube Analytics in our words: exact figures, columns by their names."""

from decimal import Decimal

import pytest

from domain.imports.values import Unreadable
from domain.owner_reports import ANALYTICS, MONETARY, READONLY, SPECS, is_covered, reads_channels
from domain.platforms.youtube_reports import KIND, read_report
from domain.sources import Report, ReportRow

SPEC = SPECS[Report.TRAFFIC]


def table(rows: object, *, names: tuple[str, ...] = (*SPEC.dimensions, *SPEC.metrics), kind: str = KIND) -> dict[str, object]:
    return {"kind": kind, "columnHeaders": [{"name": name} for name in names], "rows": rows}


def test_a_row_has_its_day_its_groups_and_exact_figures():
    rows = read_report(table([["2026-11-01", "YT_SEARCH", 120, 33.3]]), SPEC)

    assert rows == (ReportRow("2026-11-01", ("YT_SEARCH",), {"views": Decimal(120), "estimatedMinutesWatched": Decimal("33.3")}),)


def test_columns_are_found_by_name_whatever_their_order():
    names = ("views", "insightTrafficSourceType", "estimatedMinutesWatched", "day")

    assert read_report(table([[5, "EXT_URL", 1, "2026-11-01"]], names=names), SPEC)[0].metrics["views"] == 5


@pytest.mark.parametrize(("written", "name"), [(0.01, "0.01"), (0.1, "0.1"), (1, "1"), (1.0, "1"), (0.30, "0.3"), ("0.5", "0.5")])
def test_a_place_in_a_video_has_one_name(written, name):
    spec = SPECS[Report.RETENTION]
    rows = read_report(table([[written, 0.9, 0.5]], names=(*spec.dimensions, *spec.metrics)), spec)

    assert (rows[0].day, rows[0].dimensions) == (None, (name,))


def test_no_rows_and_a_null_figure_stay_missing():
    assert read_report(table(None), SPEC) == read_report(table([]), SPEC) == ()
    assert dict(read_report(table([["2026-11-01", "EXT_URL", None, 1]]), SPEC)[0].metrics) == {"estimatedMinutesWatched": Decimal(1)}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        table([], kind="other"),
        table([], names=("day",)),
        table([["2026-11-01", "EXT_URL", 1]]),
        table([["2026-11-01", "EXT_URL", "1", 1]]),
        table([["2026-11-01", "EXT_URL", True, 1]]),
        table([["2026-11-01", "EXT_URL", float("inf"), 1]]),
        table([["yesterday", "EXT_URL", 1, 1]]),
        table([["2026-11-01", None, 1, 1]]),
        table([{"day": 1}]),
        table("rows"),
        {"kind": KIND, "columnHeaders": "none"},
    ],
)
def test_what_is_no_such_report_is_refused(payload):
    with pytest.raises(Unreadable):
        read_report(payload, SPEC)


def test_the_monetary_scope_covers_the_other_reports_and_not_the_other_way_round():
    assert is_covered(SPECS[Report.DAILY], frozenset({MONETARY}))
    assert is_covered(SPECS[Report.REVENUE], frozenset({MONETARY}))
    assert not is_covered(SPECS[Report.REVENUE], frozenset({ANALYTICS}))
    assert not is_covered(SPECS[Report.DAILY], frozenset({READONLY}))
    assert reads_channels(frozenset({READONLY}))
    assert reads_channels(frozenset({"https://www.googleapis.com/auth/youtube"}))
    assert not reads_channels(frozenset({ANALYTICS}))
