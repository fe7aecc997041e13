"""What was seen, as bytes and back."""

import random
import zlib

import pytest

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.analysis_packing import pack, unpack


def seen(seconds: float, seed: int = 1) -> MediaAnalysis:
    chance = random.Random(seed)

    def face() -> Face:
        left, top, width, height = (round(chance.random() / 2, 4) for _ in range(4))
        return Face(left=left, top=top, width=width, height=height, mouth_motion=round(chance.random(), 3))

    samples = tuple(
        Sample(
            at_seconds=round(at / 5 + chance.random() / 50, 3),
            faces=tuple(face() for _ in range(chance.randrange(3))),
            sharpness=round(chance.random() * 5000, 1),
            brightness=round(chance.random(), 4),
            motion=round(chance.random(), 4),
        )
        for at in range(round(seconds * 5))
    )
    levels = tuple(round(-chance.random() * 120, 1) for _ in range(round(seconds * 10)))
    cuts, unseen = (1.2, 5.48), ((3.0, 4.5),)
    return MediaAnalysis(width=1920, height=1080, seconds=seconds, cuts=cuts, samples=samples, levels_db=levels, unseen=unseen)


def test_what_was_packed_comes_back():
    assert unpack(pack(seen(60))) == seen(60)


@pytest.mark.parametrize(
    "each", [MediaAnalysis(width=16, height=9, seconds=0.1), MediaAnalysis(width=1, height=2, seconds=9, levels_db=(-9.5,))]
)
def test_nothing_that_was_seen_is_packed_as_well(each):
    assert unpack(pack(each)) == each


def test_an_hour_stays_below_a_megabyte():
    assert len(pack(seen(3600))) < 1_000_000


@pytest.mark.parametrize("content", [b"", b"nothing of ours", zlib.compress(b"ab"), pack(seen(10))[:-20]])
def test_other_bytes_are_refused(content):
    with pytest.raises(ValueError, match="no packed analysis"):
        unpack(content)
