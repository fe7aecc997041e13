"""What may be listed as a person or brand, and when two names are one."""

import pytest

from domain.entities import MOST_ALIASES, EntityKind, asked_entity, name_key
from domain.errors import Unacceptable
from domain.features.naming import DictionaryTagger
from domain.features.vocabulary import Entity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José", "JOSE"),
        ("Jose\u0301", "josé"),
        ("Łukasz", "lukasz"),
        ("Ana  Maria", "ana-maria"),
        ("ＡＢＣ", "abc"),
        ("محمّد صلاح", "محمد صلاح"),
        ("田中太郎", " 田中太郎 "),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Ana", "Anna"), ("Ana Maria", "Anamaria"), ("Müller", "Mueller"), ("田中", "田中太郎")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["", "   ", "🍞🔥", "---", "!", "田", "\u200b"])
def test_a_name_that_no_text_can_be_searched_for_is_refused(name: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        asked_entity("Ana", EntityKind.PERSON, ["Ana B.", name])

    assert [problem.pointer for problem in caught.value.problems] == ["/aliases/1"]
    assert DictionaryTagger([Entity(name, "person")]).tag([f"with {name} here"]) == [()]


def test_aliases_that_say_the_same_again_are_left_out() -> None:
    asked = asked_entity("  Ana   Maria ", EntityKind.PERSON, ["ANA MARÍA", "Mia", "mia", "A. M."])

    assert (asked.name, asked.aliases, asked.keys) == ("Ana Maria", ("Mia", "A. M."), ("ana maria", "mia", "a m"))


def test_more_aliases_than_are_looked_through_are_refused() -> None:
    with pytest.raises(Unacceptable):
        asked_entity("Ana", EntityKind.BRAND, [f"Ana {number}" for number in range(MOST_ALIASES + 1)])
