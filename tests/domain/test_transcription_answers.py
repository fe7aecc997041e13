"""Answers of a transcription API become words with times, or say what is wrong with them."""

from typing import Any

import pytest

from domain.quiet import Span
from domain.speech import HeardWord
from domain.transcription_answers import HeardPiece, joined, read_piece

SPAN = Span(600.0, 604.0)


def answer(**other: Any) -> dict[str, Any]:
    words = [{"word": "So", "start": 0.0, "end": 0.4}, {"word": "ask", "start": 0.4, "end": 0.9}, {"word": "me", "start": 1.0, "end": 1.2}]
    return {"language": "english", "text": "So: ask me!", "words": words, **other}


def test_times_are_those_of_the_whole_sound() -> None:
    found = read_piece(answer(), SPAN)

    assert [(each.start_seconds, each.end_seconds) for each in found.words] == [(600.0, 600.4), (600.4, 600.9), (601.0, 601.2)]
    assert found.language == "en"


def test_marks_come_from_the_text() -> None:
    assert [each.text for each in read_piece(answer(), SPAN).words] == ["So:", "ask", "me!"]


def test_a_word_that_the_text_writes_otherwise_stays_as_it_is() -> None:
    assert [each.text for each in read_piece(answer(text="So, tell me."), SPAN).words] == ["So,", "ask", "me."]


def test_words_below_segments_are_found() -> None:
    told = answer()
    told["segments"] = [{"words": told["words"][:2]}, {"words": told["words"][2:]}, {}]
    told["words"] = None

    assert len(read_piece(told, SPAN).words) == 3


def test_silence_has_no_words() -> None:
    assert read_piece({"text": "", "words": [], "language": "english"}, SPAN).words == ()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([], "something else"),
        ({"text": "Hello there."}, "no times of words"),
        (answer(words=["So"]), "is none"),
        (answer(words=[{"word": 3, "start": 0, "end": 1}]), "no text or no time"),
        (answer(words=[{"word": "So", "start": "0", "end": 1}]), "no text or no time"),
        (answer(words=[{"word": "So", "start": float("nan"), "end": 1}]), "no text or no time"),
        (answer(words=[{"word": "So", "start": 10**400, "end": 10**400}]), "no text or no time"),
        (answer(words=[{"word": "So", "start": 2, "end": 1}]), "puts a word at 2 to 1 s"),
        (answer(words=[{"word": "So", "start": 0, "end": 90}]), "of a sound of 4.0 s"),
    ],
)
def test_an_answer_that_is_no_transcript_says_why(told: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_piece(told, SPAN)


def test_a_little_past_the_end_is_at_the_end() -> None:
    (word,) = read_piece(answer(text="So", words=[{"word": "So", "start": 3.5, "end": 4.4}]), SPAN).words

    assert (word.start_seconds, word.end_seconds) == (603.5, 604.0)


@pytest.mark.parametrize(("told", "code"), [("Spanish", "es"), ("de", "de"), ("klingon", None)])
def test_a_language_is_told_by_its_code_or_not_at_all(told: str, code: str | None) -> None:
    assert read_piece(answer(language=told), SPAN).language == code


def test_the_language_is_the_one_in_which_most_is_said() -> None:
    def word(text: str) -> HeardWord:
        return HeardWord(start_seconds=0.0, end_seconds=1.0, text=text)

    pieces = (HeardPiece((word("um"),), "cy"), HeardPiece((word("guten"), word("Tag")), "de"), HeardPiece((), "en"))

    assert joined(pieces, model="m", language=None).language == "de"
    assert joined(pieces, model="m", language="fr").language == "fr"
    assert joined((HeardPiece((), "en"),), model="m", language=None).language is None
