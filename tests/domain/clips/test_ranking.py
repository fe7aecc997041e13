"""Candidates of a whole video: within topics, cut in silence, unlike each other, as many as are wanted."""

import random
import time
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.clips_selection import hour
from domain.clips.analysis import MediaAnalysis
from domain.clips.asked import MOST_CLIPS, Wanted
from domain.clips.checking import overreach
from domain.clips.choosing import LEAD_SECONDS, METHOD, TAIL_SECONDS, rank
from domain.clips.diversity import CEILING, FLOOR, aim, is_near
from domain.clips.source import Source
from domain.errors import Unacceptable
from domain.transcripts import Chapter, Sentence, Word
from tests.domain.clips.every import every

HOUR = hour(seed=3)
FOUND = rank(HOUR, Wanted.of())


def cook(count: int, *, start: float = 0.0, about: str = "flour dough oven bread yeast crust") -> list[Sentence]:
    """Sentences of nine seconds about something, one every ten."""
    words, source = about.split(), random.Random(count)
    return [
        Sentence(start + 10.0 * at, start + 10.0 * at + 9, " ".join(source.choices(words, k=9)).capitalize() + ".", is_complete=True)
        for at in range(count)
    ]


def test_an_hour_gives_nine_that_are_unlike_each_other() -> None:
    assert FOUND.method == METHOD
    assert len(FOUND.candidates) == CEILING
    assert not any(is_near(one, other) for one, other in combinations(FOUND.candidates, 2))
    scores = [each.ranking_score for each in FOUND.candidates]
    assert scores == sorted(scores, reverse=True)
    assert len({each.topic for each in FOUND.candidates}) >= 6


def test_every_candidate_keeps_its_bounds_and_cuts_no_word() -> None:
    for each in FOUND.candidates:
        span = (each.start_seconds, each.end_seconds)
        assert overreach(span, HOUR.sentences, duration_seconds=HOUR.duration_seconds, wanted=Wanted.of()) == []
        assert not any(word.start_seconds + 0.002 < edge < word.end_seconds - 0.002 for edge in span for word in HOUR.words)
        assert FOUND.topics.crossed(each.first, each.last) == ()


def test_what_cannot_be_had_is_told_once_for_the_video_and_with_every_candidate() -> None:
    names = {each.name for each in FOUND.absent}

    assert names == {"laughter", "speaker_turns", "most_replayed", "retention", "proven_here", "associated_here", "judged"}
    assert all(names == {absent.name for absent in each.absent} for each in FOUND.candidates)
    assert all(names.isdisjoint({reason.name for reason in each.reasons}) for each in FOUND.candidates)


def test_an_hour_is_ranked_within_two_seconds() -> None:
    began = time.process_time()
    again = rank(HOUR, Wanted.of())

    assert time.process_time() - began <= 2
    assert again == FOUND


@pytest.mark.parametrize("count", [1, 3, MOST_CLIPS])
def test_as_many_as_are_wanted(count: int) -> None:
    assert len(rank(HOUR, Wanted.of(count=count)).candidates) == count


@pytest.mark.parametrize(("minutes", "count"), [(1, FLOOR), (10, FLOOR), (36, 6), (60, CEILING), (240, CEILING)])
def test_the_aim_is_four_to_nine_by_length(minutes: float, count: int) -> None:
    assert aim(60 * minutes, None) == count


def test_more_than_are_ever_made_are_refused() -> None:
    with pytest.raises(Unacceptable) as caught:
        Wanted.of(count=MOST_CLIPS + 1)

    assert [each.pointer for each in caught.value.problems] == ["count"]


def test_a_short_source_gives_what_it_has() -> None:
    source = Source(sentences=tuple(cook(4)), duration_seconds=40, language="en")

    found = rank(source, Wanted.of(15, 25)).candidates

    assert 1 <= len(found) <= 2
    assert not any(is_near(one, other) for one, other in combinations(found, 2))


def test_what_is_said_twice_is_shown_once() -> None:
    told = cook(3)
    again = [replace(each, start_seconds=each.start_seconds + 200, end_seconds=each.end_seconds + 200) for each in told]
    other = cook(3, start=100, about="wheel chain saddle brake pedal spoke")
    source = Source(sentences=(*told, *other, *again), duration_seconds=300, language="en")

    found = rank(source, Wanted.of(28, 32)).candidates

    assert [each.first for each in sorted(found, key=lambda each: each.first)] == [0, 3]


# Topics


def two_topics() -> tuple[Sentence, ...]:
    return (*cook(20), *cook(20, start=200, about="wheel chain saddle brake pedal spoke"))


def test_no_candidate_reaches_into_another_topic() -> None:
    source = Source(sentences=two_topics(), duration_seconds=400, language="en")

    found = rank(source, Wanted.of())

    assert found.topics.starts == (20,)
    assert all(each.last < 20 or each.first >= 20 for each in every(source, Wanted.of()))
    assert {each.topic for each in found.candidates} == {0, 1}


def test_chapters_of_the_maker_end_topics_too() -> None:
    chapters = (Chapter(start_seconds=0, end_seconds=99.5, title="Dough"), Chapter(start_seconds=100.4, end_seconds=400, title="Oven"))
    source = Source(sentences=two_topics(), duration_seconds=400, language="en", chapters=chapters)

    assert rank(source, Wanted.of()).topics.starts == (10, 20)


def test_where_every_topic_is_too_short_a_clip_reaches_into_the_next_and_says_so() -> None:
    chapters = tuple(Chapter(start_seconds=20.0 * at, end_seconds=20.0 * (at + 1), title=str(at)) for at in range(5))
    source = Source(sentences=tuple(cook(10)), duration_seconds=100, language="en", chapters=chapters)

    best = rank(source, Wanted.of(30, 40)).candidates[0]

    assert next(each for each in best.reasons if each.name == "one_topic").share == 0
    with pytest.raises(Unacceptable, match="no run of whole sentences"):
        rank(replace(source, sentences=source.sentences[:2]), Wanted.of(30, 40))


# Where cuts fall


def cut(levels: list[float] | None = None, words: tuple[Word, ...] = ()) -> tuple[float, float]:
    """The cut around one sentence from 10 to 30 s."""
    analysis = None if levels is None else MediaAnalysis(width=1, height=1, seconds=40, levels_db=tuple(levels))
    source = Source(sentences=(Sentence(10, 30, "It floats.", True),), duration_seconds=40, words=words, analysis=analysis)
    found = every(source, Wanted.of())[0]
    return found.start_seconds, found.end_seconds


def test_without_sound_the_cut_leaves_all_the_room_there_is() -> None:
    assert cut() == (10 - LEAD_SECONDS, 30 + TAIL_SECONDS)


def test_noise_in_the_room_around_the_words_is_cut_away() -> None:
    quiet = [-60.0] * 400
    noisy = [-20.0 if at in (96, 97, 303, 304) else level for at, level in enumerate(quiet)]

    assert cut(quiet) == (10 - LEAD_SECONDS, 30 + TAIL_SECONDS)
    start, end = cut(noisy)
    assert 9.8 <= start <= 10
    assert 30 <= end <= 30.3


def test_a_cut_moves_out_of_a_word_that_is_still_being_said() -> None:
    words = (Word(9.2, 9.9, "before", 0), Word(9.95, 10.4, "It", 1), Word(29.5, 30.1, "floats.", 1), Word(30.2, 30.9, "after", 2))

    assert cut(words=words) == (9.9, 30.2)


rows = st.lists(st.tuples(st.floats(0, 2), st.integers(1, 9), st.booleans()), min_size=1, max_size=14)


@settings(deadline=None, max_examples=60)
@given(rows, st.integers(3, 20), st.integers(0, 30), st.integers(0, 2**16))
def test_a_cut_never_falls_inside_a_word_nor_before_its_sentence_ends(
    given_rows: list[tuple[float, int, bool]], least: int, more: int, seed: int
) -> None:
    at, sentences, words, chance = 0.0, [], [], random.Random(seed)
    for gap, count, is_complete in given_rows:
        first = at = at + gap
        for _ in range(count):
            end = at + chance.uniform(0.1, 0.9)
            words.append(Word(at, end, "word", 0))
            at = end + chance.choice((0, 0.05, 0.3))
        sentences.append(Sentence(first, words[-1].end_seconds, "word " * count, is_complete))
    levels = tuple(chance.uniform(-70, -10) for _ in range(round(10 * at)))
    source = Source(
        sentences=tuple(sentences), words=tuple(words), duration_seconds=at + 1,
        analysis=MediaAnalysis(width=1, height=1, seconds=at + 1, levels_db=levels),
    )  # fmt: skip
    wanted = Wanted(least, least + more)

    for each in every(source, wanted):
        span = (each.start_seconds, each.end_seconds)
        assert overreach(span, sentences, duration_seconds=at + 1, wanted=wanted) == []
        assert not any(word.start_seconds + 0.002 < edge < word.end_seconds - 0.002 for edge in span for word in words)
        assert span[1] >= sentences[each.last].end_seconds - 0.002


def test_sentences_that_overlap_are_ranked_all_the_same() -> None:
    sentences = tuple(Sentence(5.0 * at, 5.0 * at + 8, "They speak at once.", True) for at in range(8))
    found = every(Source(sentences=sentences, duration_seconds=50), Wanted.of())

    assert found
    assert all(each.start_seconds < each.end_seconds for each in found)
    assert all(one.ranking_score >= other.ranking_score for one, other in pairwise(found))
