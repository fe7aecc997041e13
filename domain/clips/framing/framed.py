"""A clip's parts of the source become pieces: cut at shots and at the user's overrides, each with a layout and windows that follow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.clips.analysis import MediaAnalysis
from domain.clips.framing.layouts import Scene, are_together, layout_of, pair_of
from domain.clips.framing.paths import Way, followed, points
from domain.clips.framing.sizes import Shapes
from domain.clips.framing.speaking import turns_of
from domain.clips.framing.tracks import Track, tracks_of
from domain.clips.look import Layout, Look, Override
from domain.clips.pieces import Piece, Window

# Where a face's middle shall be, from the window's upper edge on: eyes near the upper third.
_HEADROOM = 0.42
_SPEAKER_HEADROOM = 0.48
_SHORTEST_SECONDS = 0.001

Span = tuple[float, float]
Follows = Callable[[float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Moving:
    """A window of one size, and its two ways."""

    width: float
    height: float
    across: Way
    down: Way

    def during(self, start: float, end: float) -> Window:
        return Window(width=self.width, height=self.height, path=points(self.across, self.down, start, end))


# A part of the source, its layout and its windows.
Arranged = tuple[Span, Layout, Sequence[_Moving]]


def frame_clip(analysis: MediaAnalysis, spans: Sequence[Span], look: Look) -> tuple[Piece, ...]:
    """Pieces for the parts of the source that a clip shows (seconds, in order, apart from each other).

    A window's path jumps only between pieces, and there only at a cut of the source, at an edge of an override, where a part was left
    out, or where another person takes the word who does not fit into the window. What is unknown is shown whole (`fit`).
    """
    if not spans:
        return ()
    start, end = spans[0][0], spans[-1][1]
    edges = sorted({each for one in look.overrides for each in (one.start_seconds, one.end_seconds) if start < each < end})
    shapes = Shapes((analysis.width, analysis.height), look.size)
    found: list[Piece] = []
    for shot in analysis.shots(start, end):
        inside = [shot.start_seconds, *(each for each in edges if shot.start_seconds < each < shot.end_seconds), shot.end_seconds]
        for first, last in pairwise(inside):
            shown = [(max(first, one), min(last, other)) for one, other in spans if min(last, other) - max(first, one) > _SHORTEST_SECONDS]
            if shown:
                found += _pieces(analysis, (shown[0][0], shown[-1][1]), shown, look, shapes)
    return tuple(found)


def _pieces(analysis: MediaAnalysis, part: Span, shown: Sequence[Span], look: Look, shapes: Shapes) -> Iterator[Piece]:
    override = next((each for each in reversed(look.overrides) if each.start_seconds <= part[0] and part[1] <= each.end_seconds), None)
    arranged = list(_arranged(_scene(analysis, part), shapes, look, override))
    for start, end in shown:
        for (first, last), layout, windows in arranged:
            one, other = max(start, first), min(end, last)
            if other - one > _SHORTEST_SECONDS:
                inside = tuple(each.during(one, other) for each in windows)
                yield Piece(start_seconds=one, end_seconds=other, layout=layout, windows=inside)


def _scene(analysis: MediaAnalysis, part: Span) -> Scene:
    samples = analysis.seen(*part)
    people = tracks_of(samples)
    return Scene(part[0], part[1], samples, people, turns_of(people, analysis, *part))


def _arranged(scene: Scene, shapes: Shapes, look: Look, override: Override | None) -> Iterator[Arranged]:
    wish = override.layout if override and override.layout else look.layout
    whole = scene.start_seconds, scene.end_seconds
    is_placed = override is not None and (override.x is not None or override.y is not None)
    layout = layout_of(scene, shapes, wish)
    if override is not None and is_placed and wish in (None, Layout.FOCUS):
        yield whole, Layout.FOCUS, [_placed(scene, shapes, override)]
    elif layout is Layout.SPLIT and (pair := pair_of(scene)):
        yield whole, layout, [_person(scene, each, shapes.half(each.height), _HEADROOM) for each in pair]
    elif layout is Layout.SCREEN:
        speaker = scene.people[0]
        yield whole, layout, [_still(scene, 1.0, 1.0), _person(scene, speaker, shapes.speaker(speaker.height), _SPEAKER_HEADROOM)]
    elif layout is Layout.FIT:
        yield whole, layout, []
    else:
        yield from _focus(scene, shapes)


def _focus(scene: Scene, shapes: Shapes) -> Iterator[Arranged]:
    """On all who matter where they fit together, else on who speaks (cut from one to the other), else on who is seen most."""
    main = scene.people[0]
    size = shapes.focus(main.height)
    group = [each for each in scene.people if each.width >= main.width / 2]
    if are_together(group, size):
        everybody = _moving(scene, size, lambda at: _middle([each.at(at) for each in group if each.is_there(at)] or [main.at(at)]))
        yield (scene.start_seconds, scene.end_seconds), Layout.FOCUS, [everybody]
        return
    edges = [*(at for at, _ in scene.turns), scene.end_seconds] if scene.turns else [scene.start_seconds, scene.end_seconds]
    speakers = [scene.people[number] for _, number in scene.turns] or [main]
    for (start, end), speaker in zip(pairwise(edges), speakers, strict=True):
        turn = replace(scene, start_seconds=start, end_seconds=end)
        yield (start, end), Layout.FOCUS, [_moving(turn, size, _presence(scene.people, speaker))]


def _presence(people: Sequence[Track], wanted: Track) -> Follows:
    return lambda at: _present(people, wanted, at).at(at)


def _present(people: Sequence[Track], wanted: Track, at: float) -> Track:
    """Who is wanted, or, once he has gone, somebody who is there."""
    if wanted.is_there(at):
        return wanted
    return next((each for each in people if each.is_there(at)), _nearest_in_time(people, at))


def _nearest_in_time(people: Sequence[Track], at: float) -> Track:
    return min(people, key=lambda each: max(each.times[0] - at, at - each.times[-1], 0.0))


def _middle(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    xs, ys = [x for x, _ in places], [y for _, y in places]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _person(scene: Scene, person: Track, size: tuple[float, float], headroom: float) -> _Moving:
    return _moving(scene, size, person.at, headroom)


def _moving(scene: Scene, size: tuple[float, float], place: Follows, headroom: float = _HEADROOM) -> _Moving:
    part = scene.start_seconds, scene.end_seconds
    across = followed(lambda at: place(at)[0], *part, size[0])
    down = followed(lambda at: place(at)[1], *part, size[1], anchor=headroom)
    return _Moving(*size, across, down)


def _placed(scene: Scene, shapes: Shapes, override: Override) -> _Moving:
    """About the user's place; a direction that he left open follows the face, if there is one."""
    person = scene.people[0] if scene.people else None
    size = shapes.focus(None)

    def place(at: float) -> tuple[float, float]:
        x, y = person.at(at) if person else (0.5, 0.5)
        return x if override.x is None else override.x, y if override.y is None else override.y

    anchor = 0.5 if override.y is not None or person is None else _HEADROOM
    return _moving(scene, size, place, anchor)


def _still(scene: Scene, width: float, height: float) -> _Moving:
    way = Way(scene.start_seconds, (0.0,))
    return _Moving(width, height, way, way)
