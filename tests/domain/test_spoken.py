"""Tokens of a script become the words that are said."""

import pytest

from domain.spoken import script_of, spoken


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("Hello,", "hello"),
        ("“don’t”", "don't"),
        ("self-substantial", "self substantial"),
        ("café", "cafe"),
        ("R&B", "r and b"),
        ("U.S.A.", "u s a"),
        ("24/7", "twenty four seven"),
        ("1,250", "one thousand two hundred fifty"),
        ("0", "zero"),
        ("007", "zero zero seven"),
        ("3.5", "three point five"),
        ("1961", "nineteen sixty one"),
        ("1905", "nineteen oh five"),
        ("1900", "nineteen hundred"),
        ("2007", "two thousand seven"),
        ("2024", "twenty twenty four"),
        ("21st", "twenty first"),
        ("20th", "twentieth"),
        ("50%", "fifty percent"),
        ("10k", "ten thousand"),
        ("$1", "one dollar"),
        ("$1.50", "one dollar fifty"),
        ("£2m", "two million pounds"),
    ],
)
def test_a_token_is_said_as_people_say_it(token: str, said: str) -> None:
    assert " ".join(spoken(token)) == said


@pytest.mark.parametrize("token", ["—", "♪", "...", "日本語", ""])
def test_marks_and_other_scripts_are_not_said_in_english(token: str) -> None:
    assert spoken(token) == ()


def test_a_number_without_end_is_read_digit_by_digit() -> None:
    assert spoken("9" * 5000) == ("nine",) * 5000


def test_of_a_large_sum_the_currency_comes_last() -> None:
    said = script_of(["It", "cost", "$25", "billion,", "not", "$3."])

    assert " ".join(word for _, word in said) == "it cost twenty five billion dollars not three dollars"
    assert [owner for owner, word in said if word == "dollars"] == [3, 5]
