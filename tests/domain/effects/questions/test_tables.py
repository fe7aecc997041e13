"""What is told beside the effects: people, cells, combinations, quality, and titles against content. All with n, interval or a reason."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.harness.releases import Tenant, tenant
from bench.harness.worlds import Noise
from domain.deep.scope import Scope, scope_of
from domain.effects.questions.asking import Asked, asked_of
from domain.effects.questions.patterns import combinations, controversy
from domain.effects.questions.people import content_by_person, people
from domain.effects.questions.quality import engagement_quality
from domain.effects.questions.title_content import title_versus_content
from domain.features.feature import Feature, FeatureKind, Group

WORLD = Tenant(accounts=14, posts=40, own=0, effects={"Ben Okoro": 0.6, "question": 0.5}, noise=Noise(sd=0.5, shared=0.2))


@pytest.fixture(scope="module")
def asked() -> Asked:
    return asked_of(*tenant(WORLD, 3))


@pytest.fixture(scope="module")
def scope(asked: Asked) -> Scope:
    _, table = tenant(WORLD, 3)
    return scope_of(asked.frame, table, account_id=None, now=asked.frame["posted_at"].max())


def test_people_have_impact_trend_and_company(scope: Scope) -> None:
    told = people(scope, [])

    ben = next(each for each in told["people"] if each["feature"] == "person:ben-okoro")
    assert ben["reach"]["low"] < 0.6 < ben["reach"]["high"] + 0.2
    assert len(ben["over_time"]) == 4
    assert ben["trend"]["low"] < 0 < ben["trend"]["high"]
    assert {each["name"] for each in told["together"]} >= {"one person", "two people or more", "Ana Maro and Ben Okoro"}
    assert "Ben Okoro" in told["sentence"]


def test_small_cells_show_how_many_posts_they_have_and_nothing_else(scope: Scope) -> None:
    few = scope.posts.assign(**{"person:ana-maro": (np.arange(len(scope.posts)) < 6).astype(float)})

    cells = content_by_person(Scope(few, scope.features, {}))["cells"]

    mine = [each for each in cells if each["feature"] == "person:ana-maro"]
    assert {each["by"] for each in cells} == {"topic", "format"}
    assert sum(each["n"] for each in mine if each["by"] == "format") == 6
    assert all(each["difference"] is None and each["reason"] for each in mine if each["n"] < 5)
    assert all(each["low"] <= each["difference"] <= each["high"] for each in cells if each["difference"] is not None)


def test_every_combination_on_the_list_tells_its_cells(scope: Scope, asked: Asked) -> None:
    told = combinations(scope, [], asked.pairs)["pairs"]

    pair = next(each for each in told if each["name"] == "is_question*has_number")
    assert sum(pair["posts"].values()) == len(scope.posts)
    assert [each["name"] for each in pair["reach"]] == ["is_question", "has_number", "both"]
    assert all(each["reason"] for each in told)


def test_controversy_is_words_before_and_comments_after(scope: Scope, asked: Asked) -> None:
    told = controversy(scope, [], asked.pairs)

    assert told["posts"]["has_controversy_word"] > 50
    assert told["evidence"][0]["n"] > 0
    assert all("has_controversy_word" in each["factors"] for each in told["pairs"])


def test_engagement_falls_with_reach_as_it_was_made_to(scope: Scope) -> None:
    told = engagement_quality(scope, [])

    assert told["elasticity"]["low"] < -0.1 < told["elasticity"]["high"]
    assert told["nature"] == "descriptive"
    assert told["comments_share_n"] == len(scope.posts)


def flag(name: str, group: Group) -> Feature:
    return Feature(name, FeatureKind.PRESENCE, "", 1.0, name, group)


def shares(seed: int, *, title: float, content: float, accounts: int = 30, posts: int = 40) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    count = accounts * posts
    frame = pd.DataFrame({
        "video_id": [f"v{number:05d}" for number in range(count)], "account_id": [f"a{number // posts:03d}" for number in range(count)],
        "platform": "youtube", "format": "short", "selection": "census", "outcome_se": 0.05,
        "posted_at": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rng.uniform(0, 90, count), unit="D"),
        "t": rng.integers(0, 2, count).astype(float), "topic:x": rng.integers(0, 2, count).astype(float),
    })  # fmt: skip
    level = np.repeat(rng.normal(8, 1.5, accounts), posts)
    outcome = level + 2 * title * (frame["t"] - 0.5) + 2 * content * (frame["topic:x"] - 0.5) + rng.normal(0, 1, count)
    features = [flag("t", Group.TITLE), flag("topic:x", Group.TOPIC)]
    told = title_versus_content(frame.assign(outcome=outcome), features, seed)
    return told | {each["name"]: each for each in told.get("sides", [])}


def test_shares_of_titles_and_content_are_those_that_were_put_in() -> None:
    told = shares(1, title=0.5, content=1.0)

    for side, truth in (("title", 0.25 / 2.25), ("content", 1.0 / 2.25)):
        assert told[side]["low"] < truth < told[side]["high"]
        assert told[side]["high"] - told[side]["low"] < 0.15
    assert told["together"]["share"] == pytest.approx(told["title"]["share"] + told["content"]["share"])


def test_what_foretells_nothing_has_a_share_of_about_nothing() -> None:
    told = [shares(seed, title=0.0, content=0.0, accounts=2, posts=100) for seed in range(8)]

    assert max(each["title"]["share"] for each in told) < 0.03
    assert all(each["title"]["low"] < 0.005 for each in told)


def test_too_few_posts_are_told_apart_from_nothing() -> None:
    told = shares(1, title=1.0, content=1.0, accounts=2, posts=12)

    assert (told["parts"], told["reason"]) == ([], "too few comparable posts")
