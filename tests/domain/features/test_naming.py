"""Who is named: whole words, whatever their case and accents; the longest name; pieces where scripts have no spaces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.features.naming import DictionaryTagger, without_names
from domain.features.people import LEAST_POSTS, column_names, people_features
from domain.features.vocabulary import Entity


def named(text: str, *entities: Entity) -> tuple[str, ...]:
    return DictionaryTagger(entities).tag([text])[0]


def person(name: str, *aliases: str) -> Entity:
    return Entity(name, "person", aliases)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana bakes", "Ana"),
        ("with ANA.", "Ana"),
        ("Ana's bread", "Ana"),
        ("(ana)", "Ana"),
        ("José and I", "Jose"),
        ("JOSE and I", "José"),
        ("Jose\u0301 and I", "José"),
        ("Łukasz gotuje", "Lukasz"),
        ("#AnaMaria", "Ana Maria"),
        ("@anamaria said", "Ana Maria"),
        ("ana_maria", "Ana Maria"),
        ("Ana  -  Maria", "Ana Maria"),
        ("今日はアナと田中太郎です", "田中太郎"),
        ("今日はAnaと", "Ana"),
        ("วันนี้สมชายมา", "สมชาย"),
        ("아이유는 오늘", "아이유"),
        ("BTS는 오늘", "BTS"),
        ("فيلم مع محمد صلاح اليوم", "محمد صلاح"),
        ("مُحَمَّد صلاح", "محمد صلاح"),
        ("עם נועה קירל היום", "נועה קירל"),
        ("Ｍａｘ bakes", "Max"),
        ("Straße", "STRASSE"),
        ("राम ने कहा", "राम"),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, name: str) -> None:
    assert named(text, person(name)) == (name,)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Banana bread", "Ana"),
        ("Anabel", "Ana"),
        ("Ana2", "Ana"),
        ("a therapist", "The Rapist"),
        ("Maria Ana", "Ana Maria"),
        ("रामायण", "राम"),
        ("林さん", "林"),
        ("수지도", "지"),
        ("مصلاح", "صلاح"),
        ("🍞", "🍞"),
        ("anything", "  "),
    ],
)
def test_a_name_is_not_found_inside_another_word(text: str, name: str) -> None:
    assert named(text, person(name)) == ()


def test_the_longest_name_wins_and_the_shorter_is_found_where_it_stands_alone() -> None:
    both = (person("Ana"), person("Ana Maria"), person("田中"), person("田中太郎"))

    assert named("Ana Maria bakes", *both) == ("Ana Maria",)
    assert named("Ana Maria and Ana", *both) == ("Ana Maria", "Ana")
    assert named("田中太郎です", *both) == ("田中太郎",)


def test_an_alias_names_its_owner_once_and_in_the_order_of_the_text() -> None:
    assert named("Big Bread and B.B. with Max", person("Max"), Entity("Bread Co", "brand", ("Big Bread", "BB", "B.B."))) == (
        "Bread Co",
        "Max",
    )


def test_a_name_that_two_share_names_neither() -> None:
    assert named("Ana Silva and Ana", person("Ana Silva", "Ana"), person("Ana Souza", "Ana")) == ("Ana Silva",)


LETTERS = st.text(st.characters(categories=["Lu", "Ll"], min_codepoint=65, max_codepoint=0x24F), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(name=LETTERS, before=LETTERS, after=LETTERS)
def test_no_name_is_ever_found_inside_a_longer_word(name: str, before: str, after: str) -> None:
    tagger = DictionaryTagger([person(name)])

    assert (
        tagger.tag([before + name, name + after, before + name + after]) == [(), (), ()]
        or name.casefold() in before.casefold() + after.casefold()
    )
    assert tagger.tag([f"{before} {name}, {after}"]) == [(name,)]


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60), names=st.lists(st.text(min_size=1, max_size=12), max_size=5, unique=True))
def test_any_text_and_any_names_are_read_without_ado_and_only_listed_names_come_out(text: str, names: list[str]) -> None:
    found = named(text, *(person(name) for name in names))

    assert set(found) <= set(names)
    assert len(set(found)) == len(found)


def test_a_column_is_made_for_each_name_that_occurs_often_enough_and_lacks_often_enough() -> None:
    entities = (person("Ana"), person("Bo"), person("Everywhere"), Entity("Bread Co", "brand"))
    often = [("Ana", "Everywhere", "Bread Co")] * LEAST_POSTS + [("Everywhere",)] * LEAST_POSTS + [("Bo", "Everywhere"), None]

    frame, features = people_features(entities, often)

    assert [feature.name for feature in features] == ["people_count", "brands_count", "person:ana", "brand:bread-co"]
    assert frame["person:ana"].sum() == LEAST_POSTS
    assert frame["people_count"].tolist()[:1] + frame["people_count"].tolist()[-2:-1] == [2.0, 2.0]
    assert frame.iloc[-1].isna().all()


def test_without_a_list_of_names_nobody_was_looked_for() -> None:
    frame, _ = people_features((), [(), ()])

    assert frame.isna().all().all()


def test_names_with_one_slug_keep_columns_of_their_own() -> None:
    names = column_names([person("José"), person("Jose"), Entity("Jose", "brand"), person("محمد")])

    assert len(set(names.values())) == len(names) == 3
    assert names["محمد"] == "person:محمد"


def test_a_text_without_its_names_keeps_everything_else() -> None:
    ana, tanaka = person("Ana Maria", "Mia"), person("田中太郎")

    left = without_names(["ANA MARIA bakes; Mia, @anamaria", "今日は田中太郎です", "Maria bakes", None, ""], [
        ("Ana Maria",), ("田中太郎",), (), None, (),
    ], [ana, tanaka])  # fmt: skip

    assert [None if text is None else text.split() for text in left] == [
        ["bakes;", ",", "@"],
        ["今日は", "です"],
        ["Maria", "bakes"],
        None,
        [],
    ]
