"""Measures of a picture: brightness, contrast, colour, faces, writing. Where pictures come from is in `gateways.thumbnails`.

What a picture says of its size is read before it is decoded, so that a small file cannot become a large one. Everything is measured on the
picture at 480 pixels' length: two sizes of one picture measure alike.

Faces: the Haar cascade for frontal faces that comes with OpenCV (Viola and Jones 2001). It misses faces in profile, turned, covered, very
small or cut off, misses darker faces in low contrast more often, and takes drawings and sometimes patterns for faces. A count is a hint.
Text: strokes that a morphological gradient shows, joined along a line; boxes of the shape of a line count. Approximate: fine regular
textures (fences, keyboards) look like writing; writing set upright, at an angle, or barely darker than its ground does not.
"""

import struct
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.errors import SourceRefused
from domain.pixels import Box, Pixels, as_bytes, brightness, colourfulness, contrast, edges_of, without_bars, written_share
from domain.thumbnails import Measures

if TYPE_CHECKING:
    import cv2

SOURCE = "thumbnail"
MOST_BYTES = 5_000_000
MOST_PIXELS, LONGEST_SIDE, LEAST_SIDE = 16_000_000, 8_000, 16
MEASURED_SIDE = 480
DIGITS = 6
# Gaps that are closed between the strokes of a line: small, larger and the largest writing.
_JOINTS = ((13, 3), (29, 7), (61, 13))
_OWN = threading.local()


def measure(content: bytes) -> Measures:
    """Raises SourceRefused for what is no whole JPEG, PNG or WebP within the limits, or for a picture without anything on it."""
    import cv2

    width, height = size_of(content)
    picture = without_bars(_scaled(_decoded(content, (width, height))))
    luma: Pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)  # type: ignore[assignment]
    shares = {
        "brightness": brightness(luma),
        "contrast": contrast(luma),
        "colourfulness": colourfulness(picture),
        "text_share": _text(luma),
    }
    return Measures(width=width, height=height, faces=_faces(luma), **{name: round(share, DIGITS) for name, share in shares.items()})


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height as the picture's head says. Raises SourceRefused where it is too large, too small or of another format."""
    if len(content) > MOST_BYTES:
        raise _refused(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        width, height = _size(content)
    except (struct.error, IndexError) as error:
        raise _refused("it ends too early") from error
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise _refused(f"it would be {width} x {height} pixels")
    if min(width, height) < LEAST_SIDE:
        raise _refused(f"with {width} x {height} pixels it shows nothing")
    return width, height


def _size(content: bytes) -> tuple[int, int]:
    """Also demands the end: of a file that was cut off, decoders make a picture whose rest is grey."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return _png_size(content)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        size = int.from_bytes(content[4:8], "little")
        return _webp_size(content) if size + 8 <= len(content) else _cut()
    return _unknown("it is neither JPEG, PNG nor WebP")


def _png_size(content: bytes) -> tuple[int, int]:
    """Of IHDR. Every chunk has to lie in the file: OpenCV sets memory aside for whatever length a chunk says it has."""
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", content[at : at + 8])
        at += 12 + length
        if at > len(content):
            return _cut()
        if name == b"acTL":
            return _unknown("it is animated")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Of the frame's header (ITU T.81, B.2.2); behind the scan's begins what ends with EOI, and nothing else there looks like EOI."""
    at, size = 2, None
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:
            is_whole = content.rfind(b"\xff\xd9") > at
            return (size or _unknown("it is a JPEG without a size")) if is_whole else _cut()
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            size = width, height
        at += 2 + length
    return _cut()


def _webp_size(content: bytes) -> tuple[int, int]:
    """By its first chunk (RFC 9649)."""
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return _unknown("it is a WebP of an unknown kind")


def _decoded(content: bytes, size: tuple[int, int]) -> Pixels:
    import cv2

    # As it lies: no platform turns its thumbnails by a tag.
    try:
        decoded = cv2.imdecode(as_bytes(content), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise _refused("it cannot be decoded") from error
    if decoded is None or decoded.shape[:2] != size[::-1]:
        raise _refused("it cannot be decoded")
    return decoded  # type: ignore[return-value]  # of bytes, as the flags say


def _scaled(picture: Pixels) -> Pixels:
    import cv2

    factor = MEASURED_SIDE / max(picture.shape[:2])
    height, width = (max(LEAST_SIDE, round(side * factor)) for side in picture.shape[:2])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, (width, height), interpolation=way)  # type: ignore[return-value]  # of bytes, as it was


def _faces(luma: Pixels) -> int:
    least = max(24, min(luma.shape) // 10)
    return len(_cascade().detectMultiScale(luma, scaleFactor=1.1, minNeighbors=8, minSize=(least, least)))


def _cascade() -> "cv2.CascadeClassifier":
    """One per thread: a classifier keeps its state while it looks."""
    if not hasattr(_OWN, "cascade"):
        import cv2

        # The package's folder of trained models; its stubs do not know it.
        folder: str = cv2.data.haarcascades  # type: ignore[attr-defined]
        _OWN.cascade = cv2.CascadeClassifier(folder + "haarcascade_frontalface_default.xml")
    cascade: cv2.CascadeClassifier = _OWN.cascade
    return cascade


def _text(luma: Pixels) -> float:
    import cv2

    gradient = cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    edges = edges_of(gradient)  # type: ignore[arg-type]  # of bytes, as luma is
    return written_share(edges, _boxes(edges))


def _boxes(edges: Pixels) -> Iterator[Box]:
    import cv2

    for joint in _JOINTS:
        joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, joint))
        _, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        # The first is the ground.
        yield from (tuple(map(int, box)) for box in boxes[1:])  # type: ignore[misc]  # five figures each


def _cut() -> tuple[int, int]:
    raise _refused("it ends too early")


def _unknown(why: str) -> tuple[int, int]:
    raise _refused(why)


def _refused(why: str) -> SourceRefused:
    return SourceRefused(SOURCE, why, category="parse_error")
