"""Faces of single pictures become tracks: one person through one shot. Who of them speaks is in `speaking`."""

import statistics
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.clips.analysis import Face, Sample

# A face that was not seen for longer is another track.
BRIDGED_SECONDS = 1.6
# How far a middle may move from picture to picture, in widths of the face, and how much larger or smaller it may get.
_MOST_WIDTHS, _MOST_GROWTH = 2.5, 1.7
# A face that was away for longer may have gone farther.
_PATIENT_SECONDS = 0.8
# Cascades see faces in cloth and clouds for a moment; a person stays for a quarter of the shot, or for three seconds of a long one.
_LEAST_SHARE, _ENOUGH_SAMPLES = 0.25, 15


@dataclass(frozen=True)
class Track:
    """One face through a shot: when it was seen (seconds of the video) and where."""

    times: tuple[float, ...]
    faces: tuple[Face, ...]

    @cached_property
    def width(self) -> float:
        """Middle width, a share of the picture."""
        return statistics.median(face.width for face in self.faces)

    @cached_property
    def height(self) -> float:
        return statistics.median(face.height for face in self.faces)

    @cached_property
    def middle(self) -> tuple[float, float]:
        return statistics.median(face.middle[0] for face in self.faces), statistics.median(face.middle[1] for face in self.faces)

    @property
    def spread(self) -> float:
        """How far it moves across, a share of the picture."""
        places = [face.middle[0] for face in self.faces]
        return max(places) - min(places)

    def at(self, seconds: float) -> tuple[float, float]:
        """Its middle, between two sightings on a straight line; before the first and after the last where it then was."""
        right = bisect_left(self.times, seconds)
        if right == 0:
            return self.faces[0].middle
        if right == len(self.times):
            return self.faces[-1].middle
        start, end = self.times[right - 1], self.times[right]
        share = (seconds - start) / (end - start)
        (x, y), (next_x, next_y) = self.faces[right - 1].middle, self.faces[right].middle
        return x + share * (next_x - x), y + share * (next_y - y)

    def is_there(self, seconds: float) -> bool:
        """Whether it was seen about then."""
        at = bisect_left(self.times, seconds)
        return any(abs(time - seconds) <= BRIDGED_SECONDS / 2 for time in self.times[max(0, at - 1) : at + 1])


def tracks_of(samples: Sequence[Sample]) -> list[Track]:
    """The tracks of one shot's pictures, those that were seen longest and largest first."""
    open_tracks: list[list[tuple[float, Face]]] = []
    for sample in samples:
        belonging = _belonging(open_tracks, sample)
        for number, face in enumerate(sample.faces):
            if number not in belonging:
                belonging[number] = len(open_tracks)
                open_tracks.append([])
            open_tracks[belonging[number]].append((sample.at_seconds, face))
    least = min(_ENOUGH_SAMPLES, max(1, round(len(samples) * _LEAST_SHARE)))
    found = [Track(tuple(at for at, _ in each), tuple(face for _, face in each)) for each in open_tracks if len(each) >= least]
    return sorted(found, key=lambda each: -len(each.times) * each.width)


def _belonging(open_tracks: Sequence[Sequence[tuple[float, Face]]], sample: Sample) -> dict[int, int]:
    """Which face of a picture goes on with which track: the nearest first, each once."""
    distances = sorted(
        (_distance(track[-1][1], face, sample.at_seconds - track[-1][0]), number, which)
        for number, face in enumerate(sample.faces)
        for which, track in enumerate(open_tracks)
        if sample.at_seconds - track[-1][0] <= BRIDGED_SECONDS
    )
    found: dict[int, int] = {}
    for distance, number, which in distances:
        if distance <= 1 and number not in found and which not in found.values():
            found[number] = which
    return found


def _distance(before: Face, face: Face, seconds: float) -> float:
    """1 is as far as the same face can be."""
    growth = max(face.width, before.width) / max(1e-6, min(face.width, before.width))
    if growth > _MOST_GROWTH:
        return float("inf")
    (x, y), (old_x, old_y) = face.middle, before.middle
    room = _MOST_WIDTHS * max(face.width, before.width), _MOST_WIDTHS * max(face.height, before.height)
    patience = max(1.0, seconds / _PATIENT_SECONDS)
    return max(abs(x - old_x) / room[0], abs(y - old_y) / room[1]) / patience
