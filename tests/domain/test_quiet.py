"""Sound is cut where it is quietest."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from domain.quiet import Span, pieces

RATE = 16_000


def sound(seconds: float, *, pauses: list[tuple[float, float]]) -> Iterator[bytes]:
    """Noise of one loudness with pauses that still hum, in blocks of one second."""
    values = np.random.default_rng(1).normal(scale=4000, size=round(seconds * RATE))
    for start, end in pauses:
        values[round(start * RATE) : round(end * RATE)] *= 0.02
    content = values.astype("<i2").tobytes()
    return (content[at : at + 2 * RATE] for at in range(0, len(content), 2 * RATE))


def test_a_cut_falls_into_a_pause() -> None:
    found = pieces(sound(25, pauses=[(7.0, 7.4), (15.1, 15.5), (20.0, 20.1)]), rate_hz=RATE, longest_seconds=10)

    assert [round(each.start_seconds, 1) for each in found] == [0.0, pytest.approx(7.2, abs=0.2), pytest.approx(15.3, abs=0.2)]


def test_the_pieces_are_the_whole_sound_and_none_is_longer_than_allowed() -> None:
    found = pieces(sound(61.37, pauses=[]), rate_hz=RATE, longest_seconds=8)

    assert found[0].start_seconds == 0
    assert found[-1].end_seconds == pytest.approx(61.37)
    assert all(one.end_seconds == other.start_seconds for one, other in itertools.pairwise(found))
    assert all(4 <= each.seconds <= 8 for each in found[:-1])


def test_a_short_sound_stays_whole_and_an_empty_one_has_no_pieces() -> None:
    assert pieces(sound(3, pauses=[]), rate_hz=RATE, longest_seconds=10) == (Span(0.0, 3.0),)
    assert pieces([], rate_hz=RATE, longest_seconds=10) == ()
