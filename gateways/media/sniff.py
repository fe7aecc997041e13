"""Which container a media file is, told by our own look at its first bytes. What is in it is probed in `gateways.media.probe`.

ffmpeg would guess among some 300 formats, playlists that fetch other files among them. We accept two families and force the one we saw.
"""

from collections.abc import Iterator
from typing import BinaryIO

from domain.errors import FieldProblem, Unacceptable
from domain.media import Container

_EBML_BYTES = 4096
_BOXES = 16
_LONGEST = 2**63
_ACCEPTED = "send MP4, MOV, M4V, WebM or Matroska (MKV)"
# ISO base media (ISO/IEC 14496-12) and QuickTime: boxes that may stand first. Old QuickTime files have no `ftyp`.
_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"styp", b"moof", b"sidx", b"junk", b"PICT"}
_TELLING = {b"ftyp", b"moov", b"mdat", b"moof", b"styp"}
# Pictures and sound in the same box format.
_STILLS = {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"jp2 ", b"jpx ", b"crx "}
_EBML = b"\x1a\x45\xdf\xa3"
_DOC_TYPE = b"\x42\x82"
_DOC_TYPES = {b"matroska", b"webm"}
# The second byte of a frame of MPEG 1 or 2, layer 3.
_MP3_FRAMES = {b"\xfb", b"\xfa", b"\xf3", b"\xf2"}
# What people send most often instead, by how it begins.
_OTHERS = (
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a list of files"),
    (b"<?xml", "an XML document"),
    (b"<MPD", "a streaming manifest"),
    (b"[Script Info]", "a subtitle file"),
    (b"WEBVTT", "a caption file"),
    (b"RIFF", "AVI, WAV or WebP"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"FLV", "Flash video"),
    (b"%PDF", "a PDF"),
)


def sniff(file: BinaryIO) -> Container:
    """Look at the file's first bytes. Raises Unacceptable, naming what is accepted."""
    head = file.read(_EBML_BYTES)
    if not head:
        raise refused("the file is empty", _ACCEPTED)
    if head.startswith(_EBML):
        return _ebml(head)
    if _is_box_file(file):
        return Container.MOV
    found = next((name for mark, name in _OTHERS if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark)), "no video that we know")
    raise refused(f"the file is {found}", _ACCEPTED)


def sniff_sound(file: BinaryIO) -> Container:
    """The same for a file of which only the sound is wanted: MP3 and WAV are taken as well."""
    head = file.read(12)
    file.seek(0)
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] in _MP3_FRAMES):
        return Container.MP3
    if head.startswith(b"RIFF") and head[8:] == b"WAVE":
        return Container.WAV
    return sniff(file)


def refused(detail: str, advice: str) -> Unacceptable:
    """A media file that we do not take, and what to send instead."""
    return Unacceptable(f"the media file cannot be accepted: {detail}", (FieldProblem("file", f"{detail}: {advice}"),))


def _is_box_file(file: BinaryIO) -> bool:
    for name, brand in _boxes(file):
        if name == b"ftyp" and brand in _STILLS:
            raise refused("the file is a picture", _ACCEPTED)
        if name in _TELLING or name not in _FIRST_BOXES:
            return name in _TELLING
    return False


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Names of the first boxes, each with the first four bytes of its content."""
    at = 0
    for _ in range(_BOXES):
        file.seek(at)
        head = file.read(20)
        size, begins = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, begins = int.from_bytes(head[8:16], "big"), 16
        if len(head) < begins or 0 < size < begins:
            return
        yield head[4:8], head[begins : begins + 4]
        at += size
        # 0: it goes on to the end of the file. A size beyond what a file can have is a lie.
        if not size or at >= _LONGEST:
            return


def _ebml(head: bytes) -> Container:
    at, ends = _number(head, len(_EBML))
    doc_type = _element(head[at : at + ends], _DOC_TYPE)
    if doc_type.rstrip(b"\0") not in _DOC_TYPES:
        raise refused("the file is EBML, but neither Matroska nor WebM", _ACCEPTED)
    return Container.MATROSKA


def _element(header: bytes, wanted: bytes) -> bytes:
    """The content of one element of the EBML header; empty where it has none."""
    at = 0
    while at < len(header):
        width = 9 - header[at].bit_length()  # the leading zeros say how long the name is
        name, (begins, size) = header[at : at + width], _number(header, at + width)
        if name == wanted:
            return header[begins : begins + size]
        at = begins + size
    return b""


def _number(head: bytes, at: int) -> tuple[int, int]:
    """Where the content behind a size begins, and the size: a number whose leading zeros say how long it is (RFC 8794)."""
    if at >= len(head) or head[at] == 0:
        return len(head), 0
    width = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + width], "big")
    return at + width, value & ((1 << 7 * width) - 1)
