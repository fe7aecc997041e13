"""The real sets, with the numbers we know of them."""

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import Unacceptable
from domain.imports.normalise import normaliser
from domain.imports.params import ImportParams
from domain.imports.shapes import ImportFormat
from domain.observations import Observed, Rejected, Selection
from gateways.files.tables import open_table

FOLDER = os.environ.get("WHYRAL_TEST_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="WHYRAL_TEST_DATA names no folder: the real sets are not read"),
]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SEEN = datetime(2022, 2, 1, tzinfo=UTC)
OWNED = ImportParams(observed_at=SEEN, account_title="A channel", is_complete=True)
GIVEN = ImportParams(observed_at=SEEN)


@dataclass
class Import:
    """What became of a file."""

    format: ImportFormat
    selection: Selection
    accepted: list[Observed]
    rejected: list[Rejected]
    notes: dict[str, int]

    @property
    def rows(self) -> int:
        return len(self.accepted) + len(self.rejected)

    @property
    def videos(self) -> int:
        return len({found.video.external_id for found in self.accepted if found.video})


def imported(name: str, params: ImportParams) -> Import:
    table = open_table(Path(FOLDER or "") / name)
    reader = normaliser(table.shape, params, now=NOW)
    read = [row if isinstance(row, Rejected) else reader.read(*row) for row in table.records()]
    accepted = [row for row in read if isinstance(row, Observed)]
    return Import(reader.format, reader.selection, accepted, [row for row in read if isinstance(row, Rejected)], dict(reader.notes()))


@pytest.mark.parametrize(("country", "rows", "videos"), [("US", 3000, 791), ("FR", 2999, 2292)])
def test_the_trending_lists_are_read_without_a_loss(country, rows, videos):
    found = imported(f"youtube_trending_2017/{country}videos.csv.gz", ImportParams())

    assert (found.rows, len(found.accepted), found.videos) == (rows, rows, videos)
    assert len({(row.video.external_id, row.observed_at) for row in found.accepted if row.video}) == rows
    assert found.selection is Selection.TRENDING
    assert all(row.video and row.video.posted_at and "\\n" not in (row.video.description or "") for row in found.accepted)


def test_the_early_list_of_the_us_has_forty_days_and_five_rows_that_contradict_others():
    found = imported("youtube_trending_2017_early/USvideos.csv.gz", ImportParams(year=2017))

    assert (found.rows, found.videos) == (7992, 2364)
    days = {row.observed_at for row in found.accepted}
    assert (len(days), min(days), max(days)) == (40, datetime(2017, 9, 13, tzinfo=UTC), datetime(2017, 10, 22, tzinfo=UTC))
    assert [row.reason for row in found.rejected] == ["repeats an earlier row: same video, same moment, but other values"] * 5


def test_the_early_list_of_gb_gets_its_zeros_and_ids_back_and_loses_two_glued_rows():
    """1,713 ids are written in it, one of them `#NAME?`; the thumbnails tell the 24 videos behind that one."""
    found = imported("youtube_trending_2017_early/GBvideos.csv.gz", ImportParams(year=2017))

    assert (found.rows, found.videos) == (7995, 1713 - 1 + 24)
    assert sorted(found.notes.values()) == [114, 4400]
    assert [(row.line, row.column) for row in found.rejected] == [(2398, "date"), (2797, "date")]
    assert len({row.observed_at for row in found.accepted}) == 40
    assert sum("likes" in row.missing for row in found.accepted) == 20
    assert max(row.observed_at for row in found.accepted) == datetime(2017, 10, 22, tzinfo=UTC)


def test_the_studio_export_gives_each_video_once_and_never_the_total():
    found = imported("youtube_studio_export/Aggregated_Metrics_By_Video.csv.gz", OWNED)

    assert (found.videos, len(found.accepted), len(found.rejected)) == (223, 223, 1)
    assert sum(row.counters.views or 0 for row in found.accepted) == 5_567_998
    assert sum(row.owner_metrics["subscribers_net"] < 0 for row in found.accepted) > 0
    assert all(isinstance(value, Decimal) for row in found.accepted for value in row.owner_metrics.values())
    assert found.selection is Selection.CENSUS


def test_the_comments_of_studio_are_refused_with_the_reason():
    table = open_table(Path(FOLDER or "") / "youtube_studio_export/All_Comments_Final.csv.gz")

    with pytest.raises(Unacceptable, match="file of comments"):
        normaliser(table.shape, OWNED, now=NOW)


def test_the_channel_list_has_no_publish_dates_and_one_video_twice():
    """Its ids were cut out of addresses: 22 carry `&t=12s` behind them, and one of these is a video that the list has already."""
    found = imported("youtube_channel_5min_crafts/5-Minute_Crafts.csv.gz", OWNED)

    assert (found.rows, found.videos, len(found.rejected)) == (4978, 4977, 1)
    assert {row.video.posted_at for row in found.accepted if row.video} == {None}


def test_the_tiktok_feed_has_its_videos_and_authors():
    found = imported("tiktok_trending_2020/trending.json.gz", GIVEN)

    assert (found.rows, found.videos, len({row.account.external_id for row in found.accepted})) == (1000, 1000, 802)
    assert found.selection is Selection.TRENDING
    views = sorted(row.counters.views or 0 for row in found.accepted)
    assert (views[0], views[-1] // 100_000) == (465, 2508)


@pytest.mark.parametrize(
    "name", ["tiktok_collected_liked_videos", "tiktok_collected_videos", "tiktok_funny_hashtag_videos", "trending_videos"]
)
def test_the_tiktok_tables_have_a_hundred_videos_each(name):
    found = imported(f"tiktok_csv_2021/{name}.csv.gz", GIVEN)

    assert (found.rows, found.videos) == (100, 100)
    assert all(row.counters.views and row.counters.likes is not None for row in found.accepted)


def test_the_author_table_names_accounts_and_says_which_rows_repeat():
    found = imported("tiktok_csv_2021/trending_authors.csv.gz", GIVEN)

    assert (found.rows, len(found.accepted), found.videos) == (100, 92, 0)
    assert Counter(row.reason for row in found.rejected) == {"repeats an earlier row: same account, same moment, same values": 8}


def test_a_torn_copy_of_a_real_file_gives_its_whole_rows(tmp_path):
    content = (Path(FOLDER or "") / "youtube_trending_2017/USvideos.csv.gz").read_bytes()
    (tmp_path / "torn").write_bytes(content[: len(content) // 2])
    table = open_table(tmp_path / "torn")
    reader = normaliser(table.shape, ImportParams(), now=NOW)
    read = [row if isinstance(row, Rejected) else reader.read(*row) for row in table.records()]

    assert 1000 < len(read) < 2000
    assert [isinstance(row, Rejected) for row in read] == [False] * (len(read) - 1) + [True]
