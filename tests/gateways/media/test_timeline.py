"""Pieces as whole pictures, and windows as pixels: arithmetic."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window, on_clip
from gateways.media.runs import MOST_RUNS, runs, slots, stretches
from gateways.media.timeline import shown
from gateways.media.windows import Slot, framed, place_at
from tests.gateways.media.making import plan
from tests.media import video_stream

RATES = st.sampled_from([Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60), Fraction(43, 2)])
WHOLE = Window(width=1, height=1, path=(Point(0, 0, 0),))
KINDS: tuple[dict[str, Any], ...] = ({"layout": Layout.FIT}, {"layout": Layout.FOCUS, "windows": (WHOLE,)})
FRAMES = st.sampled_from([(1080, 1920), (1080, 1350), (1080, 1080), (270, 480)])


@given(st.lists(st.tuples(st.floats(0.001, 3), st.sampled_from([0.0, 0.01, 0.3, 2.0])), min_size=1, max_size=60), RATES, st.floats(0, 9))
def test_each_picture_is_the_one_that_its_own_time_asks_for(lengths, rate, begin):
    """However many joins there are: sound is cut to the sample, so this is how far picture and sound can be apart."""
    at, pieces = begin, []
    for length, gap in lengths:
        pieces.append(Piece(start_seconds=at, end_seconds=at + length))
        at += length + gap

    found = shown(pieces, begin, rate)

    assert sum(each.frames for each in found) == pytest.approx(sum(each.seconds for each in pieces) * rate, abs=1.001)
    number = 0
    for each in found:
        for frame in (0, each.frames - 1):
            source = begin + float((each.first + frame) / rate)
            assert on_clip(pieces, source + 1e-5) == pytest.approx(float((number + frame) / rate), abs=float(1 / rate) + 1e-4)
        number += each.frames


@given(st.lists(st.floats(0.2, 3), min_size=2, max_size=20), RATES)
def test_pieces_without_a_gap_show_every_picture_once(lengths, rate):
    edges = [sum(lengths[:number]) for number in range(len(lengths) + 1)]
    pieces = [Piece(start_seconds=start, end_seconds=end) for start, end in pairwise(edges)]

    found = shown(pieces, 0.0, rate)

    pictures = [each.first + number for each in found for number in range(each.frames)]
    assert pictures == list(range(len(pictures)))


@given(
    st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.integers(16, 4096), st.integers(16, 4096)),
    FRAMES,
)
def test_a_window_is_cut_inside_the_picture_and_placed_to_two_pixels_of_the_frame(size, corner, picture, frame):
    left, top = (min(place, 1 - side) for place, side in zip(corner, size, strict=True))
    slot = Slot(*frame)
    window = Window(width=size[0], height=size[1], path=(Point(0.0, left, top),))

    found = framed(window, slot, picture, picture)

    for axis, place, share, move in zip(
        (found.crop.across, found.crop.down), found.places(0.0), (left, top), (found.right, found.down), strict=True
    ):
        cut, rest = place
        assert 0 <= cut <= axis.source - axis.cut
        assert 0 <= rest <= axis.scaled - axis.slot
        assert not any(number % 2 for number in (cut, axis.cut, axis.scaled))
        # Of an odd picture the last line is out of reach; a window that leaves out a pixel or two has no room to move.
        middle = (share + move) * axis.source + axis.shown / 2
        wanted = max(0.0, min(middle - axis.seen / 2, axis.source - axis.seen))
        assert abs(axis.seen - axis.shown) <= 1.1 + axis.source % 2
        got = cut + rest * axis.cut / axis.scaled
        assert abs(got - wanted) <= 2 * axis.shown / axis.slot + 2.0
        if axis.scaled > axis.slot and not axis.source % 2:
            assert abs(got - wanted) <= 2 * axis.shown / axis.slot


@pytest.mark.parametrize(("seconds", "left"), [(-1, 0.1), (0, 0.1), (1, 0.2), (2, 0.3), (3, 0.2), (9, 0.2)])
def test_between_two_points_a_window_moves_in_a_straight_line(seconds, left):
    path = (Point(0.0, 0.1, 0.0), Point(2.0, 0.3, 0.0), Point(3.0, 0.2, 0.0))

    assert place_at(path, seconds)[0] == pytest.approx(left)


def test_a_slow_window_never_jumps_by_more_than_two_pixels_of_the_frame():
    """Of a small picture that is scaled up six times, a tenth of the picture in two seconds."""
    found = framed(Window(width=0.316, height=1, path=(Point(0, 0.2, 0), Point(2, 0.3, 0))), Slot(1080, 1920), (320, 180), (320, 180))

    axis = found.crop.across
    seen = [cut * axis.scaled / axis.cut + rest for cut, rest in (found.places(number / 30)[0] for number in range(60))]
    steps = [after - before for before, after in pairwise(seen)]
    assert seen[-1] - seen[0] == pytest.approx(0.0983 * 320 * axis.scaled / axis.cut, abs=2)
    assert max(steps) - min(steps) <= 2


@pytest.mark.parametrize("frame", [(1080, 1920), (1080, 1350), (1080, 1080)])
@pytest.mark.parametrize("layout", [Layout.SPLIT, Layout.SCREEN])
def test_two_windows_fill_the_frame(layout, frame):
    window = Window(width=1, height=1, path=(Point(0, 0, 0),))

    upper, lower = slots(Piece(start_seconds=0, end_seconds=1, layout=layout, windows=(window, window)), frame, (1920, 1080))

    assert (upper.width, upper.height + lower.height) == frame
    assert not upper.height % 2
    assert layout is Layout.SPLIT or upper.height == pytest.approx(1080 * 9 / 16, abs=2)


@given(st.integers(1, 4 * MOST_RUNS))
def test_runs_are_drawn_in_stretches_of_so_many_in_order_and_none_is_lost(count):
    pieces = tuple(Piece(start_seconds=at / 10, end_seconds=at / 10 + 0.1, **KINDS[at % 2]) for at in range(count))
    found = runs(video_stream(0), plan(end_seconds=20.0, pieces=pieces), Fraction(25))

    drawn = stretches(found)

    assert [run for each in drawn for run in each.runs] == list(found)
    assert max(len(each.runs) for each in drawn) <= MOST_RUNS
    assert [each.first for each in drawn] == [sum(one.frames for one in drawn[:number]) for number in range(len(drawn))]
