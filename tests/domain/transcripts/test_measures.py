"""Transcripts in numbers, in pieces, and as files."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.media import Cue
from domain.transcripts import (
    Chapter,
    Pauses,
    Source,
    Transcript,
    chunks,
    keywords_of,
    plain_text,
    srt,
    statistics_of,
    transcribe,
    transcript_of_speech,
    webvtt,
    words_of,
)
from tests.domain.transcripts.talking import evenly, heard, of_cues

TALK = "The river begins in the hills. Nobody knows the source of the river. Is it 12 km away, or 13.5? We walked along the river for days."


def spoken(*parts: tuple[float, str]) -> Transcript:
    """Parts that begin at their second, each word 0.3 s and 0.1 s of rest."""
    return transcript_of_speech(heard(*(word for start, text in parts for word in evenly(text, start=start))), duration_seconds=None)


# Numbers


def test_pace_is_over_speech_and_pauses_are_counted_apart() -> None:
    found = statistics_of(spoken((0, "one two three four five six seven eight nine ten."), (5.9, "and eleven twelve.")))

    # 13 words: 3.9 s, 2 s of silence, 1.1 s.
    assert (found.words, found.seconds, found.speech_seconds, found.has_own_times) == (13, 7.0, 5.0, True)
    assert found.words_per_minute == 156.0
    assert found.pauses == Pauses(count=1, share=0.2857, longest_seconds=2.0)


def test_pace_in_windows_covers_the_talk_without_a_gap() -> None:
    slow, fast = evenly(" ".join(["slow"] * 30), seconds=0.9), evenly(" ".join(["fast"] * 120), start=30, seconds=0.2, rest=0.05)

    pace = statistics_of(transcript_of_speech(heard(*slow, *fast), duration_seconds=None)).pace

    assert [each.words_per_minute for each in pace] == pytest.approx([60, 240], abs=1)
    assert all(before.end_seconds == after.start_seconds for before, after in pairwise(pace))


def test_questions_and_numbers_are_counted() -> None:
    found = statistics_of(of_cues((0, 20, TALK)))

    assert (found.sentences, found.questions, found.numbers, found.has_own_times) == (4, 1, 2, False)


def test_questions_are_unknown_where_nobody_punctuates() -> None:
    assert statistics_of(spoken((0, "do you know the way we do not know it"))).questions is None


def test_nothing_said_has_no_pace_and_no_pauses() -> None:
    found = statistics_of(of_cues())

    assert (found.words, found.seconds, found.pace, found.keywords) == (0, 0, (), ())
    assert {found.words_per_minute, found.letters_per_second, found.pauses, found.questions} == {None}


def test_what_comes_after_the_end_is_not_counted() -> None:
    assert statistics_of(spoken((0, "one two three"), (60, "four five")), duration_seconds=30).words == 3


# Keywords


def test_keywords_are_what_a_talk_comes_back_to() -> None:
    found = keywords_of(
        [TALK, "It is a very good thing, you know, and I really like it.", "The source lies in the hills, and the hills are cold."]
    )

    assert [each.text for each in found][:2] == ["river", "hills"] or [each.text for each in found][:2] == ["hills", "river"]
    assert {"source", "river", "hills"} == {each.text for each in found}
    assert found[0].score == 1.0


def test_two_words_that_stand_together_are_one_keyword() -> None:
    found = keywords_of(["Solar panels pay.", "I bought solar panels.", "Are solar panels heavy?", "Panels break."])

    assert (found[0].text, found[0].count) == ("solar panels", 3)
    assert "solar" not in {each.text for each in found}


def test_keywords_of_other_languages_leave_small_words_out() -> None:
    assert {each.text for each in keywords_of(["L'eau de la rivière est froide.", "On boit l'eau de cette rivière."])} == {"eau", "rivière"}
    assert "新幹線" in {each.text for each in keywords_of(["新幹線は速いです。", "新幹線で東京へ行きます。"])}
    assert "北京" in {each.text for each in keywords_of(["我们今天去北京。", "北京的天气非常好。"])}


# Pieces


def test_chunks_are_whole_sentences_within_the_bound_and_overlap() -> None:
    made = of_cues((0, 20, TALK))

    found = chunks(made, max_words=16, overlap=8)

    assert [(each.first, each.last, each.words) for each in found] == [(0, 1, 13), (1, 2, 14), (2, 3, 14)]
    assert found[0].text == "The river begins in the hills. Nobody knows the source of the river."
    assert (found[0].start_seconds, found[-1].end_seconds) == (made.sentences[0].start_seconds, made.sentences[-1].end_seconds)


def test_a_sentence_longer_than_a_chunk_is_cut_between_words() -> None:
    found = chunks(of_cues((0, 10, " ".join(str(number) for number in range(25)) + ".")), max_words=10)

    assert [each.words for each in found] == [10, 10, 5]
    assert " ".join(each.text for each in found) == " ".join(str(number) for number in range(25)) + "."


@pytest.mark.parametrize("overlap", [-1, 5, 9])
def test_an_overlap_that_does_not_fit_is_refused(overlap: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        chunks(of_cues((0, 1, "a")), max_words=5, overlap=overlap)


talks = st.lists(st.text(alphabet="ab .?日本語、。", max_size=30), max_size=8)


@settings(max_examples=100, deadline=None)
@given(talks, st.integers(1, 12), st.integers(0, 11))
def test_chunks_hold_every_word_once_but_for_the_overlap(texts: list[str], most: int, overlap: int) -> None:
    made = of_cues(*((4.0 * at, 4.0 * at + 4, text) for at, text in enumerate(texts)))

    found = chunks(made, max_words=most)

    assert "".join("".join(each.text.split()) for each in found) == "".join(word.text for word in words_of(made))
    assert all(each.words <= most for each in found)
    if overlap < most:
        assert all(each.words <= most for each in chunks(made, max_words=most, overlap=overlap))


# Files


def test_subrip_is_numbered_and_takes_nothing_for_markup() -> None:
    text = srt([Cue(3599.9996, 3601.5, "a <b>\n\n\nb --> c"), Cue(4, 5, " "), Cue(7, 7, "{\\an8}x")])

    assert text == (
        "1\n01:00:00,000 --> 01:00:01,500\na <\u2060b>\nb --\u2060> c\n\n2\n00:00:07,000 --> 00:00:07,001\n{\u2060\\\u2060an8}x\n"
    )


def test_webvtt_escapes_and_writes_times_before_their_words() -> None:
    made = transcript_of_speech(heard((1, 1.2, "a<b"), (1.5, 1.8, "&"), (1.5, 2, "c")), duration_seconds=None)

    assert webvtt(made.cues, words=made.timed) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na&lt;b <00:00:01.500>&amp; c\n"
    assert webvtt(made.cues) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na&lt;b &amp; c\n"


def test_plain_text_has_paragraphs_names_and_chapters() -> None:
    cues = [(0.0, 2.0, "ANNA: Where?"), (2.0, 4.0, "BEN: Here."), (4.0, 6.0, "Look."), (9.0, 11.0, "Further on.")]
    chapters = [Chapter(start_seconds=0, end_seconds=8, title="The search"), Chapter(start_seconds=8.5, end_seconds=12, title="The end")]

    made = transcribe([Cue(*each) for each in cues], source=Source.UPLOAD, language="en", duration_seconds=12, chapters=chapters)

    assert plain_text(made) == "The search\n\nANNA: Where?\n\nBEN: Here. Look.\n\nThe end\n\nFurther on.\n"
    assert plain_text(of_cues()) == ""


# Odd and long


@pytest.mark.parametrize(
    "cues",
    [
        [(-5.0, -1.0, "before"), (-1.0, 1.0, "across"), (1.0, 2.0, "after")],
        [(2.0, 3.0, "after"), (0.0, 1.0, "across")],
        [(0.0, 0.0, "across"), (0.0, 0.0, "and"), (0.0, 5.0, "after")],
        [(0.0, 9.0, "across"), (1.0, 9.0, "after"), (0.5, 3.0, "and")],
    ],
    ids=["negative", "out of order", "no length", "overlapping"],
)
def test_odd_times_give_words_in_order_that_do_not_overlap(cues: list[tuple[float, float, str]]) -> None:
    words = words_of(of_cues(*cues))

    assert [word.text for word in words] in (["across", "after"], ["across", "and", "after"])
    assert all(0 <= before.start_seconds <= before.end_seconds <= after.start_seconds for before, after in pairwise(words))


def test_ten_hours_are_read_and_measured() -> None:
    line = "this is a line of talk about the river and the hills"
    cues = [Cue(15.0 * at, 15.0 * at + 2.9, line) for at in range(2_400)]

    made = transcribe(cues, source=Source.UPLOAD, language=None, duration_seconds=36_000)
    found = statistics_of(made)
    pieces = chunks(made, max_words=800, overlap=80)

    assert (found.words, made.words, len(found.pace)) == (28_800, 28_800, 1200)
    assert len(pieces) > 36
