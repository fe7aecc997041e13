"""Where faces are in the finished frame: what captions keep clear of, and what a layout promises to show."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.framing.sizes import Part, Shapes
from domain.clips.look import Layout
from domain.clips.pieces import Piece, Window
from domain.media import Obstacle

# Faces are joined over so many seconds: captions shall not hop.
_JOINED_SECONDS = 1.0
# Of a face that is cut off at a window's edge, the least that still counts.
_LEAST_SHOWN = 0.4
_FACES = {Layout.FOCUS: 1, Layout.SPLIT: 2, Layout.SCREEN: 1, Layout.FIT: 0}

Box = tuple[float, float, float, float]


def obstacles_of(pieces: Sequence[Piece], analysis: MediaAnalysis, size: tuple[int, int]) -> tuple[Obstacle, ...]:
    """Where faces are in a frame of `size` pixels, by the clip's own seconds; each for about a second, with all places of that second."""
    shapes = Shapes((analysis.width, analysis.height), size)
    found: list[Obstacle] = []
    passed = 0.0
    for piece in pieces:
        found += _of_piece(piece, analysis, shapes, passed)
        passed += piece.seconds
    return tuple(found)


def promised_faces(pieces: Sequence[Piece]) -> tuple[tuple[float, float, int], ...]:
    """Seconds of the clip (from, to) in which the layout shows so many faces, parts without one left out."""
    found, passed = [], 0.0
    for piece in pieces:
        if count := _FACES[piece.layout]:
            found.append((passed, passed + piece.seconds, count))
        passed += piece.seconds
    return tuple(found)


def _of_piece(piece: Piece, analysis: MediaAnalysis, shapes: Shapes, passed: float) -> Iterator[Obstacle]:
    samples = analysis.seen(piece.start_seconds, piece.end_seconds)
    count = max(1, round(piece.seconds / _JOINED_SECONDS))
    for number in range(count):
        start, end = (piece.seconds * each / count for each in (number, number + 1))
        about = [each for each in samples if start - 0.2 <= each.at_seconds - piece.start_seconds <= end + 0.2]
        for left, top, right, bottom in _joined(box for sample in about for box in _boxes(piece, sample, shapes)):
            yield Obstacle(
                start_seconds=passed + start, end_seconds=passed + end, left=left, top=top, right=right, bottom=bottom
            )  # fmt: skip


def _boxes(piece: Piece, sample: Sample, shapes: Shapes) -> Iterator[Box]:
    at = sample.at_seconds - piece.start_seconds
    whole = Window(width=1.0, height=1.0, path=())
    for window, part in zip(piece.windows or (whole,), shapes.parts(piece.layout, piece.windows), strict=True):
        corner = place_of(window, at)
        for face in sample.faces:
            if box := _in_frame(face, window, corner, part):
                yield box


def place_of(window: Window, at_seconds: float) -> tuple[float, float]:
    """A window's left upper corner, so many seconds after its piece began."""
    path = window.path
    if not path:
        return 0.0, 0.0
    for one, other in pairwise(path):
        if one.at_seconds <= at_seconds <= other.at_seconds and other.at_seconds > one.at_seconds:
            share = (at_seconds - one.at_seconds) / (other.at_seconds - one.at_seconds)
            return one.left + share * (other.left - one.left), one.top + share * (other.top - one.top)
    near = path[0] if at_seconds < path[0].at_seconds else path[-1]
    return near.left, near.top


def _in_frame(face: Face, window: Window, corner: tuple[float, float], part: Part) -> Box | None:
    left, right = ((each - corner[0]) / window.width for each in (face.left, face.left + face.width))
    top, bottom = ((each - corner[1]) / window.height for each in (face.top, face.top + face.height))
    inside = max(0.0, min(1.0, right) - max(0.0, left)) * max(0.0, min(1.0, bottom) - max(0.0, top))
    if inside < _LEAST_SHOWN * (right - left) * (bottom - top):
        return None
    across, down = (max(0.0, left), min(1.0, right)), (max(0.0, top), min(1.0, bottom))
    return (
        part.left + across[0] * part.width,
        part.top + down[0] * part.height,
        part.left + across[1] * part.width,
        part.top + down[1] * part.height,
    )


def _joined(boxes: Iterator[Box]) -> list[Box]:
    """Boxes that overlap become one around both."""
    found: list[Box] = []
    for box in boxes:
        grown = box
        while touching := [each for each in found if _touch(each, grown)]:
            found = [each for each in found if each not in touching]
            every = [grown, *touching]
            grown = (min(e[0] for e in every), min(e[1] for e in every), max(e[2] for e in every), max(e[3] for e in every))
        found.append(grown)
    return found


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
