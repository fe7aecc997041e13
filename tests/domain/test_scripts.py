"""What was heard of a script says where its words can be, and which cannot be placed."""

import itertools

import pytest

from domain.quiet import Span
from domain.scripts import Anchor, anchors, confirmed, in_order, stretches, timed
from domain.speech import HeardWord


def heard(words: str, *, start: float = 0.0, each: float = 0.4) -> list[HeardWord]:
    return [
        HeardWord(start_seconds=start + at * each, end_seconds=start + at * each + 0.3, text=word) for at, word in enumerate(words.split())
    ]


SCRIPT = ["ask", "not", "what", "your", "country", "can", "do", "for", "you", "ask", "what", "you", "can", "do", "for", "your", "country"]


def test_words_heard_in_the_scripts_order_are_anchors_and_lone_ones_are_not() -> None:
    found = anchors(SCRIPT, heard("well ask not what your country uh uh you uh"))

    assert [each.place for each in found] == [0, 1, 2, 3, 4]
    assert found[0].span == Span(0.4, 0.7)


def test_a_script_of_two_words_has_to_be_heard_as_it_is() -> None:
    assert [each.place for each in anchors(["good", "morning"], heard("a good morning"))] == [0, 1]
    assert anchors(["good", "morning"], heard("a good thing")) == ()


def test_words_between_anchors_are_tried_where_there_is_room() -> None:
    said = [*heard("ask not what"), *heard("can do for", start=2.0)]

    (only,) = stretches(len(SCRIPT), anchors(SCRIPT, said), seconds=30.0)

    assert only.places[:8] == (0, 1, 2, 3, 4, 5, 6, 7)


def test_words_that_were_left_out_have_no_room_and_are_not_tried() -> None:
    said = [*heard("ask not what"), *heard("can do for", start=1.11)]

    (only,) = stretches(len(SCRIPT), anchors(SCRIPT, said), seconds=30.0)

    assert 3 not in only.places
    assert 4 not in only.places


def test_another_speech_in_the_middle_is_in_no_stretch() -> None:
    said = [*heard("ask not what your country"), *heard("can do for you", start=60.0)]

    before, after = stretches(len(SCRIPT), anchors(SCRIPT, said), seconds=90.0)

    assert (before.places[-1], after.places[0]) == (4, 5)
    assert before.span.end_seconds < 5
    assert after.span.start_seconds > 55


def test_a_long_speech_is_cut_at_its_pauses() -> None:
    script = [f"word{number}" for number in range(200)]
    said = [word for line in range(20) for word in heard(" ".join(script[10 * line : 10 * line + 10]), start=5.0 * line)]

    found = stretches(len(script), anchors(script, said), seconds=100.0)

    assert [place for each in found for place in each.places] == list(range(200))
    assert all(each.places[0] % 10 == 0 for each in found)
    assert all(each.span.seconds < 30 for each in found)


def test_nothing_heard_is_nothing_to_align() -> None:
    assert stretches(5, (), seconds=10.0) == ()


def test_an_alignment_that_puts_a_word_elsewhere_does_not_confirm_it() -> None:
    found = (Anchor(0, Span(1.0, 1.3)), Anchor(1, Span(2.0, 2.3)), Anchor(2, Span(3.0, 3.3)))

    assert confirmed(found, {0: Span(1.1, 1.3), 1: Span(2.6, 2.9)}) == 1


def test_what_would_go_back_in_time_is_left_out() -> None:
    assert in_order({2: Span(1.5, 2.5), 0: Span(0.0, 1.0), 1: Span(1.0, 2.0)}) == {0: Span(0.0, 1.0), 1: Span(1.0, 2.0)}


def test_every_token_comes_back_as_written_and_in_order() -> None:
    tokens = ["Well,", "—", "24/7", "¿qué?", "done."]
    placed = {0: Span(1.0, 1.5), 1: Span(1.5, 2.0), 2: Span(2.0, 2.5), 3: Span(2.5, 3.0), 4: Span(3.0, 3.4)}

    found = timed(tokens, [0, 2, 2, 2, 4], placed)

    assert [each.text for each in found] == tokens
    assert [found[2].start_seconds, found[2].end_seconds, found[3].end_seconds] == [1.5, 2.25, 3.0]
    assert all(one.end_seconds <= other.start_seconds for one, other in itertools.pairwise(found))
    assert all(each.start_seconds < each.end_seconds for each in found)


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        ({0: Span(0.0, 1.0), 2: Span(2.0, 3.0)}, [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]),
        ({0: Span(0.0, 1.0), 2: Span(1.0, 2.0)}, [(0.0, 0.5), (0.5, 1.0), (1.0, 2.0)]),
        ({1: Span(1.0, 2.0), 2: Span(2.0, 3.0)}, [(1.0, 1.5), (1.5, 2.0), (2.0, 3.0)]),
        ({0: Span(1.0, 2.5)}, [(1.0, 1.5), (1.5, 2.0), (2.0, 2.5)]),
    ],
    ids=["a gap is shared", "a neighbour gives of its own", "at the beginning", "at the end"],
)
def test_a_token_without_a_place_lies_between_its_neighbours(placed: dict[int, Span], expected: list[tuple[float, float]]) -> None:
    found = timed(["one", "two", "six"], [0, 1, 2], placed)

    assert [(each.start_seconds, each.end_seconds) for each in found] == [pytest.approx(each) for each in expected]
