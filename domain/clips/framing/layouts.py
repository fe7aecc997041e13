"""Which layout a part of a shot gets, by who and what is in it, or by the user's word as far as the picture allows it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from domain.clips.analysis import Sample
from domain.clips.framing.sizes import Shapes
from domain.clips.framing.speaking import Turns, share_of
from domain.clips.framing.tracks import Track
from domain.clips.look import Layout

# Two people are split when both are seen in so many pictures and for so long.
_SPLIT_SAMPLES, _SPLIT_SECONDS = 5, 3.0
# Who has the word for so much of a part has the picture to himself.
_DOMINANT = 0.8
# Of the larger face's width, the least that a second person's has: smaller ones are of the crowd.
_SECOND = 0.5
# A speaker beside a screen: a small face in a corner that hardly moves, on a picture that is still and sharp.
_CORNER, _SMALL_FACE, _STILL_FACE = 0.3, 0.24, 0.05
_STILL_PICTURE, _SHARP = 0.006, 300.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of a part of a shot. `turns` counts `people`, who are sorted by how much of them is seen."""

    start_seconds: float
    end_seconds: float
    samples: Sequence[Sample]
    people: Sequence[Track]
    turns: Turns


def layout_of(scene: Scene, shapes: Shapes, wish: Layout | None) -> Layout:
    """The wish where the picture allows it (split needs two people, focus and screen one), else what fits best."""
    if wish is Layout.FIT or not scene.people:
        return Layout.FIT
    if wish is Layout.SPLIT:
        return Layout.SPLIT if len(scene.people) > 1 else Layout.FOCUS
    if wish is not None:
        return wish
    if shapes.is_same:
        return Layout.FIT
    if _is_screen(scene, shapes):
        return Layout.SCREEN
    return Layout.SPLIT if _is_split(scene, shapes) else Layout.FOCUS


def pair_of(scene: Scene) -> tuple[Track, Track] | None:
    """The two who are seen most, from left to right."""
    if len(scene.people) < 2:
        return None
    left, right = sorted(scene.people[:2], key=lambda each: each.middle[0])
    return left, right


def are_together(tracks: Sequence[Track], size: tuple[float, float]) -> bool:
    """Whether all of them fit into one window, with half a face of room at each side."""
    left = min(face.left - face.width / 2 for track in tracks for face in track.faces)
    right = max(face.left + face.width * 1.5 for track in tracks for face in track.faces)
    return right - left <= size[0]


def _is_split(scene: Scene, shapes: Shapes) -> bool:
    pair = pair_of(scene)
    if pair is None or min(pair[0].width, pair[1].width) < _SECOND * max(pair[0].width, pair[1].width):
        return False
    both = sorted(set(pair[0].times) & set(pair[1].times))
    if len(both) < _SPLIT_SAMPLES or both[-1] - both[0] <= _SPLIT_SECONDS or are_together(pair, shapes.focus(pair[0].height)):
        return False
    shares = [share_of(scene.turns, number, scene.start_seconds, scene.end_seconds) for number in (0, 1)]
    return max(shares) < _DOMINANT


def _is_screen(scene: Scene, shapes: Shapes) -> bool:
    speaker = scene.people[0]
    x, y = speaker.middle
    is_in_corner = min(x, 1 - x) <= _CORNER and min(y, 1 - y) <= _CORNER
    if len(scene.people) > 1 or not is_in_corner or speaker.height > _SMALL_FACE or speaker.spread > _STILL_FACE:
        return False
    if shapes.source[0] <= shapes.source[1] or not scene.samples:
        return False
    motion = statistics.median(each.motion for each in scene.samples)
    sharpness = statistics.median(each.sharpness for each in scene.samples)
    return motion <= _STILL_PICTURE and sharpness >= _SHARP
