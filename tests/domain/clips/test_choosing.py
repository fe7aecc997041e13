"""Which part becomes a clip: whole sentences, within bounds, ranked by signals that are shown."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clips.analysis import MediaAnalysis
from domain.clips.asked import Wanted, check_length
from domain.clips.checking import overreach
from domain.clips.choosing import LEAD_SECONDS, TAIL_SECONDS, Candidate, rank
from domain.clips.room import edges
from domain.clips.source import Source
from domain.errors import Unacceptable
from domain.transcripts import Sentence
from tests.domain.clips.every import every, said

TEN = tuple(Sentence(10.0 * at, 10.0 * at + 9, f"Sentence {'one two three four five six ' * 3}.", is_complete=True) for at in range(10))


def say(start: float, end: float, text: str = "We say a few words in here and then some more.", *, is_complete: bool = True) -> Sentence:
    return Sentence(start, end, text, is_complete)


def best(*sentences: Sentence, duration: float = 100, **bounds: Any) -> Candidate:
    return rank(said(sentences, duration), Wanted.of(**bounds)).candidates[0]


def refused(*sentences: Sentence, duration: float = 100, **bounds: Any) -> Unacceptable:
    with pytest.raises(Unacceptable) as caught:
        best(*sentences, duration=duration, **bounds)
    return caught.value


def advice(error: Unacceptable) -> dict[str, str]:
    return {each.pointer: each.detail for each in error.problems}


def shares(candidate: Candidate) -> dict[str, float]:
    return {each.name: each.share for each in candidate.reasons}


# Bounds


def test_every_candidate_is_within_the_bounds_and_made_of_whole_sentences() -> None:
    found = every(said(TEN, 100), Wanted.of(15, 30))

    assert {round(each.seconds) for each in found} <= set(range(15, 31))
    assert len(found) == 9 + 8
    assert all(overreach((each.start_seconds, each.end_seconds), TEN, duration_seconds=100, wanted=Wanted(15, 30)) == [] for each in found)


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        ((None, None), (15, 60)),
        ((5, None), (5, 60)),
        ((None, 10), (10, 10)),
        ((None, 90), (15, 90)),
        ((80, None), (80, 160)),
        ((20, 40), (20, 40)),
    ],
)
def test_a_bound_that_is_left_out_gives_way_to_the_other(asked: tuple[float | None, float | None], bounds: tuple[float, float]) -> None:
    assert Wanted.of(*asked) == Wanted(*bounds)


@pytest.mark.parametrize(
    ("asked", "named"),
    [((1, 20), ["min_seconds"]), ((5, 999), ["max_seconds"]), ((0, 500), ["min_seconds", "max_seconds"]), ((40, 20), ["min_seconds"])],
)
def test_every_bound_at_fault_is_named(asked: tuple[float, float], named: list[str]) -> None:
    with pytest.raises(Unacceptable) as caught:
        Wanted.of(*asked)

    assert [each.pointer for each in caught.value.problems] == named


def test_a_short_video_is_refused_with_the_bound_that_would_help() -> None:
    with pytest.raises(Unacceptable, match=r"has 13\.1 s") as caught:
        check_length(13.06, Wanted.of())

    assert advice(caught.value) == {"min_seconds": "choose 13 or less"}
    check_length(13.06, Wanted.of(13))


def test_a_video_shorter_than_any_clip_is_refused_for_good() -> None:
    with pytest.raises(Unacceptable) as caught:
        check_length(2.0, Wanted.of(3))

    assert advice(caught.value) == {"min_seconds": "send a video of 3 s or more"}


# Refusals


def test_nothing_said_is_refused_with_what_is_needed() -> None:
    assert advice(refused()) == {"captions": "send captions of what is said in the video"}


def test_too_little_said_is_refused_with_the_bound_to_move() -> None:
    error = refused(say(10, 19.7))

    assert "the nearest have 10.5 s" in str(error)
    assert advice(error) == {"min_seconds": "choose 10 or less"}


def test_sentences_that_are_too_long_are_refused_with_the_bound_to_move() -> None:
    error = refused(say(0, 80), duration=80)

    assert advice(error) == {"max_seconds": "choose 81 or more"}


def test_between_too_short_and_too_long_both_bounds_are_told() -> None:
    error = refused(say(0, 10), say(10, 80), duration=80)

    assert advice(error) == {"min_seconds": "choose 10 or less", "max_seconds": "choose 71 or more"}


def test_the_whole_speech_is_taken_where_only_that_fits() -> None:
    found = best(say(1, 8), say(8, 16.5), duration=18)

    assert (found.first, found.last) == (0, 1)


# Room around the words


def test_there_is_room_before_and_after_but_never_a_neighbours_words() -> None:
    tight = best(say(0, 10), say(10.1, 30), say(30.2, 35), min_seconds=19, max_seconds=21)
    loose = best(say(0, 5), say(10, 30), say(35, 40), min_seconds=19, max_seconds=21)

    assert (tight.start_seconds, tight.end_seconds) == (10.0, 30.2)
    assert (loose.start_seconds, loose.end_seconds) == (10 - LEAD_SECONDS, 30 + TAIL_SECONDS)


def test_room_ends_where_another_shot_begins() -> None:
    seen = MediaAnalysis(width=1280, height=720, seconds=60, cuts=(9.8, 30.2))
    source = Source(sentences=(say(0, 5), say(10, 30), say(35, 40)), duration_seconds=60, analysis=seen)

    starts, ends = edges(source)

    assert (starts[1], ends[1]) == (9.8, 30.2)


def test_room_ends_with_the_video() -> None:
    found = best(say(0.1, 19.9), duration=20)

    assert (found.start_seconds, found.end_seconds) == (0, 20)


# Ranking


@pytest.mark.parametrize(
    ("better", "worse", "signal"),
    [
        (say(0, 20), say(0, 20, is_complete=False), "whole_sentences"),
        (say(0, 20, "We tried this one thing."), say(0, 20, "But we tried this one."), "opens_by_itself"),
        (say(0, 20, "What do we try here now?"), say(0, 20, "What we do try here now."), "question"),
        (say(0, 20, "Only 3 of them worked now."), say(0, 20, "Only few of them worked."), "number"),
        (say(0, 20, "Many words " * 20 + "in here."), say(0, 20, "Few words in here."), "words_per_second"),
    ],
)
def test_each_signal_alone_decides_between_equals(better: Sentence, worse: Sentence, signal: str) -> None:
    good, bad = (every(said([each], 30), Wanted.of())[0] for each in (better, worse))

    assert good.ranking_score > bad.ranking_score
    assert shares(good)[signal] > shares(bad)[signal]


def test_a_pause_inside_ranks_lower() -> None:
    fluent, halting = best(say(0, 10), say(10.2, 20), duration=20), best(say(0, 10), say(14, 20), duration=20)

    assert shares(fluent)["longest_pause"] > shares(halting)["longest_pause"]


def test_a_length_near_a_third_of_the_bounds_ranks_highest() -> None:
    lengths = {round(each.seconds): shares(each)["length"] for each in every(said(TEN, 100), Wanted.of())}

    assert max(lengths, key=lengths.__getitem__) in (29, 30)


def test_words_that_point_back_are_judged_in_english_only() -> None:
    found = every(said(TEN, 100, language=None), Wanted.of())[0]

    assert "opens_by_itself" not in shares(found)
    assert 0 <= found.ranking_score <= 1


def test_the_score_is_the_weighted_mean_of_the_reasons_shown() -> None:
    found = best(*TEN)

    mean = sum(each.weight * each.share for each in found.reasons) / sum(each.weight for each in found.reasons)
    assert found.ranking_score == round(mean, 4)


def test_of_equals_the_earlier_one_is_taken() -> None:
    assert best(*TEN, min_seconds=8, max_seconds=10).first == 0


gaps = st.floats(0, 4, allow_nan=False)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(gaps, st.floats(0.2, 25), st.booleans()), min_size=1, max_size=12), st.integers(3, 40), st.integers(0, 60))
def test_whatever_is_said_every_candidate_keeps_every_promise(rows: list[tuple[float, float, bool]], least: int, more: int) -> None:
    at, sentences = 0.0, []
    for gap, length, is_complete in rows:
        sentences.append(say(at + gap, at + gap + length, is_complete=is_complete))
        at += gap + length
    wanted = Wanted.of(least, least + more)

    found = every(said(sentences, at + 1), wanted)

    spans = [(each.start_seconds, each.end_seconds) for each in found]
    assert [fault for span in spans for fault in overreach(span, sentences, duration_seconds=at + 1, wanted=wanted)] == []
    assert found == every(said(sentences, at + 1), wanted)
    assert len(set(spans)) == len(spans)
