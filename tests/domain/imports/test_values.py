"""Cells: what is read, what stays empty, what is rejected by name."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.csv_cells import guard_cell
from domain.imports import moments
from domain.imports.cells import is_formula
from domain.imports.values import Unreadable, count, figure, flag, identifier, mapping, text, tidy_header, words
from domain.imports.words import hashtags, mentions


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12),
        ("541.2K", 541_200),
        ("1.2M", 1_200_000),
        ("3b", 3_000_000_000),
        ("1,234", 1234),
        ("1\u00a0234\u00a0567", 1_234_567),
        ("123.0", 123),
        (" 7 ", 7),
        (5, 5),
        (5.0, 5),
        (Decimal(4), 4),
        ("N/A", None),
        ("", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_count_is_read_as_it_was_meant(written, meant):
    assert count(written, "views") == meant


@pytest.mark.parametrize(
    "written", ["-1", -1, "1.5", 1.5, "12abc", "1.234.567", "1,23", "١٢", True, [], float("inf"), 2**63, "9" * 40, "1e9"]
)
def test_what_is_no_count_is_rejected_with_its_column(written):
    with pytest.raises(Unreadable) as wrong:
        count(written, "views")

    assert wrong.value.column == "views"


def test_an_exact_figure_keeps_its_digits_and_its_sign():
    assert figure("7959.533", "revenue") == Decimal("7959.533")
    assert figure("-3", "subscribers") == Decimal(-3)
    assert figure("", "revenue") is None
    for written in ("NaNs", "Infinity", "1e400"):
        with pytest.raises(Unreadable):
            figure(written, "revenue")


def test_a_text_loses_control_characters_and_keeps_line_breaks():
    assert text("a\x00b\x07\r\nc\u0085", "title") == "ab\nc"
    assert text("\u00a0 \t", "title") is None


def test_a_text_with_bytes_that_are_no_letters_is_rejected():
    with pytest.raises(Unreadable, match="no letters"):
        text("caf\udce9", "title")


def test_headers_lose_soft_hyphens_and_no_break_spaces():
    assert tidy_header("\ufeffIm\u00adpres\u00adsions\u00a0click-through  rate (%)") == "Impressions click-through rate (%)"


def test_a_dict_written_as_text_is_read_without_evaluating_anything():
    assert mapping("{'diggCount': 5, 'cover': ['a']}", "video_stats") == {"diggCount": 5, "cover": ["a"]}
    for written in ("__import__('os').getcwd()", "{'a': open('x')}", "{" * 5000, "{'a': " + "(" * 200, "[1]", "{'a'"):
        with pytest.raises(Unreadable):
            mapping(written, "video_stats")


def test_an_id_that_a_spreadsheet_rounded_is_rejected():
    with pytest.raises(Unreadable, match="lost its digits"):
        identifier("6.98979E+18", "video_id")
    with pytest.raises(Unreadable):
        identifier(6.98979e18, "video_id")
    assert identifier(6989072033573391621, "video_id") == "6989072033573391621"


def test_flags_and_lists_are_read_or_rejected():
    assert [flag(written, "x") for written in ("True", "false", True, "", None)] == [True, False, True, None, None]
    assert words("a|b||a", "tags") == ("a", "b")
    for value in ("maybe", 7):
        with pytest.raises(Unreadable):
            flag(value, "x")
    with pytest.raises(Unreadable):
        words(["x"] * 501, "tags")


def test_hashtags_and_mentions_stand_by_themselves():
    said = "#One #two#three #1 http://x.org/#frag a#b &#39; #été @ana.b. mail me@site.org http://x.org/@user @ @z"

    assert hashtags(said) == ("one", "two", "été")
    assert mentions(said) == ("ana.b",)


def test_a_date_without_time_is_midnight_and_wrong_by_up_to_a_day():
    assert moments.english("May 8, 2020", "x") == moments.Moment(datetime(2020, 5, 8, tzinfo=UTC), 86_400)
    assert moments.year_day_month("17.14.11", "x") == moments.Moment(datetime(2017, 11, 14, tzinfo=UTC), 86_400)
    assert moments.compact("20210528", "x").at == datetime(2021, 5, 28, tzinfo=UTC)
    assert moments.iso("2021-05-28T02:00:00+02:00", "x") == moments.Moment(datetime(2021, 5, 28, tzinfo=UTC), 0)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (moments.year_day_month, "17.11.14"),
        (moments.year_day_month, "2017.14.11"),
        (moments.english, "8 mai 2020"),
        (moments.english, "Feb 30, 2020"),
        (moments.compact, "2021052"),
        (moments.iso, "2021-05-28T02:00:00"),
        (moments.iso, "1971-01-01"),
        (moments.iso, "0001-01-01T00:00:00+14:00"),
        (moments.epoch, "1e30"),
        (moments.epoch, "nan"),
        (moments.epoch, -1),
        (moments.epoch, 10**400),
        (moments.epoch, True),
    ],
)
def test_what_is_no_moment_is_rejected(read, written):
    with pytest.raises(Unreadable):
        read(written, "x")


def test_a_lost_zero_is_restored_only_where_the_order_of_the_list_tells():
    days = moments.YearlessDays(2017)

    with pytest.raises(Unreadable, match="January, or October"):
        days.read("1.1", "date")
    read = [days.read(written, "date").at for written in ("30.09", "1.1", "10.1", "20.1", "20.1")]

    assert [(at.day, at.month) for at in read] == [(30, 9), (1, 10), (10, 10), (20, 10), (20, 10)]
    assert days.zeros_restored == 4


def test_a_january_written_short_stays_january_where_the_list_is_in_january():
    days = moments.YearlessDays(2018)
    days.read("31.12", "date")

    with pytest.raises(Unreadable, match="January, or October"):
        days.read("1.1", "date")
    days = moments.YearlessDays(2018)
    days.read("01.01", "date")

    assert days.read("2.1", "date").at == datetime(2018, 1, 2, tzinfo=UTC)


def test_a_list_that_crosses_a_new_year_is_not_put_into_one_year():
    days = moments.YearlessDays(2017)
    days.read("31.12", "date")

    with pytest.raises(Unreadable, match="crosses a new year"):
        days.read("02.01", "date")


@pytest.mark.parametrize(
    "written",
    [
        '=HYPERLINK("http://x","y")',
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+IMPORTXML(1)",
        "\t=1+WEBSERVICE(2)",
        "-HYPERLINK(1)",
        "= SUM(A1)",
        "=-SUM(A1)",
    ],
)
def test_classical_formulas_are_known(written):
    assert is_formula(written)
    assert guard_cell(written)[0] == "'"


@pytest.mark.parametrize(
    "written",
    [
        "@name says hi",
        "- a title (official) -",
        "+1 for this",
        "-=[ intro ]=-",
        "=====",
        "--- (live)",
        "@ home (vlog)",
        "@name sings | Live!",
        "=Title (live)=",
    ],
)
def test_a_title_may_begin_with_a_sign_and_still_never_leaves_as_a_formula(written):
    assert not is_formula(written)
    assert guard_cell(written) == "'" + written
