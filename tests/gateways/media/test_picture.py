"""Sizes and rates, computed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.media.backgrounds import Placed, placed
from gateways.media.picture import constant_rate

FRAME = (1080, 1920)


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        ((1920, 1080), Placed(1080, 608, 0, 656)),
        ((1080, 1920), Placed(1080, 1920, 0, 0)),
        ((720, 1280), Placed(1080, 1920, 0, 0)),
        ((1080, 1350), Placed(1080, 1350, 0, 284)),
        ((640, 272), Placed(1080, 460, 0, 730)),
        ((1000, 2000), Placed(960, 1920, 60, 0)),
        ((1082, 1920), Placed(1080, 1920, 0, 0)),
        ((8000, 2), Placed(1080, 2, 0, 960)),
    ],
)
def test_a_source_stands_as_large_as_it_fits_in_the_middle(shown, place):
    assert placed(shown, FRAME) == place


@given(st.integers(1, 8192), st.integers(1, 8192), st.sampled_from([FRAME, (270, 480), (720, 720)]))
def test_a_place_is_inside_the_frame_and_on_even_pixels(width, height, frame):
    place = placed((width, height), frame)

    assert 0 <= place.left <= place.left + place.width <= frame[0]
    assert 0 <= place.top <= place.top + place.height <= frame[1]
    assert not any(side % 2 for side in (place.width, place.height, place.left, place.top))


@pytest.mark.parametrize(
    ("told", "rate"),
    [
        (25.0, Fraction(25)),
        (30000 / 1001, Fraction(30000, 1001)),
        (24000 / 1001, Fraction(24000, 1001)),
        (60.0, Fraction(60)),
        (120.0, Fraction(60)),
        (120000 / 1001, Fraction(60000, 1001)),
        (90.0, Fraction(45)),
        (240.0, Fraction(60)),
        (21.5, Fraction(43, 2)),
        (2.0, Fraction(30)),
        (None, Fraction(30)),
    ],
)
def test_a_rate_is_the_sources_own_within_reason(told, rate):
    assert constant_rate(told) == rate
