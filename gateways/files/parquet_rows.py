"""Parquet as records, in small batches. Its own statements about sizes are checked before anything is unpacked."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from domain.observations import Rejected
from gateways.files.delimited import Row
from gateways.files.limits import ReadLimits, refused
from gateways.files.unpack import Opener

BATCH = 256
_BROKEN = (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, NotImplementedError)


def parquet_columns(opener: Opener, limits: ReadLimits) -> tuple[str, ...]:
    """Refuses what would not fit: too many columns, a group of rows too large to unpack, repeated names."""
    try:
        with opener() as file, pq.ParquetFile(file) as table:
            groups = [table.metadata.row_group(at).total_byte_size for at in range(table.metadata.num_row_groups)]
            names = tuple(str(name) for name in table.schema_arrow.names)
    except _BROKEN as error:
        raise refused("the Parquet file is damaged or cut off: its table of contents, at the end, cannot be read") from error
    if len(names) > limits.columns or len(set(names)) != len(names):
        raise refused(f"it has more than {limits.columns} columns, or two of the same name")
    if sum(groups) > limits.unpacked_bytes or max(groups, default=0) > limits.row_group_bytes:
        raise refused(f"it unpacks to more than we read: write row groups of at most {limits.row_group_bytes:,} bytes")
    return names


def parquet_rows(opener: Opener, limits: ReadLimits) -> Iterator[Row]:
    """Rows numbered from 1. A damaged batch ends the table: what follows it in its group cannot be found."""
    number = 0
    try:
        with opener() as file, pq.ParquetFile(file, read_dictionary=_texts(opener)) as table:
            for batch in table.iter_batches(BATCH, use_threads=False):
                if reason := _too_large(batch, limits):
                    yield from (Rejected(number + at + 1, reason) for at in range(batch.num_rows))
                else:
                    yield from _batch_rows(batch.to_pylist(), number)
                number += batch.num_rows
    except _BROKEN:
        yield Rejected(number + 1, "the Parquet file is damaged here: this row and all after it are missing")


def _batch_rows(rows: list[Mapping[str, object]], number: int) -> Iterator[Row]:
    return ((number + at, row) for at, row in enumerate(rows, start=1))


def _texts(opener: Opener) -> list[str]:
    """Text columns are kept as dictionaries, so that one long text repeated a million times stays one text."""
    with opener() as file, pq.ParquetFile(file) as table:
        return [field.name for field in table.schema_arrow if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]


def _too_large(batch: pa.RecordBatch, limits: ReadLimits) -> str | None:
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            longest = pc.max(pc.utf8_length(column.dictionary)).as_py()
            if (longest or 0) > limits.field_characters:
                return f"a text in these {batch.num_rows} rows is longer than {limits.field_characters:,} characters"
    return None
