"""Which words are shown together, when, and what of them."""

import unicodedata

import pytest

from domain.clips.breaking import clusters, columns, east_asian_language, is_right_to_left, may_break, phrases
from domain.clips.pages import MOST_WORDS, joined, pages_of, shown_words
from domain.clips.pieces import Piece
from domain.clips.profanity import SWEAR_WORDS, masked
from domain.media import Cue, ShownWord
from domain.transcripts import Word, words_of


def said(text: str, *, seconds: float = 0.4, start: float = 0.0) -> list[Word]:
    return [Word(start + at * seconds, start + (at + 1) * seconds, each, 0) for at, each in enumerate(text.split())]


def whole(words: list[Word]) -> Piece:
    return Piece(start_seconds=0, end_seconds=words[-1].end_seconds)


def paged(words: list[Word]) -> list[str]:
    found: dict[int, list[ShownWord]] = {}
    for word in shown_words(words, (whole(words),)):
        found.setdefault(word.page, []).append(word)
    return [joined(each) for each in found.values()]


def test_a_page_ends_with_its_sentence_but_not_with_an_abbreviation() -> None:
    assert paged(said("We met Dr. Smith. He left. Why? Nobody knows.")) == ["We met Dr. Smith.", "He left.", "Why?", "Nobody knows."]


def test_a_page_ends_where_nobody_speaks() -> None:
    assert paged([*said("one two"), *said("three four", start=2.0)]) == ["one two", "three four"]


def test_a_sentence_is_divided_evenly() -> None:
    assert sorted(len(each.split()) for each in paged(said("a b c d e"))) == [2, 3]
    assert [len(each.split()) for each in paged(said(" ".join("abcdefghi")))] == [3, 3, 3]
    assert all(len(each.split()) <= MOST_WORDS for each in paged(said(" ".join("abcdefghijklmnopqrstuvw"))))


def test_words_of_removed_parts_are_dropped_and_the_others_move_up() -> None:
    words = said("zero one um three four", seconds=1.0)
    pieces = (Piece(start_seconds=0.8, end_seconds=2.1), Piece(start_seconds=2.9, end_seconds=5.0))

    found = shown_words(words, pieces)

    assert [each.text for each in found] == ["one", "three", "four"]
    assert [each.start_seconds for each in found] == [0.2, 1.4, 2.4]
    assert [each.end_seconds for each in found] == [1.2, 2.4, 3.4]


def test_a_piece_that_is_shown_out_of_order_brings_its_words_along() -> None:
    words = said("zero one two three", seconds=1.0)
    pieces = (Piece(start_seconds=2, end_seconds=4), Piece(start_seconds=0, end_seconds=2))

    assert [(each.text, each.start_seconds) for each in shown_words(words, pieces)] == [("two", 0), ("three", 1), ("zero", 2), ("one", 3)]


def test_text_without_spaces_is_cut_into_phrases_and_joined_again() -> None:
    words = words_of((Cue(0, 8, "これはとても長い字幕です。"), Cue(8, 12, "คำบรรยายภาษาไทย")))

    found = shown_words(words, (Piece(start_seconds=0, end_seconds=12),))

    assert [each.text for each in found][:3] == ["これは", "とても", "長い"]
    assert [each.is_joined for each in found][:3] == [False, True, True]
    assert found[1].start_seconds == pytest.approx(found[0].end_seconds)
    assert "".join(each.text for each in found) == "これはとても長い字幕です。คำบรรยายภาษาไทย"


def test_words_of_a_listener_stand_together_where_their_script_has_no_spaces() -> None:
    assert paged(said("今天 我们 看 视频")) == ["今天我们看视频"]
    assert paged(said("오늘 우리는 영상을")) == ["오늘 우리는 영상을"]


def test_spaces_that_such_a_text_has_itself_stay() -> None:
    assert "  ".join(paged(said("สวัสดีชาวโลก ขอบคุณมากครับ"))).count(" ") > 0


def test_pages_end_when_the_next_one_begins_and_with_the_clip() -> None:
    words = [ShownWord(start_seconds=at, end_seconds=at + 0.2, text="w", page=number) for number, at in enumerate((0.0, 0.3, 3.0))]

    assert [(each.start_seconds, each.end_seconds) for each in pages_of(words, seconds=3.1)] == [(0, 0.3), (0.3, 0.8), (3, 3.1)]


def test_kinsoku_keeps_marks_with_what_they_belong_to() -> None:
    assert not may_break("す", "。")
    assert not may_break("「", "は")
    assert not may_break("เ", "ก")
    assert may_break("字", "幕")
    for part in phrases("「はい」、と言った。ちょっと、待って！"):
        assert part[0] not in "、。」っょ！"
        assert part[-1] != "「"


def test_characters_that_readers_take_for_one_stay_one() -> None:
    family, flag, accent = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "e\u0301"

    assert clusters(family + flag + accent) == [family, flag, accent]
    assert columns(f"a字{family}") == 5


def test_pieces_of_burmese_begin_with_no_vowel_sign_and_no_final_consonant() -> None:
    found = phrases("မြန်မာဘာသာစကားတွင်စာလုံးများ")

    assert "".join(found) == "မြန်မာဘာသာစကားတွင်စာလုံးများ"
    assert len(found) > 2
    assert not any(unicodedata.category(each[0])[0] == "M" or each[1:2] == "\u103a" for each in found)


def test_direction_and_language_are_those_of_most_letters() -> None:
    assert is_right_to_left(["أحب TikTok كثيرا 123"])
    assert not is_right_to_left(["The word سلام means peace"])
    assert [east_asian_language([each]) for each in ("直す", "直接", "한국 直", "abc")] == ["ja", "zh", "ko", None]


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("Fucking great, shit!", "en", "F****** great, s***!"),
        ("The class of Scunthorpe passes", "en-GB", "The class of Scunthorpe passes"),
        ("Scheiße, ein Ass.", "de", "S******, ein Ass."),
        ("SHIT", "eng", "S***"),
        ("Shit", "sv", "Shit"),
        ("con merde", None, "c** m****"),
    ],
)
def test_whole_swear_words_of_the_language_are_masked(text: str, language: str | None, wanted: str) -> None:
    assert masked(text, language) == wanted


def test_nothing_is_masked_unless_somebody_asks() -> None:
    words = said("shit happens")

    assert [each.text for each in shown_words(words, (whole(words),), language="en")] == ["shit", "happens"]
    assert [each.text for each in shown_words(words, (whole(words),), language="en", is_masked=True)] == ["s***", "happens"]


def test_lists_hold_whole_words_in_lower_case() -> None:
    assert all(masked(word, language) != word for language, words in SWEAR_WORDS.items() for word in words)
