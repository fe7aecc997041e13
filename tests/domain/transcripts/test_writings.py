"""What is said in any writing: words are told apart, sentences end, the language is named, and no letter is lost."""

from itertools import pairwise

import pytest

from domain.media import Cue
from domain.transcripts import count_words, spoken_language, statistics_of, words_of
from tests.domain.transcripts.talking import of_cues

# One line of talk per language, two sentences each.
TALKS = {
    "en": "This is what we know about the river. Nobody has seen where it begins?",
    "es": "Esto es lo que sabemos sobre el río. ¿Quién ha visto dónde empieza?",
    "pt": "Isto é o que nós sabemos sobre o rio, mas não é muito. Quem já viu onde ele começa?",
    "fr": "C'est ce que nous savons de la rivière. Qui sait où elle commence dans les montagnes ?",
    "de": "Das ist alles, was wir über den Fluss wissen. Wer hat gesehen, wo er beginnt?",
    "ru": "Это всё, что мы знаем о реке. Кто видел, где она начинается?",
    "ar": "هذا ما نعرفه عن النهر. من رأى أين يبدأ؟",
    "he": "זה מה שאנחנו יודעים על הנהר. מי ראה איפה הוא מתחיל?",
    "hi": "हम नदी के बारे में यही जानते हैं। किसने देखा है कि वह कहाँ से शुरू होती है?",
    "ja": "今日は天気がいいので川まで歩きました。どこから流れてくるのでしょうか？",
    "zh": "我们今天沿着河走了很远。谁知道它从哪里开始？",
    "ko": "우리가 강에 대해 아는 것은 이것뿐입니다. 어디서 시작하는지 누가 보았나요?",
    "th": "วันนี้อากาศดีมากเราเดินไปที่แม่น้ำ ไม่มีใครรู้ว่ามันเริ่มที่ไหน",
}
WITHOUT_SPACES = ("ja", "zh", "th")


@pytest.mark.parametrize("language", TALKS)
def test_the_language_is_told_by_the_words(language: str) -> None:
    assert spoken_language(TALKS[language]).language == language
    assert of_cues((0, 8, TALKS[language])).language == language


@pytest.mark.parametrize("language", sorted(set(TALKS) - {"th"}))
def test_both_sentences_are_found_and_one_asks(language: str) -> None:
    made = of_cues((0, 8, TALKS[language]))

    assert len(made.sentences) == 2
    assert statistics_of(made).questions == 1


@pytest.mark.parametrize("language", TALKS)
def test_no_letter_is_lost_and_the_text_stays_as_it_was_written(language: str) -> None:
    made = of_cues((0, 8, TALKS[language]))

    written = " ".join(sentence.text for sentence in made.sentences)
    assert "".join(written.split()) == "".join(TALKS[language].split())
    assert "".join(word.text for word in words_of(made)) == "".join(TALKS[language].split())


@pytest.mark.parametrize("language", WITHOUT_SPACES)
def test_words_without_spaces_are_told_apart(language: str) -> None:
    words = words_of(of_cues((0, 8, TALKS[language])))

    assert 7 <= len(words) <= 25
    assert max(len(word.text) for word in words) <= 14
    assert all(before.end_seconds <= after.start_seconds + 1e-9 for before, after in pairwise(words))


@pytest.mark.parametrize("text", ["ກ" * 500, "ក" * 500, "က" * 500, "日" * 500, "あ" * 500, "ก" * 500])
def test_no_run_of_letters_is_one_long_word(text: str) -> None:
    words = words_of(of_cues((0, 60, text)))

    assert "".join(word.text for word in words) == text
    assert max(len(word.text) for word in words) <= 16


def test_pieces_are_not_torn_from_their_marks() -> None:
    text = "ន៉ាំ" * 40

    assert not any(word.text[0] in "៉ាំ" for word in words_of(of_cues((0, 60, text))))


def test_latin_names_inside_japanese_stay_whole() -> None:
    assert any("iPhone" in word.text for word in words_of(of_cues((0, 8, "今日は新しいiPhoneを買いました。"))))


def test_lines_of_a_cue_are_joined_as_their_script_joins_words() -> None:
    assert of_cues((0, 4, "今日は天気が\nいいです。")).sentences[0].text == "今日は天気がいいです。"
    assert of_cues((0, 4, "one line\nand two.")).sentences[0].text == "one line and two."


@pytest.mark.parametrize("text", ["🎉🎉", "👩‍👩‍👧 🏳️‍🌈", "…", "— —", "!!!"])
def test_signs_alone_are_no_words(text: str) -> None:
    made = of_cues((0, 2, text))

    assert (made.words, made.language, count_words(text)) == (0, None, 0)
    assert statistics_of(made).words_per_minute is None


def test_a_language_that_is_tagged_is_believed() -> None:
    assert of_cues((0, 8, TALKS["en"]), language="eng").language == "eng"


def test_a_song_in_between_does_not_change_the_language() -> None:
    talk = [(10.0 * at, 10.0 * at + 9, TALKS["en"]) for at in range(20)]
    song = [(200.0 + 10 * at, 209.0 + 10 * at, TALKS["fr"]) for at in range(4)]

    assert of_cues(*talk, *song).language == "en"


def test_where_two_languages_are_spoken_alike_none_is_named() -> None:
    mixed = [(10.0 * at, 10.0 * at + 9, TALKS["en" if at // 20 % 2 else "de"]) for at in range(80)]

    assert of_cues(*mixed).language is None


def test_directions_of_writing_do_not_change_the_order() -> None:
    words = words_of([Cue(0, 4, "هذا iPhone جديد.")])

    assert [word.text for word in words] == ["هذا", "iPhone", "جديد."]
