"""The real sets, brought into the database: the numbers that we know of them, and that a second time changes nothing.

One workspace per file. Two lists go through the whole graph; the others are brought on by the service that the graph calls.
"""

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.imports.params import ImportParams
from gateways.files.imports import StoredImports
from gateways.files.store import LocalFiles
from store.database import Database
from store.imports import Import
from tests.assets.conftest import Graph
from tests.conftest import make_member
from tests.services.alone import loaded, taken_in

pytestmark = pytest.mark.real_data
SEEN = datetime(2022, 2, 1, tzinfo=UTC)
GIVEN = ImportParams(observed_at=SEEN)
OWNED = ImportParams(observed_at=SEEN, account_title="A channel", is_complete=True)
Y2017 = ImportParams(year=2017)


@dataclass(frozen=True)
class Workspace:
    """A workspace of its own for one file."""

    database: Database
    files: LocalFiles

    def bring(self, path: Path, params: ImportParams) -> tuple[Import, Import]:
        """The file, and once more."""
        tenant_id = make_member(self.database).tenant_id
        first, work = taken_in(self.database, self.files, tenant_id, _pieces(path), params)
        second, again = taken_in(self.database, self.files, tenant_id, _pieces(path), params)
        return loaded(self.files, first, work)[0], loaded(self.files, second, again)[0]

    def ask(self, found: Import, query: str) -> Any:
        """One row of the workspace that an import belongs to."""
        tenant_id = found.file_key.partition("/")[0]
        with self.database.begin(UUID(tenant_id)) as uow:
            return tuple(uow.connection.exec_driver_sql(query).one())


def _pieces(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()


@pytest.fixture
def workspace(database: Database, tmp_path: Path) -> Workspace:
    return Workspace(database, LocalFiles(tmp_path / "files"))


def counts(found: Import) -> tuple[int, int, int, int]:
    return found.rows, found.videos, found.observations, found.rejected


# Rows, videos, observations and rejected rows come last.
FILES = [
    ("youtube_trending_2017/FRvideos.csv.gz", ImportParams(), "trending", (2999, 2292, 2999, 0)),
    ("youtube_trending_2017_early/GBvideos.csv.gz", Y2017, "trending", (7995, 1736, 7993, 2)),
    ("youtube_studio_export/Aggregated_Metrics_By_Video.csv.gz", OWNED, "census", (224, 223, 223, 1)),
    ("youtube_channel_5min_crafts/5-Minute_Crafts.csv.gz", OWNED, "census", (4978, 4977, 4977, 1)),
    ("tiktok_trending_2020/trending.json.gz", GIVEN, "trending", (1000, 1000, 1000, 0)),
    ("tiktok_csv_2021/tiktok_collected_liked_videos.csv.gz", GIVEN, "manual", (100, 100, 100, 0)),
    ("tiktok_csv_2021/tiktok_collected_videos.csv.gz", GIVEN, "manual", (100, 100, 100, 0)),
    ("tiktok_csv_2021/tiktok_funny_hashtag_videos.csv.gz", GIVEN, "manual", (100, 100, 100, 0)),
    ("tiktok_csv_2021/trending_videos.csv.gz", GIVEN, "manual", (100, 100, 100, 0)),
    ("tiktok_csv_2021/trending_authors.csv.gz", GIVEN, "manual", (100, 0, 0, 8)),
]


@pytest.mark.parametrize(("name", "params", "selection", "expected"), FILES, ids=[each[0] for each in FILES])
def test_a_real_file_comes_in_whole_and_a_second_time_changes_nothing(
    workspace: Workspace, real_data: Path, name: str, params: ImportParams, selection: str, expected: tuple[int, int, int, int]
) -> None:
    first, again = workspace.bring(real_data / name, params)

    assert (counts(first), first.selection) == (expected, selection)
    assert first.accepted + first.updated + first.unchanged + first.rejected == first.rows
    assert (again.accepted, again.updated, again.rejected) == (0, 0, first.rejected)
    assert workspace.ask(first, "select count(*), min(selection), max(selection) from videos") == (
        expected[1], *((selection, selection) if expected[1] else (None, None)),
    )  # fmt: skip


def test_the_studio_export_keeps_what_only_the_owner_sees(workspace: Workspace, real_data: Path) -> None:
    first, _ = workspace.bring(real_data / "youtube_studio_export/Aggregated_Metrics_By_Video.csv.gz", OWNED)

    assert workspace.ask(first, "select count(*), sum(views) from videos") == (223, 5_567_998)
    assert workspace.ask(first, "select count(*), bool_and(is_provisional) from accounts") == (1, True)
    videos, metrics = workspace.ask(first, "select count(distinct video_id), count(distinct metric) from owner_metrics")
    assert videos == 223
    assert metrics > 5


def test_a_real_file_that_was_cut_off_gives_its_whole_rows_and_one_rejection(workspace: Workspace, real_data: Path, tmp_path: Path) -> None:
    content = (real_data / "youtube_trending_2017/USvideos.csv.gz").read_bytes()
    (tmp_path / "torn").write_bytes(content[: len(content) // 2])

    first, again = workspace.bring(tmp_path / "torn", ImportParams())

    assert 1000 < first.accepted < 2000
    assert (first.rejected, first.rows) == (1, first.accepted + 1)
    assert (again.unchanged, again.rejected) == (first.accepted, 1)


def test_a_real_file_in_another_encoding_is_read_and_the_import_says_so(workspace: Workspace, real_data: Path, tmp_path: Path) -> None:
    content = gzip.decompress((real_data / "youtube_trending_2017/FRvideos.csv.gz").read_bytes()).decode("utf-8")
    read = list(islice(csv.reader(io.StringIO(content)), 301))
    written = io.StringIO()
    csv.writer(written).writerows(read)
    (tmp_path / "latin").write_bytes(written.getvalue().encode("cp1252", errors="replace"))

    first, _ = workspace.bring(tmp_path / "latin", ImportParams())

    assert (first.rows, first.accepted, first.encoding) == (300, 300, "cp1252")
    assert any("1252" in note for note in first.notes)
    title = read[0].index("title")
    accented = {row[0] for row in read[1:] if set(row[title]) & set("éèàçÉ")}
    assert workspace.ask(first, "select count(*) from videos where title ~ '[éèàçÉ]'") == (len(accented),)
    assert len(accented) > 20


def test_files_of_yt_dlp_come_in_from_a_zip(workspace: Workspace, tmp_path: Path) -> None:
    video = {
        "_type": "video", "extractor_key": "Youtube", "channel_id": "UCsynthetic", "channel": "A synthetic one", "title": "A #tag",
        "timestamp": 1_700_000_000, "epoch": 1_700_100_000, "view_count": 10, "like_count": 2, "formats": [{"url": "x"}],
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.info.json", json.dumps({**video, "id": f"abcdefghij{number}"}))
        archive.writestr("torn.info.json", '{"id": "abc')

    first, again = workspace.bring(tmp_path / "library.zip", ImportParams())

    assert (first.format, counts(first)) == ("ytdlp", (4, 3, 3, 1))
    assert (again.unchanged, again.rejected) == (3, 1)
    assert workspace.ask(first, "select count(*), min(external_id) from accounts") == (1, "UCsynthetic")


# Through the whole graph


def published(graph: Graph, path: Path, params: ImportParams) -> Import:
    found, request = graph.take_in(path.read_bytes(), params)
    assert graph.run("import_file", request).success
    with graph.database.begin(graph.tenant_id) as uow:
        return uow.imports.get(found.import_id)


def figures(graph: Graph) -> list[dict[str, Any]]:
    with graph.database.begin(graph.tenant_id) as uow:
        release = uow.releases.latest("effects")
        assert release is not None
        return [dict(each) for each in uow.releases.effects(release.release_id)]


def rows(graph: Graph, query: str) -> list[tuple[Any, ...]]:
    with graph.database.begin(graph.tenant_id) as uow:
        return [tuple(row) for row in uow.connection.exec_driver_sql(query)]


def listed(path: Path) -> dict[str, list[dict[str, str]]]:
    """The list as Python's own reader sees it, by video, oldest first."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"))):
        found.setdefault(row["video_id"], []).append(row)
    return {video: sorted(each, key=lambda row: _day(row["trending_date"])) for video, each in found.items()}


def _day(written: str) -> str:
    year, day, month = written.split(".")
    return f"20{year}-{month}-{day}"


def changes(rows: list[dict[str, str]], columns: tuple[str, ...]) -> int:
    """In how many rows one of these differs from the row before."""
    words = [tuple(row[column] for column in columns) for row in rows]
    return 1 + sum(before != after for before, after in pairwise(words))


def test_the_trending_list_of_the_us_goes_through_the_whole_graph(graph: Graph, real_data: Path) -> None:
    path = real_data / "youtube_trending_2017/USvideos.csv.gz"

    done = published(graph, path, ImportParams())

    assert (done.rows, done.accepted, done.videos, done.observations, done.rejected) == (3000, 3000, 791, 3000, 0)
    assert done.selection == "trending"
    it_is_stored_as_it_is_listed(graph, listed(path))
    nothing_selected_on_its_outcome_is_called_causal(graph)
    only_what_has_five_peers_is_scored(graph)
    again = published(graph, path, ImportParams())
    assert (again.unchanged, again.rows) == (3000, 3000)


def it_is_stored_as_it_is_listed(graph: Graph, list_by_video: dict[str, list[dict[str, str]]]) -> None:
    """A snapshot where a counter changed, a text where the words did, a channel for every title."""
    counters = ("views", "likes", "dislikes", "comment_count", "ratings_disabled", "comments_disabled")
    expected = {video: changes(found, counters) for video, found in list_by_video.items()}
    stored = rows(graph, "select v.external_id, count(*) from video_snapshots s join videos v using (tenant_id, video_id) group by 1")
    assert dict(stored) == expected
    titles = {video: changes(found, ("title",)) for video, found in list_by_video.items()}
    histories = rows(
        graph,
        "select v.external_id, count(*) filter (where is_new) from (select video_id, title is distinct from lag(title) over"
        " (partition by video_id order by seen_from) as is_new from video_texts) t join videos v using (video_id) group by 1",
    )
    assert dict(histories) == titles
    channels = {found["channel_title"] for each in list_by_video.values() for found in each}
    ((accounts, provisional),) = rows(graph, "select count(*), count(*) filter (where is_provisional) from accounts")
    assert accounts == provisional
    assert len(channels) - 10 < accounts <= len(channels)
    latest = {video: int(found[-1]["views"]) for video, found in list_by_video.items()}
    assert dict(rows(graph, "select external_id, views from videos")) == latest
    there = [int(found[-1]["views"]) for found in list_by_video.values() if found[-1]["video_error_or_removed"] == "False"]
    assert rows(graph, "select sum(views)::bigint, sum(videos)::bigint from account_totals") == [(sum(there), len(there))]


def nothing_selected_on_its_outcome_is_called_causal(graph: Graph) -> None:
    verdicts = Counter(each["verdict"] for each in figures(graph))

    assert set(verdicts) <= {"associational", "inconclusive"}
    assert verdicts.total() >= 6


def only_what_has_five_peers_is_scored(graph: Graph) -> None:
    ((scored, fewest),) = rows(graph, "select count(*), min(peers) from scores where multiple is not null")
    ((silent,),) = rows(graph, "select count(*) from scores where multiple is null and reason is null")
    assert (fewest is None) if scored == 0 else fewest >= 5
    assert silent == 0
    ((few,),) = rows(graph, "select count(*) from scores where peers < 5 and multiple is not null")
    assert few == 0


def test_the_early_list_of_the_us_has_forty_days_of_growth_and_no_causal_word(graph: Graph, real_data: Path) -> None:
    path = real_data / "youtube_trending_2017_early/USvideos.csv.gz"

    done = published(graph, path, Y2017)

    assert (counts(done), done.selection) == ((7992, 2364, 7987, 5), "trending")
    nothing_selected_on_its_outcome_is_called_causal(graph)
    only_what_has_five_peers_is_scored(graph)
    ((days,),) = rows(graph, "select count(distinct observed_at) from video_snapshots")
    assert days == 40
    found, work = taken_in(graph.database, graph.files, graph.tenant_id, _pieces(path), Y2017)
    again, _ = loaded(graph.files, found, work)
    assert (again.unchanged, again.rejected) == (7987, 5)


def test_the_bytes_that_came_in_are_kept_as_they_came(graph: Graph, real_data: Path) -> None:
    content = (real_data / "tiktok_csv_2021/trending_videos.csv.gz").read_bytes()

    found, _ = graph.take_in(content, GIVEN)

    assert StoredImports(graph.files).holds(found.file_key)
    assert graph.files.path(found.file_key).read_bytes() == content
