"""Transcripts of what was heard, and of scripts that were aligned."""

from itertools import pairwise

import pytest

from domain.speech import HeardWord
from domain.transcripts import Source, Word, script_words, transcript_of_script, transcript_of_speech, words_of
from tests.domain.transcripts.talking import evenly, heard, of_cues

SCRIPT = """ANNA: Where does the river begin?

BEN: Up there, Dr. Brown says. [laughs]
Nobody has been.
"""


def aligned(script: str) -> list[HeardWord]:
    return [HeardWord(start_seconds=0.4 * at, end_seconds=0.4 * at + 0.3, text="x") for at, _ in enumerate(script_words(script))]


def test_speech_with_marks_is_cut_at_them() -> None:
    made = transcript_of_speech(heard(*evenly("We know it. You do not know.")), duration_seconds=None)

    assert [each.text for each in made.sentences] == ["We know it.", "You do not know."]
    assert (made.source, made.model, made.error_rate) == (Source.SPEECH, "ear/1", None)
    assert [word.text for word in made.timed] == ["We", "know", "it.", "You", "do", "not", "know."]


def test_speech_without_marks_is_cut_at_its_pauses() -> None:
    first, second = "we followed the river up to the hills", "nobody had been there before us"

    made = transcript_of_speech(heard(*evenly(first), *evenly(second, start=4.2)), duration_seconds=None)

    assert [each.text for each in made.sentences] == [first, second]
    assert not any(each.is_complete for each in made.sentences)


def test_a_short_word_before_a_pause_is_no_sentence() -> None:
    made = transcript_of_speech(heard((0, 0.3, "so"), *evenly("we followed the river up", start=1.2)), duration_seconds=None)

    assert [each.text for each in made.sentences] == ["so we followed the river up"]


def test_talk_without_any_pause_is_cut_where_there_is_most_rest() -> None:
    words = evenly(" ".join(["on"] * 30), rest=0.05) + evenly(" ".join(["and"] * 30), start=10.8, rest=0.05)

    made = transcript_of_speech(heard(*words), duration_seconds=None)

    assert made.sentences[0].text == " ".join(["on"] * 30)


def test_what_is_heard_but_not_said_is_left_out() -> None:
    made = transcript_of_speech(heard((0, 1, "[Music]"), (1, 1.5, " hello "), (1.5, 2, ""), (2, 2.4, "(laughs)")), duration_seconds=None)

    assert [word.text for word in made.timed] == ["hello"]


def test_words_that_overlap_go_back_or_come_after_the_end_are_put_in_order() -> None:
    speech = heard((1.0, 2.5, "two"), (0.5, 1.2, "one"), (2.0, 2.0, "three"), (8.0, 9.0, "four"), (-1.0, -0.5, "zero"))

    made = transcript_of_speech(speech, duration_seconds=5.0)

    assert [word.text for word in made.timed] == ["zero", "one", "two", "three", "four"]
    assert all(before.end_seconds <= after.start_seconds for before, after in pairwise(made.timed))
    assert all(0 <= word.start_seconds <= word.end_seconds <= 5 for word in made.timed)


def test_japanese_that_was_heard_is_written_without_spaces() -> None:
    made = transcript_of_speech(heard((0, 0.5, "今日は"), (0.5, 1, "天気が"), (1, 1.5, "いい"), (1.5, 2, "です。")), duration_seconds=None)

    assert [each.text for each in made.sentences] == ["今日は天気がいいです。"]
    assert made.language == "ja"


def test_two_words_that_were_heard_as_one_are_two() -> None:
    made = transcript_of_speech(heard((0, 1, "New York.")), duration_seconds=None)

    assert [(word.text, word.start_seconds) for word in made.timed] == [("New", 0), ("York.", 0.375)]


def test_cues_of_speech_are_short_and_break_where_sentences_do() -> None:
    made = transcript_of_speech(heard(*evenly("One two three. " + " ".join(["word"] * 60))), duration_seconds=None)

    assert made.cues[0].text == "One two three."
    assert all(len(cue.text) <= 84 and cue.end_seconds - cue.start_seconds <= 7.01 for cue in made.cues)
    assert " ".join(cue.text for cue in made.cues) == " ".join(word.text for word in made.timed)
    assert {word.cue for word in made.timed} == set(range(len(made.cues)))


def test_nothing_heard_is_an_empty_transcript() -> None:
    made = transcript_of_speech(heard(), duration_seconds=3.0)

    assert (made.cues, made.sentences, made.timed, made.language) == ((), (), (), None)


def test_a_script_gives_its_words_without_names_and_sounds() -> None:
    assert " ".join(script_words(SCRIPT)) == "Where does the river begin? Up there, Dr. Brown says. Nobody has been."


def test_a_script_keeps_its_writing_and_takes_the_times() -> None:
    made = transcript_of_script(aligned(SCRIPT), SCRIPT, language=None, duration_seconds=60)

    assert [each.text for each in made.sentences] == ["Where does the river begin?", "Up there, Dr. Brown says.", "Nobody has been."]
    assert made.timed[5] == Word(2.0, 2.3, "Up", 1)
    assert [(each.start_seconds, each.label) for each in made.turns] == [(0.0, "ANNA"), (2.0, "BEN")]
    assert (made.source, made.language) == (Source.SCRIPT, "en")


def test_a_script_with_other_words_than_were_aligned_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="13 words, and 3 were aligned"):
        transcript_of_script(aligned(SCRIPT)[:3], SCRIPT, language="en", duration_seconds=60)


def test_a_chinese_script_is_aligned_word_by_word() -> None:
    script = "我们今天去北京看长城。"

    made = transcript_of_script(aligned(script), script, language=None, duration_seconds=60)

    assert (len(made.timed) > 4, made.sentences[0].text, made.language) == (True, script, "zh")


def test_own_times_of_words_win_over_places_in_their_cue() -> None:
    spoken = transcript_of_speech(heard((0, 0.2, "a"), (3, 3.2, "b")), duration_seconds=None)

    assert [word.start_seconds for word in words_of(spoken)] == [0, 3]
    assert [word.start_seconds for word in words_of(spoken, duration_seconds=2)] == [0]
    assert [word.text for word in words_of(of_cues((0, 2, "a b")))] == ["a", "b"]
