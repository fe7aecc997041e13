"""What a password has to be, and the floor of what hashing one costs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passwords import HashingCost, as_typed, password_problems
from gateways.common_passwords import common_passwords

OWN = ("ana.lopez@example.org", "Ana Lopez", "Riverside Bakery")


def problems(password: str) -> list[str]:
    return [each.detail for each in password_problems(password, own_words=OWN, common=common_passwords(), pointer="/password")]


@pytest.mark.parametrize(
    "password",
    ["password1234", "P@ssw0rd2026!", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "abababababab", "passwordpassword", "abcdefghijkl",
     "1q2w3e4r5t6y", "ponmlkjihgfe", "iloveyou!!!!", "!!!!!!letmein", "Summer2026!!"],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password: str) -> None:
    assert problems(password) == ["choose one that is not among the first that everybody tries"]


@pytest.mark.parametrize("password", ["ana.lopez@example.org", "AnaLopez2026", "riversidebakery", "R1versideBakery!", "analopezanalopez"])
def test_what_is_made_of_the_user_is_refused(password: str) -> None:
    assert problems(password) == ["choose one that cannot be guessed from the address or the name"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "lower case only but long",
        "пять капель дождя",
        "847193650281746",
        "my cat eats 4 lopez",
        "🦊🐻 und der Wald",
    ],
)
def test_no_kinds_of_letters_are_asked_for(password: str) -> None:
    assert problems(password) == []


@pytest.mark.parametrize(("length", "is_good"), [(11, False), (12, True), (128, True), (129, False)])
def test_length_is_counted_in_letters_as_typed_whatever_they_are_composed_of(length: int, is_good: bool) -> None:
    letters = ("é" + "wundersam oft " * 10)[:length]

    assert (problems(unicodedata.normalize("NFD", letters)) == problems(letters) == []) is is_good


def test_a_megabyte_of_accents_is_refused_without_being_put_in_order() -> None:
    accents = "a" + "\u0315\u0300" * 500_000

    assert as_typed(accents) == accents
    assert problems(accents) == ["use 12 to 128 characters"]


@given(st.text(max_size=200))
def test_any_text_is_judged(words: str) -> None:
    assert len(problems(words)) <= 1
    assert as_typed(as_typed(words)) == as_typed(words)


@pytest.mark.parametrize("changes", [{"memory_kib": 19 * 1024 - 1}, {"passes": 1}, {"lanes": 0}, {"at_once": 0}, {"at_once": 28}])
def test_hashing_is_never_cheaper_than_owasps_minimum_nor_takes_more_than_512_mib(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="password hashing"):
        HashingCost(**changes)


def test_the_packaged_list_is_the_one_that_is_meant() -> None:
    assert len(common_passwords()) == 30_000
    assert {"password", "letmein", "iloveyou"} <= common_passwords()
