"""How the sound of pieces is put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clips.joins import LONGEST_FADE_SECONDS, parts_of
from domain.clips.pieces import Piece


def pieces(*spans: tuple[float, float]) -> list[Piece]:
    return [Piece(start_seconds=start, end_seconds=end) for start, end in spans]


def test_a_change_of_layout_alone_is_no_cut_in_the_sound():
    parts = parts_of(pieces((1.0, 2.0), (2.0, 3.5), (4.5, 5.0)))

    assert [(each.start_seconds, each.end_seconds) for each in parts] == [(1.0, 3.5), (4.5, 5.0)]


@pytest.mark.parametrize(("removed", "fade"), [(1.0, 0.22), (0.4, 0.1), (0.02, 0.005)])
def test_a_fade_takes_no_more_than_a_quarter_of_what_was_removed(removed, fade):
    first, second = parts_of(pieces((0.0, 2.0), (2.0 + removed, 5.0)))

    assert first.fade_seconds == second.fade_in_seconds == pytest.approx(fade)
    assert first.sounds_until == pytest.approx(2.0 + fade / 2)
    assert second.sounds_from == pytest.approx(2.0 + removed - fade / 2)


@given(st.lists(st.tuples(st.floats(0.02, 5), st.floats(0.001, 4)), max_size=20))
def test_sound_with_its_fades_is_as_long_as_the_picture(lengths):
    at, spans = 0.0, []
    for length, gap in lengths:
        spans.append((at, at + length))
        at += length + gap
    parts = parts_of(pieces(*spans))

    sounding = sum(each.sounds_until - each.sounds_from for each in parts)
    faded = sum(each.fade_seconds for each in parts)
    assert sounding - faded == pytest.approx(sum(end - start for start, end in spans))
    assert all(each.fade_seconds <= LONGEST_FADE_SECONDS for each in parts)
    assert all((each.fade_seconds + each.fade_in_seconds) / 2 <= each.seconds + 1e-9 for each in parts)
