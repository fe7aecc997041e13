"""Faces in gray pictures, by OpenCV's cascades (Viola and Jones 2001; Lienhart and Maydt 2002): proposed by one, confirmed by others.

A search of a whole picture costs as much as decoding thirty, so it is done after a cut and once in a while; in between, faces are
looked for where they were. Who a face belongs to over time is decided in `domain.clips`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gateways.media.seeing.cascades import Box, detected, distance, overlap, profiles, scaled
from gateways.media.seeing.frames import Gray

MOST_FACES = 8
_LEAST_PIXELS, _SMALL_PIXELS = 18, 40
# Pictures between two searches of the whole: for large faces, and for all sizes and turned heads; twice as many where a face is known.
_LARGE_EVERY, _ALL_EVERY = 5, 10
# How much larger than a face the place is where it is looked for again, and the size that a face gets there.
_AROUND, _NORMAL = 3.0, 40
# How far it may be from where it was going to, in widths of the face; of one that was there a moment ago, a wider place is tried next.
_MOST_WIDTHS = 1.2
_FAR_AROUND, _FAR_WIDTHS = 5.6, 2.5
_LOST_AFTER = 8
_ALIKE = 0.72
_SAME = 0.3
# A picture that changed by less than so many steps of 255 on average is not searched again.
_STILL = 0.4


@dataclass(frozen=True, slots=True)
class _Known:
    """A face that is followed: its box, how it looked when it was last found, how many pictures ago that was, its pixels per picture."""

    box: Box
    patch: Gray
    missed: int = 0
    speed: tuple[float, float] = (0.0, 0.0)

    @property
    def expected(self) -> Box:
        return self.box[0] + self.speed[0], self.box[1] + self.speed[1], *self.box[2:]

    def moved(self, box: Box, patch: Gray) -> "_Known":
        return _Known(box, patch, speed=(box[0] - self.box[0], box[1] - self.box[1]))


class FaceFinder:
    """Give it every looked-at picture in order."""

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._looks = 0
        self._searched: Gray | None = None

    def find(self, look: Gray, *, is_new_shot: bool) -> list[Box]:
        """The faces of a picture, largest first."""
        if is_new_shot:
            self._known, self._looks, self._searched = [], 0, None
        before = len(self._known)
        self._known = [again for each in self._known if (again := _again(look, each))]
        is_lost = len(self._known) < before
        if self._is_due(look) or is_lost:
            proposed = _proposed(look, is_wide=is_lost or self._looks % (_ALL_EVERY * self._patience) == 0, is_empty=not self._known)
            new = [box for box in proposed if _is_confirmed(look, box)]
            self._known += [_Known(box, _cut_out(look, box)) for box in new]
        self._looks += 1
        self._known = _distinct(self._known)
        return [each.box for each in self._known]

    @property
    def _patience(self) -> int:
        return 2 if self._known else 1

    def _is_due(self, look: Gray) -> bool:
        if self._looks % (_LARGE_EVERY * self._patience):
            return False
        tiny = np.asarray(cv2.resize(look, (80, 45), interpolation=cv2.INTER_AREA), np.uint8)
        before = self._searched
        if self._looks % (_ALL_EVERY * self._patience) == 0:
            self._searched = tiny
        return before is None or cv2.norm(tiny, before, cv2.NORM_L1) / tiny.size >= _STILL


def _proposed(look: Gray, *, is_wide: bool, is_empty: bool) -> list[Box]:
    """Large faces in half the size; small ones, and heads in profile where no face is known, only in a wide search."""
    half = np.asarray(cv2.resize(look, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    found = [scaled(each, 2.0) for each in detected("frontalface_alt2", half, step=1.12, votes=2, least=_SMALL_PIXELS // 2 - 1)]
    if is_wide:
        found += detected("frontalface_alt2", look, step=1.15, votes=2, least=_LEAST_PIXELS, most=_SMALL_PIXELS + 4)
        if is_empty and not found:
            found += [scaled(each, 2.0) for each in profiles(half, step=1.2, votes=4, least=24)]
    return found


def _is_confirmed(look: Gray, box: Box) -> bool:
    """A second cascade agrees about the place and the size, or that of profiles does so many times over.

    Measured at so many votes: real faces had 28 and more (19 in profile), a wrong proposal that lasted for seconds 0 (5 in profile).
    """
    place, scale, corner = _around(look, box)
    least, most = round(_NORMAL * 0.7), round(_NORMAL * 1.45)
    seen = [
        *detected("frontalface_alt", place, step=1.05, votes=4, least=least, most=most),
        *profiles(place, step=1.05, votes=9, least=least, most=most),
    ]
    return any(overlap(_placed(each, scale, corner), box) >= _SAME for each in seen)


def _again(look: Gray, known: _Known) -> _Known | None:
    """The same face in the next picture: detected near where it was, or at least a place that looks like it."""
    least, most = round(_NORMAL * 0.75), round(_NORMAL * 1.35)
    searches = [("frontalface_alt2", _AROUND, _MOST_WIDTHS), ("frontalface_alt", _AROUND, _MOST_WIDTHS)]
    for name, around, widths in [*searches, ("frontalface_alt2", _FAR_AROUND, _FAR_WIDTHS)] if not known.missed else searches:
        place, scale, corner = _around(look, known.expected, around)
        boxes = [_placed(each, scale, corner) for each in detected(name, place, step=1.08, votes=2, least=least, most=most)]
        if near := [each for each in boxes if distance(each, known.expected) <= widths]:
            box = min(near, key=lambda each: distance(each, known.expected))
            return known.moved(box, _cut_out(look, box))
    return _alike(look, known)


def _alike(look: Gray, known: _Known) -> _Known | None:
    if known.missed >= _LOST_AFTER:
        return None
    place, scale, corner = _around(look, known.expected)
    if place.shape[0] < known.patch.shape[0] or place.shape[1] < known.patch.shape[1]:
        return None
    _, alike, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(place, known.patch, cv2.TM_CCOEFF_NORMED))
    if alike < _ALIKE:
        return None
    left, top, _, _ = _placed((x, y, 0, 0), scale, corner)
    speed = left - known.box[0], top - known.box[1]
    return replace(known, box=(left, top, *known.box[2:]), missed=known.missed + 1, speed=speed)


def _around(look: Gray, box: Box, around: float = _AROUND) -> tuple[Gray, float, tuple[int, int]]:
    """What lies around a box, with the face of one size; how much it was scaled, and where its corner was."""
    high, wide = look.shape
    width, height = box[2:]
    left, top = max(0.0, min(box[0], wide - width)), max(0.0, min(box[1], high - height))
    x, y = int(max(0, left - width * (around - 1) / 2)), int(max(0, top - height * (around - 1) / 2))
    right, bottom = int(min(wide, left + width * (around + 1) / 2)), int(min(high, top + height * (around + 1) / 2))
    scale = _NORMAL / width
    size = max(1, round((right - x) * scale)), max(1, round((bottom - y) * scale))
    place = cv2.resize(look[y:bottom, x:right], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(place, np.uint8), scale, (x, y)


def _cut_out(look: Gray, box: Box) -> Gray:
    left, top, width, height = (round(each) for each in box)
    inside = look[max(0, top) : top + height, max(0, left) : left + width]
    return np.asarray(cv2.resize(inside, (_NORMAL, _NORMAL), interpolation=cv2.INTER_AREA), np.uint8)


def _placed(box: Iterable[float], scale: float, corner: tuple[int, int]) -> Box:
    left, top, width, height = box
    return left / scale + corner[0], top / scale + corner[1], width / scale, height / scale


def _distinct(known: list[_Known]) -> list[_Known]:
    """One box per face: of two that overlap, the one that was found more recently, then the larger."""
    kept: list[_Known] = []
    for each in sorted(known, key=lambda one: (one.missed, -one.box[2])):
        if all(overlap(each.box, other.box) < _SAME for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: -one.box[2])[:MOST_FACES]
