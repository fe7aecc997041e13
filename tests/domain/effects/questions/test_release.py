"""A whole release, on tenants whose answer we chose: honest in every word, the same bytes in any order, and nothing else looked at."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.harness.releases import Tenant, changed, tenant
from bench.harness.worlds import Noise
from domain.effects.estimate import as_figures
from domain.effects.honesty import problems_of
from domain.effects.questions.telling import SECTIONS
from domain.effects.release import EffectsRelease, effects_release
from domain.effects.sentences import sentence
from domain.effects.verdicts import CAUSAL_VERDICTS, Effect, Kind, Outcome, Verdict
from domain.features.table import FeatureTable, Vocabulary, feature_table
from tests.domain.effects.releases import canonical
from tests.domain.effects.worlds import covers

# Words that a sentence about its own limits may use.
NAMED = "may be worded as cause and consequence"
CAUSAL_WORDS = re.compile(r"\b(rais\w+|lower\w+|caus\w+|because|leads? to|makes?|boosts?|effect of)\b", re.IGNORECASE)
PLANTED = {"reach/feature/is_question": 0.5, "reach/person/person:ben-okoro": 0.6}
WORLD = Tenant(accounts=24, posts=36, own=1, effects={"question": 0.5, "Ben Okoro": 0.6}, noise=Noise(sd=0.5, shared=0.2))

Given = tuple[pd.DataFrame, FeatureTable]


@pytest.fixture(scope="module")
def given() -> Given:
    return tenant(WORLD, 3)


@pytest.fixture(scope="module")
def release(given: Given) -> EffectsRelease:
    return effects_release(*given, seed=1)


def by_key(release: EffectsRelease) -> Mapping[str, Effect]:
    return {each.key: each for each in release.effects}


def words(value: Any) -> Iterator[str]:
    """Every sentence of a table that speaks for itself: not those of effects, which have verdicts of their own."""
    if isinstance(value, Mapping):
        yield from (text for name, each in value.items() if name not in ("effects", "several", "both_ways") for text in words(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in words(each))
    elif isinstance(value, str):
        yield value


def test_what_was_planted_is_found_with_a_second_method_and_its_parts(release: EffectsRelease) -> None:
    found = by_key(release)

    for key, truth in PLANTED.items():
        effect = found[key]
        assert effect.verdict is Verdict.CAUSAL_SUPPORTED, [gate for gate in effect.gates if not gate.passed]
        assert covers(effect, truth)
        assert effect.check is not None
        assert {gate.name: gate.passed for gate in effect.gates}["double_ml"]
        assert {part.by for part in effect.parts} >= {"format", "period"}
    assert {key for key, each in found.items() if each.verdict in CAUSAL_VERDICTS and each.scope is None} == set(PLANTED)


def test_every_effect_is_honest(given: Given, release: EffectsRelease) -> None:
    assert [problem for each in release.effects for problem in problems_of(as_figures(each), has_census=True, posts=len(given[0]))] == []


def test_every_estimate_has_its_interval_n_and_q_over_all_hypotheses(release: EffectsRelease) -> None:
    answered = [each for each in release.effects if each.estimate is not None]

    assert len(answered) > 60
    assert all(each.low is not None or each.high is not None for each in answered)
    assert all(each.n > 0 and each.q is not None for each in answered)
    assert {each.hypotheses for each in answered} == {sum(each.p is not None for each in release.effects)}
    assert len(by_key(release)) == len(release.effects)


def test_no_word_of_cause_stands_where_no_verdict_of_cause_does(release: EffectsRelease) -> None:
    for each in release.effects:
        assert bool(CAUSAL_WORDS.search(sentence(each))) is (each.verdict in CAUSAL_VERDICTS), sentence(each)
    told = {name: list(words(value)) for name, value in release.sections.items() if name != "success_factors"}
    assert not [text for texts in told.values() for text in texts if CAUSAL_WORDS.search(text.replace(NAMED, ""))]
    assert {each["verdict"] for each in release.sections["success_factors"]} <= {verdict.value for verdict in CAUSAL_VERDICTS}


def test_sentences_are_english_for_every_kind_and_outcome(release: EffectsRelease) -> None:
    kinds = {(each.kind, each.outcome) for each in release.effects}

    assert {
        (kind, outcome) for kind in (Kind.FEATURE, Kind.PERSON, Kind.COMBINATION) for outcome in (Outcome.REACH, Outcome.ENGAGEMENT)
    } <= kinds
    for each in release.effects:
        said = sentence(each)
        assert said[0] == said[0].upper()
        assert said.endswith(".")
        assert not re.search(r"\bNone\b|\bnan\b|  ", said), said


def test_all_tables_are_there_and_can_be_written_as_json(release: EffectsRelease) -> None:
    assert set(release.sections) == set(SECTIONS)
    assert {account: set(found) for account, found in release.scoped.items()} == {
        "a0000": {"success_factors", "title_versus_content", "title_patterns"}
    }
    assert json.loads(json.dumps([release.sections, release.scoped], allow_nan=False)) == [release.sections, release.scoped]


def test_any_order_of_rows_gives_the_same_bytes(given: Given, release: EffectsRelease) -> None:
    posts, table = given
    order = np.random.default_rng(5).permutation(len(posts))

    again = effects_release(posts.iloc[order], replace(table, frame=table.frame.iloc[order], words=table.words.iloc[order]), seed=1)

    assert canonical(again.effects) == canonical(release.effects)
    assert json.dumps(again.sections, sort_keys=True) == json.dumps(release.sections, sort_keys=True)


def test_what_viewers_did_afterwards_moves_no_effect_on_reach(given: Given, release: EffectsRelease) -> None:
    posts, table = given
    after = ["comments_per_like", "comments_per_like_log_ratio", "is_contested"]
    changed = replace(table, frame=table.frame.assign(**dict.fromkeys(after, 1.0)))

    again = effects_release(posts.assign(likes=7.0, comments=3.0, shares=0.0, views=5.0), changed, seed=1)

    assert canonical([each for each in again.effects if each.outcome is Outcome.REACH]) == canonical(
        [each for each in release.effects if each.outcome is Outcome.REACH]
    )


EMPTY = Tenant(accounts=1, posts=4, own=1)


@pytest.mark.parametrize(
    ("world", "changes"),
    [
        (Tenant(accounts=1, posts=0, own=1), {}),
        (Tenant(accounts=1, posts=1, own=1), {}),
        (EMPTY, {}),
        (Tenant(accounts=1, posts=40, own=1), {"outcome": 3.0, "engagement": -2.0}),
        (Tenant(accounts=8, posts=12, own=0), {"engagement": np.nan, "likes": np.nan, "comments": np.nan, "views": np.nan}),
        (Tenant(accounts=8, posts=12, own=0), {"title": "always the same?"}),
        (Tenant(accounts=8, posts=12, own=0), {"title": None, "description": None, "hashtags": [()] * 96}),
        (Tenant(accounts=8, posts=12, own=0), {"posted_at": pd.NaT, "outcome": np.nan}),
        (Tenant(accounts=8, posts=12, own=0), {"selection": "search"}),
    ],
    ids=["no post", "one", "four", "constant", "no counters", "all treated", "no text", "no dates", "picked"],
)
def test_bad_input_gives_a_clear_answer_and_no_claim(world: Tenant, changes: Mapping[str, Any]) -> None:
    posts, _ = tenant(world, 1)
    posts = changed(posts, **changes)

    found = effects_release(posts, feature_table(posts, Vocabulary()), seed=1)

    assert not [each for each in found.effects if each.verdict in CAUSAL_VERDICTS]
    assert all(each.reason for each in found.effects if each.verdict is Verdict.INCONCLUSIVE)
    assert canonical(found.effects)
    assert set(found.sections) == set(SECTIONS)
    assert json.dumps([found.sections, found.scoped], allow_nan=False)
