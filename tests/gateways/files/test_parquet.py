"""Parquet: rows with their types, bounded texts, damage that ends the table politely."""

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.errors import Unacceptable
from domain.imports.normalise import normaliser
from domain.imports.params import ImportParams
from domain.imports.shapes import ImportFormat, TableKind
from domain.observations import Observed
from gateways.files.limits import ReadLimits
from tests.gateways.files.tables import gzipped, opened, rejected, rows

SEEN = datetime(2024, 5, 1, 12, tzinfo=UTC)


def parquet(rows_: list[dict[str, object]], **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows_), file, **options)
    return file.getvalue()


def own(number: int) -> dict[str, object]:
    return {
        "platform": "youtube",
        "account_title": "A channel",
        "video_external_id": f"video{number}",
        "observed_at": SEEN,
        "views": number,
        "title": "same title",
        "tags": ["a", "b"],
        "posted_at": None,
    }


def test_rows_of_our_own_format_come_through_with_their_types():
    table = opened(parquet([own(number) for number in range(1000)], row_group_size=300))
    reader = normaliser(table.shape, ImportParams(), now=datetime(2026, 1, 1, tzinfo=UTC))
    found = [reader.read(line, record) for line, record in rows(table)]

    assert (table.shape.kind, reader.format) == (TableKind.PARQUET, ImportFormat.WHYRAL)
    assert [row.line for row in found] == list(range(1, 1001))
    assert all(isinstance(row, Observed) for row in found)
    last = found[-1]
    assert isinstance(last, Observed)
    assert last.video is not None
    assert (last.observed_at, last.counters.views, last.video.tags) == (SEEN, 999, ("a", "b"))


def test_a_text_that_is_too_long_rejects_its_batch():
    table = opened(parquet([own(1) | {"title": "x" * 1000}]), ReadLimits(field_characters=500))

    assert ["longer than" in row.reason for row in rejected(table)] == [True]


def test_one_long_text_repeated_a_million_times_is_not_unpacked():
    content = parquet([{"platform": "x", "title": "y" * 100_000} for _ in range(2000)])
    table = opened(content, ReadLimits(field_characters=50_000))

    assert len(content) < 1_000_000
    assert len(rejected(table)) == 2000


@pytest.mark.parametrize(
    ("content", "limits", "sentence"),
    [
        (parquet([own(1)])[:-10], ReadLimits(), "damaged"),
        (b"PAR1", ReadLimits(), "damaged"),
        (gzipped(parquet([own(1)])), ReadLimits(), "packed twice"),
        (parquet([{f"c{n}": 1 for n in range(600)}]), ReadLimits(), "columns"),
        (parquet([own(1)]), ReadLimits(row_group_bytes=10), "row groups"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content, limits, sentence):
    with pytest.raises(Unacceptable, match=sentence):
        opened(content, limits)


def test_damage_inside_ends_the_table_with_one_rejection():
    content = bytearray(
        parquet([own(number) | {"title": f"title {number * 7919}"} for number in range(5000)], row_group_size=1000, use_dictionary=False)
    )
    content[len(content) // 2 : len(content) // 2 + 2000] = b"\xff" * 2000
    table = opened(bytes(content))

    assert len(rows(table)) >= 1000
    assert len(rejected(table)) == 1
