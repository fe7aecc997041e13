"""Framing of what the test says was seen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.framing import frame_clip, obstacles_of, promised_faces
from domain.clips.framing.shown import place_of
from domain.clips.look import Aspect, Layout, Look, Override
from domain.clips.pieces import Piece

Seen = Callable[[float], Sequence[Face]]
FRAMES = 30
SPEECH, PAUSE = -20.0, -70.0


def face(x: float, y: float = 0.4, *, width: float = 0.1, mouth: float = 0.0) -> Face:
    return Face(left=x - width / 2, top=y - width * 0.9, width=width, height=width * 1.8, mouth_motion=mouth)


def analysis(seen: Seen, seconds: float = 6.0, **change: Any) -> MediaAnalysis:
    samples = tuple(Sample(at_seconds=at / 5, faces=tuple(seen(at / 5)), sharpness=200, motion=0.02) for at in range(round(seconds * 5)))
    return replace(MediaAnalysis(width=1920, height=1080, seconds=seconds, samples=samples), **change)


def framed(found: MediaAnalysis, **look: Any) -> tuple[Piece, ...]:
    return frame_clip(found, [(0.0, found.seconds)], Look(**look))


def steps(piece: Piece, window: int = 0) -> list[tuple[float, float]]:
    """Where a window is at each picture."""
    return [place_of(piece.windows[window], at / FRAMES) for at in range(round(piece.seconds * FRAMES) + 1)]


def worst_jump(pieces: Sequence[Piece]) -> float:
    moves = [
        max(abs(one[0] - other[0]), abs(one[1] - other[1]))
        for piece in pieces
        for number in range(len(piece.windows))
        for one, other in pairwise(steps(piece, number))
    ]
    return max(moves)


def test_a_picture_of_nobody_is_shown_whole():
    assert [(each.layout, each.windows) for each in framed(analysis(lambda _: []))] == [(Layout.FIT, ())]


@pytest.mark.parametrize(("aspect", "width"), [(Aspect.UPRIGHT, 0.3164), (Aspect.PORTRAIT, 0.45), (Aspect.SQUARE, 0.5625)])
def test_a_window_has_the_shape_of_the_clip(aspect, width):
    (piece,) = framed(analysis(lambda _: [face(0.5)]), aspect=aspect)

    assert piece.layout is Layout.FOCUS
    assert piece.windows[0].width == pytest.approx(width, abs=0.001)
    assert piece.windows[0].height == 1


def test_a_still_face_makes_a_window_that_never_moves():
    shaky = analysis(lambda at: [face(0.6 + 0.006 * math.sin(at * 17), width=0.1 + 0.01 * math.sin(at * 9))])

    (piece,) = framed(shaky)

    assert len(piece.windows[0].path) == 1


@pytest.mark.parametrize("speed", [0.05, 0.3, 3.0])
def test_no_window_moves_more_than_two_percent_a_picture(speed):
    assert worst_jump(framed(analysis(lambda at: [face(0.5 + 0.4 * math.sin(at * speed * 2.5))]))) <= 0.02


def test_windows_stay_inside_the_picture():
    for piece in framed(analysis(lambda at: [face(0.02 + 0.16 * at)]), aspect=Aspect.SQUARE):
        window = piece.windows[0]
        assert all(0 <= x <= 1 - window.width + 1e-4 and 0 <= y <= 1 - window.height + 1e-4 for x, y in steps(piece))


def test_a_window_jumps_at_a_cut_and_is_there_at_once():
    pieces = framed(analysis(lambda at: [face(0.2 if at < 3 else 0.8)], cuts=(3.0,)))

    assert [(each.start_seconds, each.end_seconds) for each in pieces] == [(0.0, 3.0), (3.0, 6.0)]
    assert [each.windows[0].path[0].left for each in pieces] == pytest.approx([0.2 - 0.158, 0.8 - 0.158], abs=0.01)
    assert worst_jump(pieces) <= 0.02


def test_a_face_that_is_missed_for_a_second_keeps_its_window():
    (piece,) = framed(analysis(lambda at: [] if 2 < at < 3 else [face(0.3)]))

    assert len(piece.windows[0].path) == 1


@pytest.mark.parametrize("until", [2.1, 3.0])
def test_a_face_seen_for_a_moment_is_none(until):
    assert framed(analysis(lambda at: [face(0.3)] if 2 <= at < until else []))[0].layout is Layout.FIT


def test_what_was_left_out_makes_pieces_of_one_path():
    moving = analysis(lambda at: [face(0.3 + 0.05 * at)])

    whole, parts = framed(moving), frame_clip(moving, [(0.0, 2.0), (3.0, 6.0)], Look())

    assert [(each.start_seconds, each.end_seconds) for each in parts] == [(0.0, 2.0), (3.0, 6.0)]
    assert place_of(parts[1].windows[0], 0.5)[0] == pytest.approx(place_of(whole[0].windows[0], 3.5)[0], abs=0.003)


def two(at: float) -> list[Face]:
    return [face(0.2), face(0.8)]


def test_two_people_far_apart_are_split_left_above_right():
    (piece,) = framed(analysis(two))

    assert piece.layout is Layout.SPLIT
    upper, lower = piece.windows
    assert upper.path[0].left < 0.2 < upper.path[0].left + upper.width < 0.8 - 0.05
    assert lower.path[0].left > 0.2 + 0.05
    assert upper.width * 1920 / (upper.height * 1080) == pytest.approx(1080 / 960, abs=0.01)


def test_two_people_for_less_than_three_seconds_are_not_split():
    assert framed(analysis(lambda at: two(at) if at < 2.5 else two(at)[:1]))[0].layout is Layout.FOCUS


def test_two_people_who_fit_together_share_a_window():
    (piece,) = framed(analysis(lambda _: [face(0.45, width=0.07), face(0.58, width=0.07)]))

    assert piece.layout is Layout.FOCUS
    assert piece.windows[0].path[0].left + piece.windows[0].width / 2 == pytest.approx(0.515, abs=0.01)


def speaking(turn: float) -> Seen:
    """The left one until then, afterwards the right one."""
    return lambda at: [face(0.2, mouth=0.3 if at < turn else 0.01), face(0.8, mouth=0.01 if at < turn else 0.3)]


def test_who_speaks_alone_has_the_picture():
    (piece,) = framed(analysis(speaking(99), levels_db=(SPEECH,) * 60))

    assert piece.layout is Layout.FOCUS
    assert piece.windows[0].path[0].left < 0.1


def test_the_picture_goes_with_the_word():
    pieces = framed(analysis(speaking(4), 8.0, levels_db=(SPEECH,) * 80), layout=Layout.FOCUS)

    assert [each.windows[0].path[0].left < 0.4 for each in pieces] == [True, False]
    assert pieces[1].start_seconds == pytest.approx(4.0, abs=0.7)


def test_a_short_word_in_between_changes_nothing():
    def seen(at: float) -> list[Face]:
        return [face(0.2, mouth=0.01 if 3 < at < 3.5 else 0.3), face(0.8, mouth=0.3 if 3 < at < 3.5 else 0.01)]

    assert len(framed(analysis(seen, 8.0, levels_db=(SPEECH,) * 80), layout=Layout.FOCUS)) == 1


@pytest.mark.parametrize("levels", [(), (-100.0,) * 60])
def test_without_sound_nobody_is_known_to_speak(levels):
    assert framed(analysis(speaking(99), levels_db=levels))[0].layout is Layout.SPLIT


def test_a_small_still_face_in_the_corner_of_a_sharp_still_picture_speaks_about_a_screen():
    small = analysis(lambda _: [face(0.9, 0.85, width=0.06)])
    screen = replace(small, samples=tuple(replace(each, motion=0.001, sharpness=900.0) for each in small.samples))

    (piece,) = framed(screen)

    assert piece.layout is Layout.SCREEN
    assert (piece.windows[0].width, piece.windows[0].height) == (1, 1)
    assert piece.windows[1].width < 0.3
    assert framed(small)[0].layout is Layout.FOCUS


def test_the_users_word_holds_for_its_part_alone():
    overrides = (Override(start_seconds=2.0, end_seconds=4.0, layout=Layout.FIT),)

    pieces = framed(analysis(lambda _: [face(0.5)]), overrides=overrides)

    assert [(each.start_seconds, each.end_seconds, each.layout) for each in pieces] == [
        (0.0, 2.0, Layout.FOCUS),
        (2.0, 4.0, Layout.FIT),
        (4.0, 6.0, Layout.FOCUS),
    ]


def test_the_users_place_needs_no_face():
    (piece,) = framed(analysis(lambda _: []), overrides=(Override(start_seconds=0.0, end_seconds=6.0, x=0.75),))

    assert piece.layout is Layout.FOCUS
    assert piece.windows[0].path[0].left + piece.windows[0].width / 2 == pytest.approx(0.75, abs=0.001)


@pytest.mark.parametrize(("wish", "people", "layout"), [
    (Layout.FIT, 1, Layout.FIT), (Layout.SPLIT, 1, Layout.FOCUS), (Layout.SPLIT, 2, Layout.SPLIT), (Layout.FOCUS, 0, Layout.FIT),
    (Layout.SCREEN, 1, Layout.SCREEN), (Layout.SCREEN, 0, Layout.FIT),
])  # fmt: skip
def test_a_wish_holds_as_far_as_the_picture_allows(wish, people, layout):
    assert framed(analysis(lambda at: two(at)[:people]), layout=wish)[0].layout is layout


def test_an_upright_picture_fills_an_upright_clip_as_it_is():
    upright = analysis(lambda _: [face(0.5, width=0.3)], width=1080, height=1920)

    assert framed(upright)[0].layout is Layout.FIT
    (square,) = framed(upright, aspect=Aspect.SQUARE)
    assert square.windows[0].width == 1
    assert square.windows[0].height == pytest.approx(0.5625)
    assert 0 < square.windows[0].path[0].top < 0.4


@pytest.mark.parametrize("size", [(16, 16), (64, 4000), (4000, 64), (3840, 2160)])
def test_pictures_of_every_shape_are_framed(size):
    found = analysis(lambda at: [face(0.4 + 0.02 * at, width=0.05)], width=size[0], height=size[1])

    for aspect in Aspect:
        for piece in framed(found, aspect=aspect):
            assert all(0 < each.width <= 1 and 0 < each.height <= 1 for each in piece.windows)


def test_a_small_face_in_a_4k_picture_is_brought_closer():
    (piece,) = framed(analysis(lambda _: [face(0.5, width=0.03)], width=3840, height=2160))

    assert piece.windows[0].height == pytest.approx(0.5)


def test_obstacles_are_where_faces_are_in_the_frame():
    found = analysis(two)
    pieces = framed(found)

    obstacles = obstacles_of(pieces, found, (1080, 1920))

    assert {each.bottom < 0.5 for each in obstacles} == {True, False}
    assert all(0.3 < (each.left + each.right) / 2 < 0.7 for each in obstacles)
    assert obstacles[-1].end_seconds == pytest.approx(6.0)


def test_a_picture_shown_whole_has_its_faces_in_the_middle_of_the_frame():
    found = analysis(lambda _: [face(0.5)])

    (one, *_) = obstacles_of(framed(found, layout=Layout.FIT), found, (1080, 1920))

    assert 0.34 < one.top < one.bottom < 0.66


def test_layouts_promise_faces_in_the_clips_own_seconds():
    overrides = (Override(start_seconds=0.0, end_seconds=2.0, layout=Layout.FIT),)

    assert promised_faces(framed(analysis(two), overrides=overrides)) == ((2.0, 6.0, 2),)


def test_no_parts_make_no_pieces():
    assert frame_clip(analysis(two), [], Look()) == ()
