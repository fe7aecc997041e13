"""What is measured of each picture, and of the five a second that are looked at closely."""

from collections.abc import Callable
from typing import Any

import av
import cv2
import numpy as np

from gateways.media.seeing.cascades import Box
from gateways.media.seeing.cuts import CutFinder
from gateways.media.seeing.faces import FaceFinder
from gateways.media.seeing.frames import Gray, Shape, look, planes, thumb

SAMPLES_PER_SECOND = 5.0
# A longer time without a picture is told.
_GAP_SECONDS = 1.0
_SHARPNESS_WIDTH = 320
# A picture that differs from the one before by so much (steps of 255) may be another shot: faces are looked for anew.
_NEW_SHOT = 9.0
_MOUTH_TOP, _MOUTH_BOTTOM, _MOUTH_SIDE = 0.62, 0.98, 0.2
_EYES_TOP, _EYES_BOTTOM = 0.12, 0.5
# Mean change of a mouth's pixels, in steps of 255 per picture, that counts as full motion.
_FULL_MOTION = 12.0


class Sampler:
    """Give it every picture of the video, in order."""

    def __init__(self, shape: Shape, *, starts_at: float, seconds: float, say: Callable[[dict[str, Any]], None]) -> None:
        self._shape, self._starts_at, self._seconds, self._say = shape, starts_at, seconds, say
        self._cuts, self._faces = CutFinder(), FaceFinder()
        self._before: tuple[Gray, Gray] | None = None
        # Changes from picture to picture since the last sample, summed up.
        self._changes = np.zeros(shape.look[::-1], np.float32)
        self._changed = 0
        self._next_sample, self._is_new_shot = 0.0, True
        self.last_seconds, self.pictures = 0.0, 0

    def add(self, frame: av.VideoFrame) -> None:
        at = self._place(frame)
        if at is None:
            return
        if at - self.last_seconds > _GAP_SECONDS:
            self._say({"u": [round(self.last_seconds, 3), round(at, 3)]})
        self.pictures += 1
        self.last_seconds = at
        luma, *chromas = planes(frame, self._shape)
        quick = look(luma, self._shape, is_fine=False)
        self._compare(at, quick, thumb(quick, (chromas[0], chromas[1])))
        if at >= self._next_sample - 1e-6:
            self._sample(at, look(luma, self._shape, is_fine=True))
            self._next_sample = max(self._next_sample + 1 / SAMPLES_PER_SECOND, at + 0.5 / SAMPLES_PER_SECOND)

    def end(self) -> None:
        """Tell what is still open; a video that breaks off has a part without a picture."""
        for cut in self._cuts.end():
            self._say({"c": round(cut, 3)})
        if self._seconds - self.last_seconds > _GAP_SECONDS:
            self._say({"u": [round(self.last_seconds, 3), round(self._seconds, 3)]})

    def _place(self, frame: av.VideoFrame) -> float | None:
        """Its time, if it is one that the video can have and later than the last."""
        if frame.pts is None:
            return None
        at = frame.time - self._starts_at
        is_later = at > self.last_seconds or not self.pictures
        return at if is_later and 0 <= at <= self._seconds + 1 else None

    def _compare(self, at: float, quick: Gray, tiny: Gray) -> None:
        if self._before is not None:
            cv2.accumulate(cv2.absdiff(quick, self._before[0]), self._changes)
            self._changed += 1
            if cv2.norm(tiny, self._before[1], cv2.NORM_L1) / tiny.size >= _NEW_SHOT:
                self._is_new_shot = True
        self._before = (quick, tiny)
        for cut in self._cuts.add(at, tiny):
            self._say({"c": round(cut, 3)})

    def _sample(self, at: float, fine: Gray) -> None:
        changes = self._changes / max(1, self._changed)
        height, width = fine.shape
        faces = [
            [*(round(each, 4) for each in _inside(box, width, height)), 0.0 if self._is_new_shot else _mouth_motion(changes, box)]
            for box in self._faces.find(fine, is_new_shot=self._is_new_shot)
        ]
        motion = 0.0 if not self._changed else float(changes.mean()) / 255
        self._say({"s": [round(at, 3), round(_sharpness(fine), 1), round(float(fine.mean()) / 255, 4), round(motion, 4), faces]})
        self._changes[:] = 0
        self._changed, self._is_new_shot = 0, False


def _inside(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Shares of the picture, cut off at its edges."""
    left, top = max(0.0, box[0] / width), max(0.0, box[1] / height)
    right, bottom = min(1.0, (box[0] + box[2]) / width), min(1.0, (box[1] + box[3]) / height)
    return left, top, right - left, bottom - top


def _sharpness(fine: Gray) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000) at one width, so that sizes can be compared."""
    height = max(1, round(fine.shape[0] * _SHARPNESS_WIDTH / fine.shape[1]))
    small = cv2.resize(fine, (_SHARPNESS_WIDTH, height), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(small, cv2.CV_32F).var())


def _mouth_motion(changes: "np.ndarray[Any, np.dtype[np.floating[Any]]]", box: Box) -> float:
    """How much more the mouth changed than the eyes of the same head: the head's own motion changes both."""
    left, top, width, height = box
    columns = slice(max(0, int(left + width * _MOUTH_SIDE)), int(left + width * (1 - _MOUTH_SIDE)) + 1)
    mouth = changes[max(0, int(top + height * _MOUTH_TOP)) : int(top + height * _MOUTH_BOTTOM) + 1, columns]
    eyes = changes[max(0, int(top + height * _EYES_TOP)) : int(top + height * _EYES_BOTTOM) + 1, columns]
    if not mouth.size or not eyes.size:
        return 0.0
    return round(min(1.0, max(0.0, float(mouth.mean() - eyes.mean()) / _FULL_MOTION)), 3)
