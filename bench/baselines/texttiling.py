"""TextTiling on sentence vectors (Hearst 1997; on embeddings Solbiati et al. 2021, arXiv 2106.12978), as the clip finder ClipsAI uses it.

The cosine between the means of `window` sentences before and after each gap, smoothed over three, then depth scores; a gap is a boundary
where its depth is a local maximum above mean plus one standard deviation. ClipsAI runs it with windows of 5 and 7, 11 and 17, 37 to 97.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINDOWS = (7, 17, 37)
SMOOTHING = 3


def boundaries(vectors: Floats, window: int) -> list[int]:
    """The first sentence of each segment but the first."""
    scores = np.array([_cosine(vectors[max(0, gap - window) : gap], vectors[gap : gap + window]) for gap in range(1, len(vectors))])
    if len(scores) < SMOOTHING:
        return []
    side = SMOOTHING // 2
    smooth = np.convolve(np.pad(scores, side, mode="edge"), np.ones(SMOOTHING) / SMOOTHING, "valid")
    depths = np.array([_depth(smooth, place) for place in range(len(smooth))])
    least = depths.mean() + depths.std()
    padded = np.pad(depths, 1, constant_values=-np.inf)
    peaks = (depths > least) & (depths >= padded[:-2]) & (depths > padded[2:])
    return [int(place) + 1 for place in np.flatnonzero(peaks)]


def _cosine(before: Floats, after: Floats) -> float:
    one, other = before.mean(axis=0), after.mean(axis=0)
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0


def _depth(scores: Floats, place: int) -> float:
    """How far the scores climb from here to the next peak on either side."""
    left = right = place
    while left > 0 and scores[left - 1] >= scores[left]:
        left -= 1
    while right < len(scores) - 1 and scores[right + 1] >= scores[right]:
        right += 1
    return float(scores[left] + scores[right] - 2 * scores[place])
