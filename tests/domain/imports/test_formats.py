"""Each format: what its rows say, and what they are rejected for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.errors import Unacceptable
from domain.imports.normalise import normaliser
from domain.imports.params import ImportParams
from domain.imports.shapes import ImportFormat, TableKind, TableShape, recognise
from domain.observations import Counters, Observed, Platform, Rejected, Selection, VideoFormat
from tests.domain.imports import rows
from tests.domain.imports.rows import GIVEN, NO_YEAR, NOW, OWNER, SEEN, observed, reader_for, rejected, shape_of


@pytest.mark.parametrize("name", rows.ROWS)
def test_a_good_row_of_every_format_is_read(name):
    row, params = rows.ROWS[name]

    assert observed(row, params).line == 2


def test_a_trending_row_is_read_whole():
    found = observed(rows.TRENDING, ImportParams())

    assert found.account.external_id is None
    assert found.account.title == "Channel"
    assert (found.observed_at, found.observed_error_seconds) == (datetime(2017, 11, 14, tzinfo=UTC), 86_400)
    assert found.counters == Counters(views=1000, likes=10, dislikes=1, comments=5)
    assert found.video is not None
    assert found.video.posted_at == datetime(2017, 11, 13, 17, 13, 1, tzinfo=UTC)
    assert found.video.description == "Line one\nLine two by @someone"
    assert (found.video.tags, found.video.hashtags, found.video.mentions) == (("first", "second tag"), ("one",), ("someone",))
    assert (found.video.category, found.video.format, found.missing) == ("Entertainment", None, {})


def test_counters_that_the_owner_hides_are_missing_and_not_zero():
    found = observed(
        rows.TRENDING, ImportParams(), ratings_disabled="True", comments_disabled="True", likes="0", dislikes="0", comment_count="0"
    )

    assert found.counters == Counters(views=1000)
    assert found.missing == dict.fromkeys(("likes", "dislikes", "comments"), "hidden by the owner")


def test_a_removed_video_keeps_its_row():
    found = observed(rows.TRENDING, ImportParams(), video_error_or_removed="True")

    assert found.video is not None
    assert found.video.is_removed


def test_the_early_list_has_no_publish_time_and_says_so():
    found = observed(rows.EARLY, NO_YEAR, likes="")

    assert found.video is not None
    assert found.video.posted_at is None
    assert found.missing == {"posted_at": "this list has no publish time", "likes": "likes is empty in the source"}


def test_an_id_that_a_spreadsheet_destroyed_is_read_from_the_thumbnail_and_noted():
    reader = reader_for(rows.EARLY, NO_YEAR)
    found = reader.read(2, {**rows.EARLY, "video_id": "#NAME?"})
    lost = reader.read(3, {**rows.EARLY, "video_id": "#NAME?", "thumbnail_link": ""})

    assert not isinstance(found, Rejected)
    assert found.video is not None
    assert found.video.external_id == "abcdefghij1"
    assert [count for note, count in reader.notes().items() if "#NAME?" in note] == [1]
    assert isinstance(lost, Rejected)
    assert lost.column == "video_id"


@pytest.mark.parametrize("date", ["24.09l7yxJDFvTRM", "31.02", "13-09", "", "1.1"])
def test_a_broken_or_ambiguous_day_is_rejected_by_name(date):
    assert rejected(rows.EARLY, NO_YEAR, date=date).column == "date"


def test_a_studio_row_gives_public_counters_and_private_figures():
    found = observed(rows.STUDIO, OWNER)

    assert found.video is not None
    assert found.video.external_id == "-bcdefghij1"
    assert found.video.posted_error_seconds == 86_400
    assert found.counters == Counters(views=1253559, likes=46903, dislikes=942, comments=907, shares=9583)
    assert found.owner_metrics["estimated_revenue_usd"] == Decimal("7959.533")
    assert found.owner_metrics["subscribers_net"] == Decimal(-3)
    assert found.owner_metrics["average_view_seconds"] == Decimal(189)
    assert found.missing == {"cpm_usd": "CPM (USD) is empty in the source"}


def test_the_total_row_of_studio_is_never_counted():
    assert "Total row" in rejected(rows.STUDIO, OWNER, Video="Total").reason


def test_a_day_of_studio_is_one_of_the_whole_channel():
    found = observed(rows.STUDIO_DAY, rows.DAYS_OF)

    assert (found.video, found.account.external_id, found.day, found.observed_at) == (None, "UC123", date(2022, 1, 20), rows.SEEN)
    assert found.owner_metrics == {
        "views": Decimal(1200), "watch_minutes": Decimal(3030), "subscribers_gained": Decimal(12),
        "impressions_click_through_percent": Decimal("4.2"), "estimated_revenue_usd": Decimal("7.953"),
    }  # fmt: skip


def test_money_of_another_currency_is_left_out_and_noted():
    reader = reader_for(rows.STUDIO_DAY, rows.DAYS_OF)
    reader.read(2, rows.STUDIO_DAY)

    assert [count for note, count in reader.notes().items() if "another currency" in note] == [1]


def test_the_total_of_days_and_a_day_twice_are_rejected():
    reader = reader_for(rows.STUDIO_DAY, rows.DAYS_OF)
    total, first, again = (
        reader.read(line, {**rows.STUDIO_DAY, "Date": day}) for line, day in enumerate(("Total", "2022-01-20", "2022-01-20"))
    )

    assert isinstance(total, Rejected)
    assert "Total row" in total.reason
    assert isinstance(first, Observed)
    assert isinstance(again, Rejected)
    assert "same day" in again.reason


def test_days_need_the_id_of_their_channel():
    with pytest.raises(Unacceptable, match="which channel's days"):
        reader_for(rows.STUDIO_DAY, OWNER)


@pytest.mark.parametrize("key", ["Content", "Video"])
def test_the_charts_data_of_studio_is_refused_for_it_would_be_read_as_whole_lives(key):
    with pytest.raises(Unacceptable, match="chart's data"):
        reader_for({"Date": "2022-01-20", key: "abcdefghij1", "Video title": "A", "Video publish time": "May 8, 2020", "Views": "1"}, OWNER)


def test_a_channel_row_has_a_clean_id_and_no_publish_date():
    found = observed(rows.CHANNEL, OWNER)

    assert found.video is not None
    assert (found.video.external_id, found.video.posted_at) == ("abcdefghij1", None)
    assert "posted_at" in found.missing


def test_a_scraped_tiktok_is_read_with_its_author_sound_and_lists():
    found = observed(rows.SCRAPED, GIVEN)

    assert (found.account.external_id, found.account.username, found.account.title) == ("6825540583826768902", "someone", "Some One")
    assert found.counters == Counters(views=44800, likes=3710, comments=68, shares=50)
    assert found.video is not None
    assert (found.video.hashtags, found.video.mentions) == (("tag",), ("friend",))
    assert (found.video.sound_id, found.video.duration_seconds) == ("6790057285814061057", 15)
    assert found.observed_at == SEEN


def test_likes_of_the_hashtag_file_are_a_number_or_a_written_dict():
    assert observed(rows.HASHTAG_ROW, GIVEN).counters.likes == 35_600_000
    written = "{'diggCount': 12, 'playCount': 280900000}"
    assert observed(rows.HASHTAG_ROW, GIVEN, video_stats=written).counters.likes == 12
    assert rejected(rows.HASHTAG_ROW, GIVEN, video_stats="{'diggCount': exit()}").column == "video_stats"
    assert observed(rows.HASHTAG_ROW, GIVEN).account.declared_likes == 541_200


def test_a_row_of_the_author_file_is_an_account_alone():
    found = observed(rows.AUTHOR_ROW, GIVEN)

    assert found.video is None
    assert (found.account.username, found.account.is_verified) == ("someone", True)


def test_an_info_json_knows_when_it_was_read_and_what_it_shows():
    found = observed(rows.YTDLP, ImportParams())

    assert found.observed_at == datetime.fromtimestamp(1700000000, tz=UTC)
    assert found.video is not None
    assert (found.video.format, found.video.posted_error_seconds, found.video.duration_seconds) == (VideoFormat.SHORT, 86_400, 61)
    assert (found.account.external_id, found.account.username) == ("UC123", "handle")
    assert "likes" in found.missing


def test_the_format_of_a_youtube_video_is_never_guessed_from_its_length():
    plain = "https://www.youtube.com/watch?v=abcdefghij1"

    formats = [
        observed(rows.YTDLP, GIVEN, webpage_url=plain, duration=30).video,
        observed(rows.YTDLP, GIVEN, webpage_url=plain, media_type="video").video,
        observed(rows.YTDLP, GIVEN, webpage_url=plain, live_status="was_live").video,
    ]

    assert [video.format for video in formats if video] == [None, VideoFormat.LONG, VideoFormat.LIVE]


@pytest.mark.parametrize("changes", [{"_type": "playlist"}, {"extractor_key": "Vimeo"}, {"id": None}, {"epoch": "soon"}])
def test_an_info_json_of_something_else_is_rejected(changes):
    assert isinstance(rows.read(rows.YTDLP, GIVEN, **changes), Rejected)


def test_our_own_row_is_read_whole():
    found = observed(rows.OWN, ImportParams(), tags=["x"], observed_error_seconds=60)

    assert found.account.platform is Platform.TIKTOK
    assert found.owner_metrics == {"watch_hours": Decimal("1.5")}
    assert found.video is not None
    assert (found.video.posted_error_seconds, found.video.hashtags, found.video.tags) == (86_400, ("title",), ("x",))
    assert (found.counters, found.observed_error_seconds) == (Counters(views=7), 60)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"veiws": 3}, "veiws"),
        ({"selection": "census"}, "selection"),
        ({"platform": "vine"}, "platform"),
        ({"observed_at": "yesterday"}, "observed_at"),
        ({"observed_at": "2024-05-01T12:00:00"}, "observed_at"),
        ({"video_external_id": None}, "video_external_id"),
        ({"views": -1}, "views"),
        ({"observed_at": "2030-01-01T00:00:00Z"}, "observed_at"),
        ({"posted_at": "2024-06-01T00:00:00Z"}, "posted_at"),
        ({"account_external_id": None}, "account"),
        ({"owner_metrics": {"x": "many"}}, "owner_metrics"),
        ({"owner_metrics": [1]}, "owner_metrics"),
    ],
)
def test_our_own_row_is_rejected_by_the_name_of_its_field(changes, column):
    assert rejected(rows.OWN, GIVEN, **changes).column == column


def test_our_own_hashtags_are_kept_as_everywhere_and_the_platform_is_checked():
    found = observed(rows.OWN, ImportParams(), hashtags=["#One", "one", "Two"])

    assert found.video is not None
    assert found.video.hashtags == ("one", "two")
    assert rejected(rows.OWN, ImportParams(platform=Platform.YOUTUBE)).column == "platform"


def test_a_formula_in_a_title_rejects_the_row_and_an_at_sign_does_not():
    assert "formula" in rejected(rows.TRENDING, ImportParams(), title='=HYPERLINK("http://x","y")').reason
    assert observed(rows.TRENDING, ImportParams(), title="@name - live").video is not None


def test_a_repeat_is_named_and_other_values_for_the_same_moment_are_too():
    reader = reader_for(rows.TRENDING, ImportParams())
    reasons = [reader.read(line, {**rows.TRENDING, **changes}) for line, changes in ((2, {}), (3, {}), (4, {"views": "1001"}))]

    assert not isinstance(reasons[0], Rejected)
    assert isinstance(reasons[1], Rejected)
    assert "same values" in reasons[1].reason
    assert isinstance(reasons[2], Rejected)
    assert "other values" in reasons[2].reason


def test_the_same_video_on_another_day_is_no_repeat():
    reader = reader_for(rows.TRENDING, ImportParams())
    reader.read(2, rows.TRENDING)

    assert not isinstance(reader.read(3, {**rows.TRENDING, "trending_date": "17.15.11"}), Rejected)


@pytest.mark.parametrize(
    ("row", "params", "pointers"),
    [
        (rows.EARLY, ImportParams(), {"year"}),
        (rows.EARLY, ImportParams(year=17), {"year"}),
        (rows.STUDIO, ImportParams(), {"observed_at", "account_title"}),
        (rows.CHANNEL, GIVEN, {"account_title"}),
        (rows.SCRAPED, ImportParams(), {"observed_at"}),
        (rows.AUTHOR_ROW, ImportParams(), {"observed_at"}),
        (rows.SCRAPED, ImportParams(observed_at=datetime(2022, 1, 1)), {"observed_at"}),  # noqa: DTZ001 - the naive moment is the point
        (rows.SCRAPED, ImportParams(observed_at=NOW + timedelta(days=1)), {"observed_at"}),
        (rows.SCRAPED, ImportParams(observed_at=SEEN, platform=Platform.YOUTUBE), {"platform"}),
        ({key: value for key, value in rows.OWN.items() if key != "observed_at"}, ImportParams(), {"observed_at"}),
        ({key: value for key, value in rows.YTDLP.items() if key != "epoch"}, ImportParams(), {"observed_at"}),
    ],
)
def test_a_missing_or_impossible_parameter_is_named_before_any_row_is_read(row, params, pointers):
    with pytest.raises(Unacceptable) as refused:
        normaliser(shape_of(row), params, now=NOW)

    assert {problem.pointer for problem in refused.value.problems} == pointers


@pytest.mark.parametrize(
    ("row", "params", "selection"),
    [
        (rows.TRENDING, ImportParams(), Selection.TRENDING),
        (rows.TRENDING, ImportParams(selection=Selection.TRENDING), Selection.TRENDING),
        (rows.CHANNEL, OWNER, Selection.MANUAL),
        (rows.SCRAPED, GIVEN, Selection.MANUAL),
        (rows.SCRAPED, ImportParams(observed_at=SEEN, selection=Selection.SEARCH), Selection.SEARCH),
        (rows.CHANNEL, ImportParams(observed_at=SEEN, account_title="x", is_complete=True), Selection.CENSUS),
    ],
)
def test_the_selection_is_what_the_source_or_the_statement_allows(row, params, selection):
    assert normaliser(shape_of(row), params, now=NOW).selection is selection


def test_the_trending_feed_of_the_scraper_is_trending():
    assert normaliser(shape_of(rows.SCRAPED, {"zip": "trend"}), GIVEN, now=NOW).selection is Selection.TRENDING


@pytest.mark.parametrize(
    ("row", "params"),
    [
        (rows.TRENDING, ImportParams(selection=Selection.CENSUS, is_complete=True)),
        (rows.TRENDING, ImportParams(is_complete=True)),
        (rows.SCRAPED, ImportParams(observed_at=SEEN, selection=Selection.CENSUS)),
        (rows.SCRAPED, ImportParams(observed_at=SEEN, selection=Selection.SEARCH, is_complete=True)),
    ],
)
def test_a_census_that_is_none_is_refused(row, params):
    with pytest.raises(Unacceptable):
        normaliser(shape_of(row), params, now=NOW)


def test_a_file_of_comments_is_recognised_and_refused_with_the_reason():
    columns = ("Comments", "Comment_ID", "Reply_Count", "Like_Count", "Date", "VidId", "user_ID")

    with pytest.raises(Unacceptable, match="file of comments"):
        recognise(TableShape(TableKind.CSV, columns))


def test_unknown_columns_are_quoted_back():
    with pytest.raises(Unacceptable, match="'colour'"):
        recognise(TableShape(TableKind.CSV, ("colour", "size")))


def test_every_format_is_reached_by_a_row_of_it():
    assert {recognise(shape_of(row)) for row, _ in rows.ROWS.values()} == set(ImportFormat)
