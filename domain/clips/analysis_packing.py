"""What was seen of a video as compact bytes for the store: columns of whole numbers, deflated. An hour takes some hundred kilobytes.

Times are kept to a millisecond, shares to 1/10,000, mouth motion to 1/1,000, sharpness to 0.1, levels to 0.1 dB: what a look gives.
"""

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from domain.clips.analysis import Face, MediaAnalysis, Sample

_LENGTH = struct.Struct("<I")
_SHARE, _MOUTH, _SHARPNESS, _LEVEL, _MILLISECOND = 10_000, 1_000, 10, 10, 1_000
# Larger than any honest four hours.
_MOST_BYTES = 200_000_000
_FACE_FIELDS, _SAMPLE_FIELDS = 5, 5


def pack(analysis: MediaAnalysis) -> bytes:
    """The same analysis gives the same bytes on one version of zlib."""
    head = {
        "version": analysis.version,
        "width": analysis.width,
        "height": analysis.height,
        "seconds": analysis.seconds,
        "has_faces_known": analysis.has_faces_known,
        "cuts": analysis.cuts,
        "unseen": analysis.unseen,
        "samples": len(analysis.samples),
        "faces": sum(len(each.faces) for each in analysis.samples),
    }
    told = json.dumps(head).encode()
    columns = [*zip(*map(_sample_row, analysis.samples), strict=True)] or [()] * _SAMPLE_FIELDS
    columns[0] = tuple(later - earlier for earlier, later in pairwise(chain([0], columns[0])))
    faces = [*zip(*(_face_row(face) for each in analysis.samples for face in each.faces), strict=True)] or [()] * _FACE_FIELDS
    levels = [round(each * _LEVEL) for each in analysis.levels_db]
    return zlib.compress(_LENGTH.pack(len(told)) + told + b"".join(map(_numbers, [*columns, *faces, levels])), 6)


def unpack(packed: bytes) -> MediaAnalysis:
    """What `pack` made. Raises ValueError where the bytes are something else."""
    content = _inflated(packed)
    begins = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    head = json.loads(content[_LENGTH.size : begins])
    numbers = array("i", content[begins:])
    if sys.byteorder == "big":
        numbers.byteswap()
    samples, faces = head.pop("samples"), head.pop("faces")
    rows = _rows(numbers[: samples * _SAMPLE_FIELDS], samples)
    of_faces = _rows(numbers[samples * _SAMPLE_FIELDS :][: faces * _FACE_FIELDS], faces)
    levels = numbers[samples * _SAMPLE_FIELDS + faces * _FACE_FIELDS :]
    return MediaAnalysis(
        **{**head, "cuts": tuple(head["cuts"]), "unseen": tuple((start, end) for start, end in head["unseen"])},
        samples=tuple(_samples(rows, of_faces)),
        levels_db=tuple(each / _LEVEL for each in levels),
    )


def _inflated(packed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError("these bytes are no packed analysis") from error
    if not inflater.eof or len(content) < _LENGTH.size:
        raise ValueError("these bytes are no packed analysis")
    return content


def _sample_row(sample: Sample) -> tuple[int, ...]:
    return (
        round(sample.at_seconds * _MILLISECOND),
        round(sample.sharpness * _SHARPNESS),
        round(sample.brightness * _SHARE),
        round(sample.motion * _SHARE),
        len(sample.faces),
    )


def _face_row(face: Face) -> tuple[int, ...]:
    places = (round(each * _SHARE) for each in (face.left, face.top, face.width, face.height))
    return *places, round(face.mouth_motion * _MOUTH)


def _numbers(column: Iterable[int]) -> bytes:
    numbers = array("i", column)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _rows(numbers: "array[int]", count: int) -> Iterator[tuple[int, ...]]:
    """Columns one after the other, back as rows."""
    columns = [numbers[at : at + count] for at in range(0, len(numbers), count or 1)]
    return zip(*columns, strict=True)


def _samples(rows: Iterator[tuple[int, ...]], faces: Iterator[tuple[int, ...]]) -> Iterator[Sample]:
    at = 0
    for step, sharpness, brightness, motion, count in rows:
        at += step
        yield Sample(
            at_seconds=at / _MILLISECOND,
            faces=tuple(_face(next(faces)) for _ in range(count)),
            sharpness=sharpness / _SHARPNESS,
            brightness=brightness / _SHARE,
            motion=motion / _SHARE,
        )


def _face(row: tuple[int, ...]) -> Face:
    left, top, width, height = (each / _SHARE for each in row[:4])
    return Face(left=left, top=top, width=width, height=height, mouth_motion=row[4] / _MOUTH)
