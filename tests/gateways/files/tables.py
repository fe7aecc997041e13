"""Short ways to make files and to read them."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from domain.observations import Rejected
from gateways.files.limits import DEFAULT, ReadLimits
from gateways.files.tables import FileTable, open_table


def opened(content: bytes, limits: ReadLimits = DEFAULT) -> FileTable:
    return open_table(lambda: io.BytesIO(content), limits)


def rows(table: FileTable) -> list[tuple[int, Mapping[str, object]]]:
    return [row for row in table.records() if not isinstance(row, Rejected)]


def rejected(table: FileTable) -> list[Rejected]:
    return [row for row in table.records() if isinstance(row, Rejected)]


def zipped(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in members.items():
            # Without the clock: bytes that differ between two workers would be two tests.
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return packed.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "table"
    path.write_bytes(content)
    return path
