"""Hard cuts: where one picture follows another that it has nothing to do with. Dissolves and fades are no hard cuts.

A cut stands out of the differences around it (as in PySceneDetect's AdaptiveDetector), and what is behind it stays: a flash goes back to
the picture before it. In a fast pan all differences are large, so none stands out. A decision is made `AHEAD_SECONDS` later.
"""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from gateways.media.seeing.frames import THUMB, Gray

# Mean difference of two thumbs, in steps of 255; how many times its neighbours; the share of it that must last.
_LEAST, _RATIO, _LASTING = 9.0, 2.3, 0.5
# Of pictures that differ so much, less of the histogram must change.
_LEAST_HISTOGRAM = 0.12
_NEAR, _CUTS_NEAR = 5, 2
AHEAD_SECONDS = 0.4
# Pictures kept, whatever a file says about its rate.
_MOST_KEPT = 64
_LUMA = THUMB[0] * THUMB[1]
_BINS = 24


@dataclass(frozen=True, slots=True)
class _Seen:
    at_seconds: float
    thumb: Gray
    histogram: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"
    difference: float


class CutFinder:
    """Give it every picture in order; it answers with cuts that lie a little back."""

    def __init__(self) -> None:
        self._kept: deque[_Seen] = deque(maxlen=_MOST_KEPT)
        self._next = 0

    def add(self, at_seconds: float, thumb: Gray) -> list[float]:
        before = self._kept[-1].thumb if self._kept else thumb
        if len(self._kept) == _MOST_KEPT:
            self._next = max(0, self._next - 1)
        self._kept.append(_Seen(at_seconds, thumb, _histogram(thumb), _apart(before, thumb)))
        return self._decided(at_seconds - AHEAD_SECONDS)

    def end(self) -> list[float]:
        """Decide about the last pictures."""
        return self._decided(float("inf"))

    def _decided(self, until: float) -> list[float]:
        found, most_waiting = [], _MOST_KEPT // 2
        while self._next < len(self._kept) and (self._kept[self._next].at_seconds <= until or len(self._kept) - self._next > most_waiting):
            if self._is_cut(self._next):
                found.append(self._kept[self._next].at_seconds)
            self._next += 1
        return found

    def _is_cut(self, at: int) -> bool:
        here = self._kept[at]
        if at == 0 or here.difference < _LEAST:
            return False
        # As many at the ends of the video, all of them on one side.
        first = max(1, min(at - _NEAR, len(self._kept) - 1 - 2 * _NEAR))
        around = [self._kept[each].difference for each in range(first, min(len(self._kept), first + 2 * _NEAR + 1)) if each != at]
        # Two of the neighbours may be cuts themselves; pictures that are shown twice make every other difference nothing.
        if len(around) > _CUTS_NEAR and here.difference < _RATIO * sorted(around)[-1 - _CUTS_NEAR]:
            return False
        before = self._kept[at - 1]
        if _histograms_apart(before, here) < _LEAST_HISTOGRAM and here.difference < 2 * _LEAST:
            return False
        return self._lasts(at)

    def _lasts(self, at: int) -> bool:
        """Neither does the picture go back to what was before it, nor was the one before it a short break in this one."""
        here, before = self._kept[at], self._kept[at - 1]
        least = _LASTING * here.difference
        later = [each for each in list(self._kept)[at + 1 :] if each.at_seconds <= here.at_seconds + AHEAD_SECONDS]
        earlier = [each for each in list(self._kept)[: at - 1] if each.at_seconds >= before.at_seconds - AHEAD_SECONDS]
        return all(_apart(before.thumb, each.thumb) >= least for each in later) and all(
            _apart(each.thumb, here.thumb) >= least for each in earlier
        )


def _apart(one: Gray, other: Gray) -> float:
    """Mean absolute difference; luma has most of the places."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size


def _histogram(thumb: Gray) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    counted = cv2.calcHist([thumb[:_LUMA]], [0], None, [_BINS], [0, 256])
    return np.asarray(counted / _LUMA, np.float32)


def _histograms_apart(one: _Seen, other: _Seen) -> float:
    """Half the L1 distance: 0 alike, 1 nothing in common."""
    return float(np.abs(one.histogram - other.histogram).sum()) / 2
