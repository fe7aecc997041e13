"""What stands on the file port works over a bucket as well: the media tools and the readers of tables."""

from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.errors import NotFound
from domain.media import ClipPlan
from domain.observations import Rejected
from gateways.files.imports import StoredImports
from gateways.files.objects import ObjectFiles
from gateways.media.tools import StoredMedia
from tests.gateways.files.buckets import S3
from tests.gateways.media.making import MOVING, made

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")


@pytest.fixture
def files(s3: S3, tmp_path: Path) -> ObjectFiles:
    return ObjectFiles(s3.bucket(), tmp_path / "files")


def test_a_clip_is_rendered_from_one_object_into_another_and_nothing_stays_on_our_disk(files: ObjectFiles, tmp_path: Path) -> None:
    source = files.put(TENANT, [made(tmp_path / "moving.mp4", MOVING, sound="sine=duration=2").read_bytes()], limit_bytes=10**8)
    tools = StoredMedia(files)
    found = tools.probe(source.key)
    plan = ClipPlan(start_seconds=0.0, end_seconds=1.0, video_index=0, audio_index=1, captions=(), width=270, height=480)

    clip = tools.render(TENANT, source.key, plan, report=lambda _: None, is_unwanted=lambda: False)

    assert found.duration_seconds == pytest.approx(2, abs=0.1)
    assert tools.probe(clip.key).duration_seconds == pytest.approx(1, abs=0.1)
    assert files.size(clip.key) == clip.size_bytes
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_a_video_that_is_not_there_is_not_found_by_any_tool(files: ObjectFiles) -> None:
    with pytest.raises(NotFound):
        StoredMedia(files).probe(f"{TENANT}/ab/{'ab' * 32}")


def test_a_table_is_read_from_an_object_row_by_row_and_by_column(files: ObjectFiles, tmp_path: Path) -> None:
    rows = [{"platform": "tiktok", "video_external_id": f"v{number}", "views": number} for number in range(30_000)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    stored = files.put(TENANT, [(tmp_path / "rows.parquet").read_bytes()], limit_bytes=10**8)
    imports = StoredImports(files)

    table = imports.table(stored.key)
    found = [row["views"] for _, row in (each for each in table.records() if not isinstance(each, Rejected))]

    assert found == list(range(30_000))
    assert imports.holds(stored.key)
    assert not imports.holds(f"{TENANT}/ab/{'ab' * 32}")


def test_a_report_about_rows_goes_into_the_bucket(files: ObjectFiles) -> None:
    with StoredImports(files).report(TENANT) as report:
        pass

    assert report.key is not None
    assert files.size(report.key) > 0
