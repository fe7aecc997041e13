"""Where captions lie: low, else high, else in a free band, inside what the players leave free."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clips.look import Player
from domain.clips.placing import Block, tops
from domain.clips.safe_areas import SAFE_AREAS, safe_area
from domain.media import Obstacle

AREA = SAFE_AREAS[Player.ALL]
LOW, HIGH = 1 - AREA.bottom - 0.1, AREA.top


def block(start: float = 0.0, seconds: float = 1.0) -> Block:
    return Block(start_seconds=start, end_seconds=start + seconds, width=0.6, height=0.1)


def face(top: float, bottom: float, *, start: float = 0.0, end: float = 10.0, left: float = 0.3, right: float = 0.7) -> Obstacle:
    return Obstacle(start_seconds=start, end_seconds=end, left=left, right=right, top=top, bottom=bottom)


def test_captions_lie_low_unless_a_face_is_there() -> None:
    assert tops([block()], AREA, ()) == [pytest.approx(LOW)]
    assert tops([block()], AREA, [face(0.5, 0.7)]) == [pytest.approx(HIGH)]


def test_a_face_beside_them_or_at_another_time_does_not_count() -> None:
    assert tops([block()], AREA, [face(0.5, 0.7, left=0.85, right=1.0), face(0.5, 0.7, start=5)]) == [pytest.approx(LOW)]


def test_between_two_faces_they_lie_in_the_free_band() -> None:
    (found,) = tops([block()], AREA, [face(0.1, 0.3), face(0.45, 0.7)])

    assert 0.3 < found < found + 0.1 < 0.45


def test_without_any_free_band_they_cover_the_least() -> None:
    assert tops([block()], AREA, [face(0.1, 0.56)]) == [pytest.approx(LOW)]


def test_captions_stay_where_they_were_until_somebody_pauses() -> None:
    low_face = face(0.5, 0.7, end=1.0)

    assert tops([block(), block(1.0), block(3.0)], AREA, [low_face]) == [pytest.approx(HIGH), pytest.approx(HIGH), pytest.approx(LOW)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.02, 0.5)), max_size=4), st.sampled_from(Player))
def test_no_block_leaves_the_safe_area_or_lies_on_a_face_while_a_band_is_free(spans: list[tuple[float, float]], player: Player) -> None:
    area, faces = SAFE_AREAS[player], [face(top, top + height) for top, height in spans]

    (found,) = tops([block()], area, faces)

    assert area.top - 1e-9 <= found <= 1 - area.bottom - 0.1 + 1e-9
    free = [at / 100 for at in range(100) if area.top <= at / 100 <= 1 - area.bottom - 0.1]
    clear = [at for at in free if all(at + 0.11 < each.top or at - 0.01 > each.bottom for each in faces)]
    if clear:
        assert all(found + 0.1 <= each.top + 1e-9 or found >= each.bottom - 1e-9 for each in faces)


def test_the_area_of_all_players_is_inside_each_of_theirs() -> None:
    for area in SAFE_AREAS.values():
        assert (AREA.left, AREA.top, AREA.right, AREA.bottom) >= (area.left, 0, 0, 0)
        assert AREA.top >= area.top
        assert AREA.right >= area.right
        assert AREA.bottom >= area.bottom


def test_a_lower_picture_is_covered_less_than_one_that_fills_the_screen() -> None:
    upright, portrait, square = (safe_area(Player.REELS, 1080, height) for height in (1920, 1350, 1080))

    assert upright == SAFE_AREAS[Player.REELS]
    assert upright.bottom > portrait.bottom > square.bottom >= 0.05
    # The same line of the screen: 35 % of 1,920 pixels from below, less the bar.
    assert portrait.bottom * 1350 == pytest.approx(0.35 * 1920 - (1920 - 1350) / 2)
