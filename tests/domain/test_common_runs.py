"""Two texts are matched word by word where runs agree, however long they are."""

import random
import time

import pytest

from domain.common_runs import common_pairs


def test_runs_are_found_in_order_and_short_ones_are_left_out() -> None:
    one, other = list("abcdxefyghi"), list("qabcdefzzghi")

    assert common_pairs(one, other, least=3) == ((0, 1), (1, 2), (2, 3), (3, 4), (8, 9), (9, 10), (10, 11))


def test_a_run_that_a_landmark_cuts_is_one() -> None:
    words = [f"w{number}" for number in range(50)]

    assert common_pairs(words, words, least=50) == tuple((at, at) for at in range(50))


def test_a_moved_part_is_matched_once() -> None:
    first, second = [f"a{number}" for number in range(10)], [f"b{number}" for number in range(20)]

    pairs = common_pairs([*first, *second], [*second, *first], least=3)

    assert pairs == tuple((10 + at, at) for at in range(20))


@pytest.mark.parametrize("words", [0, 1, 2])
def test_short_texts_are_matched_too(words: int) -> None:
    text = ["good", "morning"][:words]

    assert len(common_pairs(text, text, least=max(1, words))) == words


def test_few_words_that_come_often_are_matched_nevertheless() -> None:
    chance = random.Random(3)
    one = [chance.choice("abcdefgh") for _ in range(600)]
    other = [word for at, word in enumerate(one) if at % 37]

    assert len(common_pairs(one, other, least=3)) >= 0.9 * len(other)


def test_hours_of_speech_or_of_one_word_are_matched_in_seconds() -> None:
    chance = random.Random(4)
    vocabulary = [f"w{number}" for number in range(3_000)]
    weights = [1 / (number + 1) for number in range(3_000)]
    one = chance.choices(vocabulary, weights, k=20_000)
    other = [word if chance.random() > 0.1 else "?" for word in one]

    began = time.process_time()
    pairs = common_pairs(one, other, least=3)
    common_pairs(["very"] * 20_000, ["very"] * 19_000, least=3)

    assert len(pairs) >= 0.75 * len(one)
    assert time.process_time() - began < 6
