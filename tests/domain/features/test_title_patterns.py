"""How titles speak, in many languages; duplicates of the plain features are in `test_titles`."""

import math

import pytest

from domain.features.languages import language_of
from domain.features.power_words import power_words
from domain.features.title_patterns import FEATURES, title_patterns


def measured(title: str | None) -> dict[str, float]:
    return {str(name): float(value) for name, value in title_patterns([title], [language_of(title)]).iloc[0].items()}


@pytest.mark.parametrize(
    ("title", "feature", "value"),
    [
        ("The SECRET of the best bread", "power_words", 2.0),
        ("El secreto del pan que no te cuentan", "has_power_word", 1.0),
        ("Das Geheimnis der Bäcker und wie es geht", "has_power_word", 1.0),
        ("最強のパンの作り方", "has_power_word", 1.0),
        ("Secretary of the year", "has_power_word", 0.0),
        ("How to bake bread", "is_guide", 1.0),
        ("«How to» bake bread", "is_guide", 1.0),
        ("Howto", "is_guide", 0.0),
        ("Comment faire du pain à la maison", "is_guide", 1.0),
        ("Comment below what you think of this", "is_guide", 0.0),
        ("パンの作り方", "is_guide", 1.0),
        ("Как я и мои друзья испекли хлеб, но не так", "is_guide", 1.0),
        ("10 ways to bake", "starts_with_number", 1.0),
        ("100+ ways to bake", "starts_with_number", 1.0),
        ("Ways: 10", "starts_with_number", 0.0),
        ("I baked my bread", "is_first_person", 1.0),
        ("I'm baking", "is_first_person", 1.0),
        ("Imagine baking", "is_first_person", 0.0),
        ("Ich habe mein Brot und das Mehl", "is_first_person", 1.0),
        ("私のパン", "is_first_person", 1.0),
        ("Do you know your oven", "addresses_viewer", 1.0),
        ("Youth of the bakers", "addresses_viewer", 0.0),
        ("Cosa fai tu con il pane e perché non lo sai", "addresses_viewer", 1.0),
        ("Bread!", "has_exclamation", 1.0),
        ("パン！", "has_exclamation", 1.0),
        ("Bread: the film", "is_in_parts", 1.0),
        ("Bread || Home", "is_in_parts", 1.0),
        ("Bread - Home", "is_in_parts", 1.0),
        ("At 10:30 by train", "is_in_parts", 0.0),
        ("Well-baked bread", "is_in_parts", 0.0),
        ("And then...", "has_ellipsis", 1.0),
    ],
)
def test_a_title_has_the_patterns_that_a_reader_sees(title: str, feature: str, value: float) -> None:
    assert measured(title)[feature] == value


def test_a_word_that_presses_in_one_language_only_is_not_counted_in_others() -> None:
    assert power_words("Yes sir, right away", "en") == 0
    assert power_words("Ekmeğin sırrı", "tr") == 1


def test_a_missing_title_has_missing_patterns() -> None:
    assert all(math.isnan(value) for value in measured(None).values())


@pytest.mark.parametrize("title", ["🍞", "‏مرحبا بكم", "שלום לכולם", "\u200b\u200f", "ا" * 500])
def test_odd_titles_are_measured_without_ado(title: str) -> None:
    values = measured(title)

    assert set(values) == {feature.name for feature in FEATURES}
    assert all(math.isfinite(value) for value in values.values())
