"""Captions of a clip as text: a cue per page of words, and the files."""

from itertools import pairwise

import pysubs2
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clips.captions import cues_of
from domain.clips.pages import MOST_COLUMNS, MOST_WORDS, shown_words
from domain.clips.pieces import Piece
from domain.media import Cue, ShownWord
from domain.transcripts import srt, webvtt, words_of

CUES = (Cue(10, 16, "This is the optical and science segment of the telescope."), Cue(16.5, 20, "It is large, very large."))


def shown(start: float = 9.8, end: float = 20.4, cues: tuple[Cue, ...] = CUES) -> tuple[Cue, ...]:
    span = Piece(start_seconds=start, end_seconds=end)
    return cues_of(shown_words(words_of(cues), (span,)), seconds=span.seconds)


def test_a_caption_has_few_words() -> None:
    assert all(len(each.text.split()) <= MOST_WORDS and len(each.text) <= MOST_COLUMNS for each in shown())
    assert " ".join(each.text for each in shown()) == " ".join(each.text for each in CUES)


def test_captions_are_cut_at_phrases_and_into_even_parts() -> None:
    assert [each.text for each in shown()] == [
        "This is the optical",
        "and science segment",
        "of the telescope.",
        "It is large,",
        "very large.",
    ]


def test_captions_count_from_the_start_of_the_clip() -> None:
    first, *_, last = shown()

    assert first.start_seconds == 0.2
    assert last.end_seconds <= 10.6


def test_words_of_the_neighbours_are_not_shown() -> None:
    assert [each.text for each in shown(start=16.4)] == ["It is large,", "very large."]
    assert shown(start=0, end=5) == ()


def test_a_word_that_is_too_long_stands_alone() -> None:
    cues = (Cue(0, 2, "a Donaudampfschifffahrtsgesellschaft sails"),)

    assert [each.text for each in shown(0, 2, cues)] == ["a", "Donaudampfschifffahrtsgesellschaft", "sails"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.floats(0.1, 9), st.text(alphabet="ab,. 字のคำ", min_size=1, max_size=60)), min_size=1, max_size=8
    )
)
def test_two_captions_are_never_shown_at_once(rows: list[tuple[float, float, str]]) -> None:
    at, cues = 0.0, []
    for gap, length, text in rows:
        if text.strip():
            cues.append(Cue(at + gap, at + gap + length, " ".join(text.split())))
        at += gap + length

    found = shown(0, at, tuple(cues))

    assert all(before.end_seconds <= after.start_seconds for before, after in pairwise(found))
    assert all(0 <= each.start_seconds < each.end_seconds <= round(at, 3) for each in found)


def test_a_cue_is_a_page_and_ends_when_the_next_one_begins() -> None:
    words = [ShownWord(start_seconds=at, end_seconds=at + 0.9, text=f"w{at}", page=at // 2) for at in range(4)]

    assert cues_of(words, seconds=3.95) == (Cue(0, 2, "w0 w1"), Cue(2, 3.95, "w2 w3"))
    assert cues_of((), seconds=1) == ()


def test_the_file_says_the_same_to_another_reader() -> None:
    cues = (Cue(0.2, 1.5, "a < b & c"), Cue(3661.007, 3662.5, "late"))

    for text in (webvtt(cues), srt(cues)):
        read = [(each.start / 1000, each.end / 1000, each.text) for each in pysubs2.SSAFile.from_string(text)]
        assert [(start, end) for start, end, _ in read] == [(0.2, 1.5), (3661.007, 3662.5)]
    assert "01:01:01.007 --> 01:01:02.500\nlate\n" in webvtt(cues)
    assert "a &lt; b &amp; c" in webvtt(cues)
    assert "2\n01:01:01,007 --> 01:01:02,500\nlate\n" in srt(cues)


def test_a_file_gives_its_reader_nothing_to_obey() -> None:
    attack = Cue(0, 1, "<i>x</i> {\\an8}up\n\n7\n00:00:00,000 --> 00:00:09,000\n\u202enever \x1b[2J")

    found = [webvtt((attack,)), srt((attack,))]

    assert all(each.count("\n\n") <= 1 and len(pysubs2.SSAFile.from_string(each)) == 1 for each in found)
    assert all(not set(each) & set("\u202e\x1b") for each in found)
    assert "<i>" not in found[0] + found[1]
    assert "{\\" not in found[1]
