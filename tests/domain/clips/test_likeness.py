"""Whether a clip exists already."""

import random

import pytest

from domain.clips.likeness import SAME_SHARE, Earlier, alike, likeness, overlap


def film(seed: int, seconds: int, *, scene_seconds: int = 3) -> list[int]:
    """Hashes of a film that changes its picture every few seconds and a little in between."""
    chance = random.Random(seed)
    scenes = [chance.getrandbits(64) for _ in range(seconds // scene_seconds + 1)]
    return [scenes[at // scene_seconds] ^ (1 << chance.randrange(64)) for at in range(seconds)]


def encoded_again(hashes: list[int], seed: int = 9) -> list[int]:
    chance = random.Random(seed)
    return [each ^ sum(1 << chance.randrange(64) for _ in range(4)) for each in hashes]


@pytest.mark.parametrize("shift", [-12, -1, 0, 5])
def test_the_same_film_is_found_wherever_it_begins(shift: int) -> None:
    whole = film(1, 60)
    mine, other = whole[15:45], encoded_again(whole[15 + shift : 45 + shift])

    found = alike(mine, other)

    assert found.offset_seconds in (-shift, -shift - 1)
    assert found.share == pytest.approx((30 - abs(shift)) / 30, abs=0.04)


def test_a_part_of_a_longer_clip_is_the_same() -> None:
    whole = film(2, 60)

    assert alike(whole[20:35], whole).share == 1.0


def test_other_films_are_not_alike() -> None:
    shares = [alike(film(seed, 30), film(seed + 100, 40)).share for seed in range(50)]

    assert max(shares) < SAME_SHARE / 2


def test_a_camera_that_stands_still_tells_nothing() -> None:
    """Two other parts of one talk: every picture is nearly every other."""
    room = random.Random(3).getrandbits(64)
    first, second = (encoded_again([room] * 30, seed) for seed in (1, 2))

    found = alike(first, second)

    assert (found.share >= SAME_SHARE, found.is_telling) == (True, False)


def test_too_short_a_clip_tells_nothing() -> None:
    assert not alike(film(1, 2), film(1, 30)).is_telling


def test_parts_of_one_video_are_compared_by_their_seconds() -> None:
    """However alike their pictures are."""
    hashes = tuple(film(4, 30))
    far, near = (Earlier(clip_id="a", fingerprint=hashes, spans=((start, start + 30.0),)) for start in (100.0, 12.0))

    assert likeness(hashes, ((10.0, 40.0),), far).share == 0.0
    assert likeness(hashes, ((10.0, 40.0),), near).share == pytest.approx(28 / 30)
    assert likeness(hashes, ((10.0, 40.0),), Earlier(clip_id="b", fingerprint=hashes)).share == 1.0


def test_overlap_is_the_share_of_the_shorter_one_and_of_none() -> None:
    assert overlap(((0.0, 10.0), (20.0, 30.0)), ((5.0, 25.0),)) == pytest.approx(0.5)
    assert overlap(((0.0, 10.0),), ((2.0, 4.0),)) == 1.0
    assert overlap((), ((2.0, 4.0),)) == 0.0
