"""Figures of pixels: light, colour, bars, what of edges looks like a line of writing. Decoding, scaling and finding is `gateways.images`.

Pictures are arrays of bytes, height x width x (blue, green, red); luma is height x width, 0 black to 255 white.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
# Luma below which a row is black; of a 4:3 picture that holds a 16:9 one, an eighth above and below.
_BLACK, _BAR = 20, 0.125
# A flat picture has no edges: its noise is not taken for strokes.
LEAST_STROKE = 60
LOWEST_LINE, HIGHEST_LINE = 8, 160

# x, y, width, height, and how many pixels of it are filled.
Box = tuple[int, int, int, int, int]


def as_bytes(content: bytes) -> Pixels:
    """A file's bytes as an array of one row."""
    return np.frombuffer(content, np.uint8)


def brightness(luma: Pixels) -> float:
    """Mean luma, 0 to 1."""
    return float(luma.mean()) / 255


def contrast(luma: Pixels) -> float:
    """Standard deviation of luma, over that of a picture half black and half white: 0 to 1."""
    return float(luma.std()) / 127.5


def colourfulness(picture: Pixels) -> float:
    """Hasler and Suesstrunk, Measuring colourfulness in natural images (2003), over 100: 0 for grey, about 1 for very colourful."""
    blue, green, red = (picture[:, :, channel].astype(np.float64) for channel in range(3))
    first, second = red - green, (red + green) / 2 - blue
    spread, mean = np.hypot(first.std(), second.std()), np.hypot(first.mean(), second.mean())
    return float(spread + 0.3 * mean) / 100


def without_bars(picture: Pixels) -> Pixels:
    """YouTube's 4:3 sizes hold a 16:9 picture between black bars, which are no part of it."""
    height, width = picture.shape[:2]
    bar = round(height * _BAR)
    edges = (picture[: bar - 1], picture[height - bar + 1 :])
    is_barred = abs(width / height - 4 / 3) < 0.02 and all(edge.max() < _BLACK for edge in edges)
    return picture[bar : height - bar] if is_barred else picture


def edges_of(gradient: Pixels) -> Pixels:
    """Where a morphological gradient of luma is steep for this picture: 255, elsewhere 0."""
    steep = gradient >= max(LEAST_STROKE, float(gradient.mean() + gradient.std()))
    return np.where(steep, 255, 0).astype(np.uint8)


def written_share(edges: Pixels, boxes: Iterable[Box]) -> float:
    """Share of the area that lies in boxes of joined edges that look like lines of writing."""
    covered = np.zeros(edges.shape, dtype=bool)
    for x, y, width, height, filled in boxes:
        part = slice(y, y + height), slice(x, x + width)
        if _is_line(edges[part] > 0, filled):
            covered[part] = True
    return float(covered.mean())


def _is_line(edges: npt.NDArray[np.bool_], filled: int) -> bool:
    """A line of writing is longer than high, filled by its strokes, and its strokes turn often from side to side."""
    height, width = map(int, edges.shape)
    if not LOWEST_LINE <= height <= HIGHEST_LINE or width < 1.5 * height or filled < 0.45 * width * height:
        return False
    turns = np.abs(np.diff(edges.astype(np.int8), axis=1)).sum(axis=1)
    return float(np.median(turns)) >= 8 + 2 * width / height
