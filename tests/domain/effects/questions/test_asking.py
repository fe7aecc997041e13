"""What is asked is declared before any outcome is looked at; what is known only afterwards is neither asked about nor held equal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.harness.releases import Tenant, tenant
from domain.effects.candidates import PanelCandidate, candidates
from domain.effects.families import families
from domain.effects.panel import usable
from domain.effects.questions.asking import LEAST_OWN_POSTS, MOST_OWN_ACCOUNTS, Asked, asked_of, own_accounts, questions_of
from domain.effects.questions.combinations import LEAST_CELL, SEVERAL, Pair, cells_of, several_of, with_factors
from domain.effects.verdicts import Kind, Outcome
from domain.features.feature import Group, Known
from domain.features.table import FeatureTable

Given = tuple[pd.DataFrame, FeatureTable]


@pytest.fixture(scope="module")
def given() -> Given:
    return tenant(Tenant(accounts=20, posts=36, own=2), 1)


@pytest.fixture(scope="module")
def asked(given: Given) -> Asked:
    return asked_of(*given)


def test_nothing_that_is_known_only_afterwards_is_asked_about_or_held_equal(given: Given, asked: Asked) -> None:
    afterwards = {each.name for each in given[1].features if each.known is Known.AFTER}
    question = next(questions_of(asked))

    waiting = candidates(asked.frame, question.hypotheses, outcome=question.outcome, seed=1)

    columns = {column.feature for each in waiting if isinstance(each, PanelCandidate) and each.family for column in each.family.columns}
    named = columns | {name for each in asked.hypotheses for name in (each.feature, *each.factors)}
    assert afterwards >= {"comments_per_like", "is_contested"}
    assert not named & (afterwards | {"views", "likes", "comments", "shares", "engagement", "retention", "outcome"})


def test_the_list_is_the_same_whatever_the_outcomes_are(given: Given, asked: Asked) -> None:
    posts, table = given
    rng = np.random.default_rng(1)

    other = asked_of(posts.assign(outcome=rng.permutation(posts["outcome"]), engagement=rng.permutation(posts["engagement"])), table)

    assert other.hypotheses == asked.hypotheses


def test_people_combinations_and_several_people_are_asked_about(asked: Asked) -> None:
    by_kind = {kind: [each.feature for each in asked.hypotheses if each.kind is kind] for kind in Kind}

    assert set(by_kind[Kind.PERSON]) == {"person:ana-maro", "person:ben-okoro", "person:cleo-vance", "person:dario-weiss"}
    assert {"is_question*has_number", SEVERAL} <= set(by_kind[Kind.COMBINATION])
    assert any(name.startswith("has_controversy_word*person:") for name in by_kind[Kind.COMBINATION])


def test_a_combination_is_asked_about_only_where_each_of_its_four_cells_is_filled(asked: Asked) -> None:
    pair = Pair("one", "other", "both", Group.TITLE)
    columns = {"one": [1.0] * 10 + [0.0] * 20 + [1.0] * 9 + [np.nan], "other": [1.0] * 10 + [0.0] * 10 + [1.0] * 10 + [0.0] * 10}

    cells = cells_of(pd.DataFrame(columns), pair)

    assert (cells.neither, cells.first, cells.second, cells.both, cells.is_enough) == (10, 9, 10, 10, False)
    assert all(cells_of(asked.frame, each).is_enough for each in asked.pairs if each.column in asked.frame)
    assert LEAST_CELL == 10


def test_a_product_is_missing_where_either_factor_is(asked: Asked) -> None:
    frame = asked.frame.assign(is_question=asked.frame["is_question"].mask(asked.frame.index < 5))

    assert cells_of(frame, Pair("is_question", "has_number", "", Group.TITLE)).is_enough
    assert asked.frame["is_question*has_number"].notna().all()
    assert ((asked.frame["is_question"] * asked.frame["has_number"]) == asked.frame["is_question*has_number"]).all()


def test_a_list_without_people_asks_nothing_of_several() -> None:
    assert several_of(pd.DataFrame({"title_chars": [1.0]})) is None
    assert several_of(with_factors(pd.DataFrame({"people_count": [2.0] * 30}))) is None


def test_an_outcome_that_few_posts_have_is_not_asked_about(given: Given) -> None:
    posts, table = given
    few = posts.assign(retention=np.nan, engagement=posts["engagement"].where(posts.index < 29))

    assert {each.outcome for each in questions_of(asked_of(few, table))} == {Outcome.REACH}
    assert {each.outcome for each in questions_of(asked_of(posts, table))} == {Outcome.REACH, Outcome.ENGAGEMENT, Outcome.RETENTION}


def test_own_accounts_are_asked_about_alone_too_unless_they_are_all_there_is(asked: Asked) -> None:
    scopes = [each.scope for each in questions_of(asked) if each.outcome is Outcome.REACH]
    alone = asked.frame[asked.frame["account_id"] == "a0000"]

    assert scopes == [None, "a0000", "a0001"]
    assert own_accounts(alone) == ()
    assert own_accounts(asked.frame.groupby("account_id").head(LEAST_OWN_POSTS - 1)) == ()
    assert len(own_accounts(asked.frame.assign(is_own=True))) == MOST_OWN_ACCOUNTS
    assert all(each.kind is not Kind.COMBINATION for question in questions_of(asked) if question.scope for each in question.hypotheses)


def test_a_post_that_is_there_twice_is_asked_about_once(given: Given, asked: Asked) -> None:
    posts, table = given

    again = asked_of(pd.concat([posts, posts.iloc[:9]]), replace(table, frame=pd.concat([table.frame, table.frame.iloc[:4]])))

    assert len(again.frame) == len(asked.frame)
    assert again.hypotheses == asked.hypotheses


def test_rows_of_one_video_with_the_same_views_are_told_apart_by_what_they_say_not_by_where_they_stand() -> None:
    posts, table = tenant(Tenant(accounts=3, posts=12, own=0), 4)
    twice = pd.concat([posts, posts.iloc[:6].assign(outcome=posts["outcome"].iloc[:6] + 1.0)], ignore_index=True)

    one, other = asked_of(twice, table).frame, asked_of(twice.iloc[::-1].reset_index(drop=True), table).frame

    pd.testing.assert_frame_equal(one, other)
    assert one.set_index("video_id")["outcome"][posts["video_id"].iloc[0]] == pytest.approx(posts["outcome"].iloc[0] + 1.0)


def test_what_a_name_does_to_a_title_is_not_held_equal_when_the_name_is_asked_about(asked: Asked) -> None:
    found = families(usable(asked.frame, Outcome.REACH), asked.hypotheses)

    by_question = {family.columns[at].feature: {each.feature for each in family.columns} for family in found for at in family.asked}
    assert not by_question["person:ben-okoro"] & {"title_chars", "capitals_share"}
    assert "person:ben-okoro" in by_question["title_chars"]
    assert "is_question" in by_question["person:ben-okoro"]
