"""Languages by script and small words: named where the text tells, missing where it does not."""

from pathlib import Path

import pandas as pd
import pytest

from domain.features.languages import LEAST_SURE, language_of

TITLES = {
    "en": "How to bake bread in the oven",
    "es": "Los secretos del pan y por qué no lo haces así",
    "pt": "Como fazer pão em casa com seus filhos",
    "fr": "Comment faire du pain à la maison",
    "de": "Wie man Brot im Ofen backt",
    "it": "Come fare il pane in casa con la nonna",
    "pl": "Jak zrobić chleb w domu",
    "tr": "Evde ekmek nasıl yapılır",
    "id": "Cara membuat roti di rumah untuk anak",
    "vi": "Cách làm bánh mì tại nhà",
    "ru": "Я испекла хлеб и это было вкусно",
    "uk": "Як спекти хліб вдома і що для цього потрібно",
    "ja": "パンの作り方",
    "ko": "집에서 빵 만들기",
    "zh": "如何在家做面包",
    "ar": "طريقة عمل الخبز في البيت",
    "fa": "چگونه نان بپزیم",
    "he": "איך לאפות לחם בבית",
    "hi": "घर पर रोटी कैसे बनाएं",
    "th": "วิธีทำขนมปังที่บ้าน",
    "el": "Πώς να φτιάξετε ψωμί",
}


@pytest.mark.parametrize(("language", "title"), TITLES.items())
def test_a_sentence_tells_its_language(language: str, title: str) -> None:
    found = language_of(title)

    assert found.language == language
    assert LEAST_SURE <= found.sureness <= 1


@pytest.mark.parametrize("title", [None, "", "🍞🍞🍞", "2026", "SHELF", "Xqzt wvk"])
def test_what_does_not_tell_has_no_language(title: str | None) -> None:
    found = language_of(title)

    assert found.language is None
    assert found.sureness < LEAST_SURE


def test_a_title_that_does_not_tell_is_read_with_its_description_but_never_with_its_links() -> None:
    assert language_of("SHELF", "In this video I show you how to build it with what you have").language == "en"
    assert language_of("SHELF", "shop.example.com/a www.example.com https://example.com/com").language is None


@pytest.mark.real_data
def test_lists_of_two_countries_are_mostly_in_their_languages_and_never_in_far_ones(real_data: Path) -> None:
    for country, own, most in (("US", "en", 0.9), ("FR", "fr", 0.5)):
        listed = pd.read_csv(real_data / "youtube_trending_2017" / f"{country}videos.csv.gz").drop_duplicates("video_id")
        pairs = zip(listed["title"], listed["description"], strict=True)
        found = pd.Series([language_of(title, under if isinstance(under, str) else None).language for title, under in pairs], dtype=object)

        assert (found == own).mean() >= most
        assert found.isin(["nl", "sv", "id", "pl"]).mean() < 0.005
