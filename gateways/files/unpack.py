"""Packed files as streams of plain bytes: gzip and zip, with their bombs and path tricks. What the bytes mean is read elsewhere."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from gateways.files.limits import Cut, ReadLimits, refused

Opener = Callable[[], BinaryIO]
Chunks = Callable[[], Iterator[bytes]]
PIECE = 64 * 1024
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
EMPTY_ZIP = b"PK\x05\x06"
OTHERS = {b"7z\xbc\xaf\x27\x1c": "a 7z archive", b"Rar!": "a rar archive", b"BZh": "a bzip2 file", b"\xfd7zXZ": "an xz file",
          b"\x28\xb5\x2f\xfd": "a zstd file", b"\xd0\xcf\x11\xe0": "an old Excel workbook",
          b"%PDF": "a PDF", b"SQLite format": "a database"}  # fmt: skip


def refuse_others(head: bytes) -> None:
    for magic, name in OTHERS.items():
        if head.startswith(magic):
            raise refused(f"this is {name}; we read CSV, JSON, NDJSON and Parquet, plain, gzip or zip")


def plain(opener: Opener) -> Iterator[bytes]:
    with opener() as file:
        while piece := file.read(PIECE):
            yield piece


def gunzipped(opener: Opener, limits: ReadLimits) -> Iterator[bytes]:
    """Every member of a gzip file. Bounded while it unpacks, so a bomb costs no more than the limit."""
    packed = unpacked = 0
    unzip, is_inside = zlib.decompressobj(31), False
    for piece in plain(opener):
        packed += len(piece)
        out = b""
        while piece or (is_inside and out):
            is_inside = True
            try:
                out = unzip.decompress(piece, PIECE)
            except zlib.error:
                raise Cut("the gzip file is damaged here") from None
            unpacked += len(out)
            _demand_size(packed, unpacked, limits)
            if out:
                yield out
            piece = unzip.unconsumed_tail
            if unzip.eof:
                # Padding of zeros after the last member is allowed.
                piece = unzip.unused_data.lstrip(b"\0")
                unzip, is_inside, out = zlib.decompressobj(31), False, b""
    if is_inside:
        raise Cut("the gzip file ends too early")


def _demand_size(packed: int, unpacked: int, limits: ReadLimits) -> None:
    if unpacked > limits.unpacked_bytes:
        raise refused(f"it unpacks to more than {limits.unpacked_bytes:,} bytes")
    if unpacked > limits.ratio_from_bytes and unpacked > packed * limits.ratio:
        raise refused(f"it unpacks to more than {limits.ratio} times its size, as only a bomb does")


def entries(opener: Opener, limits: ReadLimits) -> list[zipfile.ZipInfo]:
    """The files of a zip in its own order; refuses everything that a plain archive of tables does not have."""
    with opener() as file:
        _demand_small_directory(file, limits)
        try:
            with zipfile.ZipFile(file) as archive:
                found = [entry for entry in archive.infolist() if not _is_clutter(entry)]
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, struct.error, OSError, EOFError) as error:
            raise refused("the zip archive is damaged or incomplete: pack it again") from error
    for entry in found:
        _demand_plain(entry)
    total = sum(entry.file_size for entry in found)
    _demand_size(sum(entry.compress_size for entry in found) + 1, total, limits)
    if any(entry.filename == "[Content_Types].xml" for entry in found):
        raise refused("this is a workbook or a document of an office program; save the table as CSV")
    if not found:
        raise refused("the zip archive is empty")
    return found


def _demand_small_directory(file: BinaryIO, limits: ReadLimits) -> None:
    """Before Python reads the whole directory into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(EMPTY_ZIP)
    if at < 0 or len(tail) - at < 22:
        raise refused("the zip archive has no end: it was cut off; upload it again")
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise refused("this is a zip64 archive, for more than 4 GB: pack less")
    count, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > limits.entries or directory > limits.directory_bytes:
        raise refused(f"the zip archive holds more than {limits.entries:,} files")


def _is_clutter(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what macOS packs beside every file."""
    name = entry.filename.rsplit("/", 1)[-1]
    return entry.is_dir() or entry.filename.startswith("__MACOSX/") or name in (".DS_Store", "Thumbs.db")


def _demand_plain(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    shown = repr(name[:80])
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts or "\0" in name or (len(name) > 1 and name[1] == ":"):
        raise refused(f"the zip archive holds a file with a path that leaves its folder: {shown}")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise refused(f"the zip archive holds a link or a device: {shown}")
    if entry.flag_bits & 0x1:
        raise refused(f"the zip archive is protected by a password: {shown}")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(f"the zip archive uses a packing that we do not read: {shown}")


def unzipped(opener: Opener, name: str, limits: ReadLimits) -> Iterator[bytes]:
    """The one file of a zip."""
    with opener() as file, zipfile.ZipFile(file) as archive:
        yield from member(archive, archive.getinfo(name), limits)


def member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ReadLimits) -> Iterator[bytes]:
    """What its header promises is not believed: the bytes are counted as they come."""
    unpacked = 0
    try:
        with archive.open(entry) as opened:
            while piece := opened.read(PIECE):
                unpacked += len(piece)
                _demand_size(entry.compress_size + 1, unpacked, limits)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Cut("the zip archive is damaged here") from None
