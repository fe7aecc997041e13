"""From cues to sentences: no word is lost, none is told twice, every one has its time."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.media import Cue
from domain.transcripts import (
    LONGEST_SECONDS,
    Sentence,
    Source,
    choose_track,
    clean,
    is_english,
    is_speech,
    sentences_of,
    transcribe,
    words_of,
)
from tests.media import subtitle_stream

REAL = ("blocks4all_captions_en", "deadline_captions_en", "frenchsong_captions_fr", "itaccess_captions_en", "wwa_captions_en")


def told(*cues: tuple[float, float, str], duration: float | None = None) -> list[tuple[float, float, str]]:
    """The sentences that cues make."""
    made = transcribe([Cue(*each) for each in cues], source=Source.UPLOAD, language="en", duration_seconds=duration).sentences
    return [(round(each.start_seconds, 2), round(each.end_seconds, 2), each.text) for each in made]


def texts(*cues: tuple[float, float, str]) -> list[str]:
    return [text for _, _, text in told(*cues)]


def complete(*cues: tuple[float, float, str]) -> list[bool]:
    made = transcribe([Cue(*each) for each in cues], source=Source.UPLOAD, language="en", duration_seconds=None).sentences
    return [each.is_complete for each in made]


# Where sentences begin and end


def test_a_sentence_over_several_cues_is_one() -> None:
    assert told((0, 2, "This is the first half"), (2, 4, "and this the second.")) == [(0, 4, "This is the first half and this the second.")]


def test_an_end_inside_a_cue_is_timed_by_its_characters() -> None:
    assert told((10, 20, "Half of it. And half.")) == [(10, 15.24, "Half of it."), (15.71, 20, "And half.")]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith met Mr. J. R. Jones.",
        "It costs 3.50 in the U.S. market.",
        "Use a knife, e.g. a sharp one, i.e. not this one.",
        "See No. 5 and fig. 3 of it.",
        "Well... I think so.",
        'He said "really?" and left.',
        "It begins at 8 a.m. Monday morning.",
        "Visit example.com/help now.",
    ],
)
def test_marks_that_end_nothing_cut_nothing(text: str) -> None:
    assert texts((0, 5, text)) == [text]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Really? Yes! No.", ["Really?", "Yes!", "No."]),
        ("He won... Nobody saw it.", ["He won...", "Nobody saw it."]),
        ("We rose at 8 a.m. The sun was up.", ["We rose at 8 a.m.", "The sun was up."]),
        ('She said "go." We went.', ['She said "go."', "We went."]),
        ("It was 2019. Then it broke.", ["It was 2019.", "Then it broke."]),
        ("So do I. You too.", ["So do I.", "You too."]),
        ("no capitals here. none at all.", ["no capitals here.", "none at all."]),
        ("Ça va ? Très bien !", ["Ça va ?", "Très bien !"]),
        ("行きます。 見ます。", ["行きます。", "見ます。"]),
    ],
)
def test_marks_that_end_a_sentence_do(text: str, cut: list[str]) -> None:
    assert texts((0, 5, text)) == cut


def test_a_long_silence_ends_a_sentence_that_nothing_else_ended() -> None:
    assert texts((0, 2, "and then he left"), (6, 8, "the house was cold.")) == ["and then he left", "the house was cold."]
    assert complete((0, 2, "and then he left"), (6, 8, "the house was cold.")) == [False, False]


def test_words_without_any_mark_are_cut_at_cues_once_they_grew_long() -> None:
    cues = [(4.0 * number, 4.0 * number + 4, f"line number {number} goes on") for number in range(12)]

    found = told(*cues)

    assert [text.count("line") for _, _, text in found] == [2] * 6
    assert [(start, end) for start, end, _ in found] == [(8.0 * number, 8.0 * number + 8) for number in range(6)]


def test_one_long_cue_without_any_mark_is_cut_too() -> None:
    found = told((0, 100, " ".join(["word"] * 200)))

    assert all(end - start <= LONGEST_SECONDS + 1 for start, end, _ in found)
    assert sum(len(text.split()) for _, _, text in found) == 200


def test_a_sentence_that_takes_long_to_end_is_waited_for() -> None:
    cues = [(5.0 * number, 5.0 * number + 5, "and on it goes") for number in range(4)]

    assert len(texts(*cues, (20, 25, "until here."))) == 1


def test_only_what_begins_after_an_end_and_ends_with_a_mark_is_complete() -> None:
    assert complete((0, 1, "One two."), (1, 2, "Three four."), (2, 3, "five")) == [True, True, False]


# Cues as people and machines write them


def test_captions_that_roll_tell_every_line_once() -> None:
    rolling = [
        (0.0, 2.0, "hello and welcome"), (2.0, 2.01, "hello and welcome"), (2.01, 4.0, "hello and welcome\nto the show"),
        (4.0, 4.01, "to the show"), (4.01, 6.0, "to the show\ntoday we talk"), (6.0, 8.0, "today we talk\nabout trees"),
    ]  # fmt: skip

    assert texts(*rolling) == ["hello and welcome to the show today we talk about trees"]


def test_captions_that_roll_in_overlapping_times_do_too() -> None:
    rolling = [(0, 3, "one two"), (1.5, 5, "one two\nthree four"), (3, 7, "three four\nfive six"), (5, 9, "five six\nseven eight.")]

    assert told(*rolling) == [(0, 9, "one two three four five six seven eight.")]


def test_what_people_say_twice_stays_twice() -> None:
    twice = [(0, 1, "Oh!"), (1, 2, "Oh!"), (2, 3, "No."), (3, 4, "No, I mean it."), (4, 5, "Fine.")]

    assert texts(*twice) == ["Oh!", "Oh!", "No.", "No, I mean it.", "Fine."]


def test_the_same_cue_twice_at_the_same_time_is_one() -> None:
    assert texts((0, 2, "Hello there."), (0.5, 2.5, "Hello there.")) == ["Hello there."]


def test_a_cue_ends_when_the_next_begins_and_what_begins_together_is_one() -> None:
    found = clean([Cue(0, 5, "First."), Cue(3, 6, "Second."), Cue(3, 7, "Third.")])

    assert found == (Cue(0, 3, "First."), Cue(3, 7, "Second. Third."))


def test_cues_out_of_order_and_empty_ones_do_no_harm() -> None:
    assert texts((4, 6, "Second."), (0, 2, "First."), (2, 3, "  \n ")) == ["First.", "Second."]
    assert texts() == []


def test_a_cue_that_ends_before_it_begins_still_says_its_words() -> None:
    assert texts((5, 4, "Upside down.")) == ["Upside down."]


@pytest.mark.parametrize("text", ["[applause]", "(laughs)", "♪ la la ♪", "[music] (door)"])
def test_what_nobody_says_is_no_speech(text: str) -> None:
    assert not is_speech(Cue(0, 1, text))
    assert texts((0, 1, text), (1, 2, "Hello.")) == ["Hello."]


def test_words_after_the_end_of_the_video_are_not_said_in_it() -> None:
    assert told((0, 2, "Before the end."), (2, 6, "half of this"), (9, 10, "Nothing of this."), duration=4) == [
        (0, 2, "Before the end."), (2, 4, "half of"),
    ]  # fmt: skip


# Which track


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [(["fra", "eng", "eng"], 1), (["fra", "deu"], 0), ([None, "en-US"], 1), (["en"], 0), ([None], 0), (["enm", "EN_gb"], 1)],
)
def test_the_first_english_track_is_taken_else_the_first(languages: list[str | None], chosen: int) -> None:
    tracks = [subtitle_stream(10 + at, language) for at, language in enumerate(languages)]

    assert choose_track(tracks).index == 10 + chosen


def test_pictures_of_words_are_not_read() -> None:
    pictures = subtitle_stream(2, "eng", codec="hdmv_pgs_subtitle")

    assert choose_track([pictures, subtitle_stream(3, "fra")]).index == 3
    with pytest.raises(Unacceptable, match="only subtitles that are pictures"):
        choose_track([pictures])


def test_without_a_track_captions_are_asked_for() -> None:
    with pytest.raises(Unacceptable, match="no subtitle track") as refused:
        choose_track([])

    assert [each.pointer for each in refused.value.problems] == ["captions"]


@pytest.mark.parametrize("tag", ["en", "eng", "EN-us", "en_GB"])
def test_english_is_told_by_the_tag(tag: str) -> None:
    assert is_english(tag)


@pytest.mark.parametrize("tag", ["enm", "fr", "", None])
def test_what_is_not_tagged_english_is_not(tag: str | None) -> None:
    assert not is_english(tag)


# Whatever comes

moments = st.floats(0, 500, allow_nan=False)
letters = st.text(alphabet="abcABC.,?!… \n[", min_size=0, max_size=40)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(moments, moments, letters), max_size=12))
def test_whatever_the_cues_every_word_is_told_in_order(rows: list[tuple[float, float, str]]) -> None:
    made = transcribe([Cue(*row) for row in rows], source=Source.UPLOAD, language=None, duration_seconds=None)

    spoken = [word for cue in made.cues if is_speech(cue) for word in cue.text.split()]
    assert words_in(made.sentences) == spoken
    starts = [each.start_seconds for each in made.sentences]
    assert starts == sorted(starts)
    assert all(each.end_seconds >= each.start_seconds for each in made.sentences)


def words_in(sentences: Sequence[Sentence]) -> list[str]:
    return [word for sentence in sentences for word in sentence.text.split()]


def test_two_words_never_overlap() -> None:
    words = words_of(clean([Cue(0, 4, "One two three."), Cue(3, 6, "Four five.")]))

    assert all(first.end_seconds <= second.start_seconds for first, second in pairwise(words))
    assert len(sentences_of(words)) == 2


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_no_word_of_real_captions_is_lost(real_data: Path, name: str) -> None:
    subs = pysubs2.load(str(real_data / "transcripts" / f"{name}.vtt"))
    cues = [Cue(each.start / 1000, each.end / 1000, each.plaintext) for each in subs]

    made = transcribe(cues, source=Source.UPLOAD, language=None, duration_seconds=None)

    spoken = [word for cue in cues if is_speech(Cue(0, 1, " ".join(cue.text.split()))) for word in cue.text.split()]
    assert words_in(made.sentences) == spoken
    assert len(spoken) > 30
    assert all(each.end_seconds - each.start_seconds <= 40 for each in made.sentences)
