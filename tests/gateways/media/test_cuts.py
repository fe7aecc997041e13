"""Cuts in pictures that the test draws: cuts are found, flashes, pans and fades are none."""

import cv2
import numpy as np
import pytest

from gateways.media.seeing.cuts import CutFinder
from gateways.media.seeing.frames import thumb

RATE = 25


def stage(seed: int) -> np.ndarray:
    """A wide landscape of large and small spots, another one for each seed."""
    chance = np.random.default_rng(seed)
    coarse = cv2.resize(chance.integers(20, 235, (6, 24), dtype=np.uint8), (2400, 360), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(chance.integers(0, 60, (60, 400), dtype=np.uint8), (2400, 360), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(coarse.astype(np.int16) + fine - 30, 0, 255), np.uint8)


def view(seed: int, x: float = 0) -> np.ndarray:
    return stage_of(seed)[:, int(x) : int(x) + 640]


_stages: dict[int, np.ndarray] = {}


def stage_of(seed: int) -> np.ndarray:
    return _stages.setdefault(seed, stage(seed))


def found_in(pictures: list[np.ndarray], rate: float = RATE) -> list[float]:
    finder, gray = CutFinder(), np.full((90, 160), 128, np.uint8)
    cuts = [cut for at, each in enumerate(pictures) for cut in finder.add(at / rate, thumb(np.ascontiguousarray(each), (gray, gray)))]
    return [round(each, 3) for each in cuts + finder.end()]


def test_every_cut_is_found_at_its_picture():
    assert found_in([view(1)] * 30 + [view(2)] * 30 + [view(3)] * 20) == [1.2, 2.4]


def test_a_flash_is_no_cut():
    white = np.full((360, 640), 250, np.uint8)
    flash = [view(1)] * 20 + [white] * 3 + [view(1)] * 20

    assert found_in(flash) == []


def test_a_flash_at_a_cut_hides_nothing_but_its_own_end():
    white = np.full((360, 640), 250, np.uint8)
    cuts = found_in([view(1)] * 20 + [white] * 2 + [view(2)] * 20)

    assert cuts
    assert set(cuts) <= {0.8, 0.88}


@pytest.mark.parametrize("speed", [8, 25, 60])
def test_a_pan_is_no_cut_however_fast(speed):
    pan = [view(1)] * 10 + [view(1, at * speed) for at in range(1700 // speed)]

    assert found_in(pan) == []


def test_a_pan_whose_pictures_are_shown_twice_is_no_cut():
    pan = [view(1, at // 2 * 60) for at in range(56)]

    assert found_in(pan) == []


def test_a_cut_in_a_pan_is_found():
    pan = [view(1, at * 12) for at in range(40)] + [view(2, at * 12) for at in range(40)]

    assert found_in(pan) == [1.6]


def test_a_fade_is_no_hard_cut():
    dark = [(view(1) * (1 - at / 25)).astype(np.uint8) for at in range(25)]

    assert found_in([view(1)] * 10 + dark + dark[::-1]) == []


def test_a_rate_that_is_a_lie_keeps_no_more_than_a_few_pictures():
    finder, gray = CutFinder(), np.full((90, 160), 128, np.uint8)
    for at in range(400):
        finder.add(at / 100_000, thumb(view(1 + at % 2), (gray, gray)))

    assert len(finder._kept) <= 64
