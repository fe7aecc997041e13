"""Drafts: measured like posts, predicted from the usual level and supported effects, and read by the platforms' own rules."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from domain.deep.scope import scope_of
from domain.effects.verdicts import Verdict
from domain.planning import basis as kept
from domain.planning.basis import Basis, basis_of
from domain.planning.drafts import Draft, check
from domain.planning.levels import usual
from domain.planning.limits import Texts, advice_on
from domain.planning.predicting import Growth, changes, position, predict
from tests.domain.planning import worlds
from tests.domain.planning.worlds import NOW, curve, effect, evidence, measured, posts

DRAFT = Draft("a0", "Bread with 3 seeds?", "", ("bread",), "short", 30.0, NOW + timedelta(days=1))


@pytest.fixture(scope="module")
def basis() -> Basis:
    frame = posts(accounts=1, question=0.3, count=120)
    table = measured(frame)
    scope = scope_of(frame, table, account_id="a0", now=NOW)
    found = basis_of(scope, [curve()], evidence(table), "a0", NOW)
    rows = frame.tail(24)[["video_id", "posted_at", "hashtags"]].to_dict("records")
    return replace(found, recent=[{str(name): value for name, value in row.items()} for row in rows])


def by_horizon(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["horizon"]: each for each in answer["predictions"]}


def test_a_draft_is_measured_by_the_rules_of_posts(basis: Basis) -> None:
    found = check(DRAFT, basis)

    assert found["features"]["is_question"] == found["features"]["has_number"] == found["features"]["has_usual_hashtag"] == 1
    assert found["features"]["title_chars"] == len(DRAFT.title)
    assert found["features"]["gap_hours_log"] == pytest.approx(
        np.log1p((DRAFT.planned_at - basis.recent[-1]["posted_at"]) / timedelta(hours=1))
    )
    assert "thumbnail_faces" in found["missing"]


def test_without_a_planned_moment_timing_is_missing(basis: Basis) -> None:
    found = check(replace(DRAFT, planned_at=None), basis)

    assert {"posted_hour", "is_evening", "gap_hours_log"} <= set(found["missing"])


def test_supported_effects_move_the_prediction_and_associations_do_not(basis: Basis) -> None:
    asking, plain = (by_horizon(check(replace(DRAFT, title=title), basis)) for title in ("Bread again?", "Bread again"))
    counting = by_horizon(check(replace(DRAFT, title="Bread again 3"), basis))

    assert asking["fully grown"]["median"] / plain["fully grown"]["median"] == pytest.approx(np.exp(0.3))
    assert counting["fully grown"]["median"] == plain["fully grown"]["median"]


def test_what_applies_what_could_and_what_is_to_be_tested_are_told_apart(basis: Basis) -> None:
    found = check(replace(DRAFT, title="Bread again?", planned_at=None), basis)

    assert [each["feature"] for each in found["applies"]] == ["is_question"]
    assert [each["feature"] for each in found["could_apply"]] == ["is_morning"]
    assert [each["feature"] for each in found["worth_testing"]] == ["has_number"]


def test_views_at_seven_days_follow_the_curve(basis: Basis) -> None:
    found = by_horizon(check(DRAFT, basis))

    assert found["7d"]["median"] / found["fully grown"]["median"] == pytest.approx(0.5)
    assert found["7d"]["low"] < found["7d"]["median"] < found["7d"]["high"]


def test_an_age_that_no_post_was_seen_at_has_no_prediction() -> None:
    frame = posts(accounts=1)
    table = measured(frame)
    scope = scope_of(frame, table, account_id="a0", now=NOW)
    found = by_horizon(check(DRAFT, basis_of(scope, [curve(oldest_days=20)], (), "a0", NOW)))

    assert (found["30d"]["median"], found["30d"]["reason"]) == (None, "no such post was seen for so long")
    assert found["7d"]["median"] is not None


def test_a_format_that_the_account_never_used_has_no_prediction(basis: Basis) -> None:
    found = by_horizon(check(replace(DRAFT, format="live"), basis))

    assert {each["median"] for each in found.values()} == {None}
    assert found["7d"]["reason"] == "no live post of this account is known"


def test_a_basis_survives_being_kept(basis: Basis) -> None:
    again = kept.read(kept.stored(basis), basis.recent)

    assert check(DRAFT, again) == check(DRAFT, basis)


@pytest.mark.parametrize("spread", ["normal", "heavy"])
def test_the_interval_holds_four_new_posts_of_five(spread: str) -> None:
    hits, chance = [], np.random.default_rng(5)
    for _ in range(300):
        drawn = chance.standard_normal(61) if spread == "normal" else chance.standard_t(3, 61)
        known = usual(7 + 0.8 * drawn[:60])
        hits.append(known.low is not None and known.high is not None and known.low <= 7 + 0.8 * drawn[60] <= known.high)

    assert np.mean(hits) == pytest.approx(0.8, abs=0.06)


def test_positions_of_what_comes_are_spread_evenly() -> None:
    positions, chance = [], np.random.default_rng(6)
    for _ in range(300):
        drawn = 7 + 0.8 * chance.standard_normal(61)
        found = predict(usual(drawn[:60]), (), Growth(0.0), "fully grown")
        stored = {"median": found.median, "low": found.low, "high": found.high}
        positions.append(position(stored, float(np.exp(drawn[60]))))

    assert np.mean(positions) == pytest.approx(0.5, abs=0.05)
    assert np.mean([each <= 0.1 for each in positions]) == pytest.approx(0.1, abs=0.05)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (Texts("youtube", "x" * 101, "https://example.org"), [("title", "documented")]),
        (Texts("youtube", "x" * 80, "https://example.org"), [("title", "seen")]),
        (Texts("youtube", "x", ""), [("description", "seen")]),
        (Texts("youtube", "x", None), []),
        (Texts("youtube", "x", "see https://example.org", format="long", duration_seconds=900), [("description", "documented")]),
        (Texts("youtube", "x", "see https://example.org\n0:00 a\n1:00 b\n2:00 c", format="long", duration_seconds=900), []),
        (Texts("youtube", "x", "é" * 2_600 + " https://example.org"), [("description", "documented")]),
        (Texts("youtube", "x", "https://example.org", tuple(f"t{n}" for n in range(61))), [("hashtags", "documented")]),
        (Texts("youtube", "x", "", format="short"), []),
        (Texts("instagram", "x", None, tuple(f"t{n}" for n in range(31))), [("hashtags", "documented")]),
        (Texts("tiktok", "🍞" * 2_201), [("title", "documented")]),
        (Texts("x", "مرحبا" * 60), [("title", "documented")]),
    ],
)
def test_each_advice_names_its_source(texts: Texts, found: list[tuple[str, str]]) -> None:
    assert [(each.field, each.source) for each in advice_on(texts)] == found
    assert all(each.url.startswith("https://") for each in advice_on(texts))


@pytest.mark.parametrize("title", ["😀😀😀", "مرحبا بالعالم", "パンの作り方?", "x" * 3000])
def test_any_title_can_be_checked(basis: Basis, title: str) -> None:
    assert check(replace(DRAFT, title=title), basis)["features"]["title_chars"] > 0


def test_an_experimental_effect_counts_and_an_inconclusive_one_does_not() -> None:
    frame = posts(accounts=1)
    table = measured(frame)
    scope = scope_of(frame, table, account_id="a0", now=NOW)
    effects = (worlds.effect("is_question", Verdict.EXPERIMENTAL, 0.2), worlds.OPEN)
    found = check(DRAFT, basis_of(scope, [curve()], evidence(table, *effects), "a0", NOW))

    assert [each["feature"] for each in found["changes"]] == ["is_question"]


def test_an_amount_beyond_what_the_account_showed_counts_as_the_most_it_showed() -> None:
    frame = posts()
    said = evidence(measured(frame), effect("title_chars", Verdict.CAUSAL_SUPPORTED, 0.2))

    (far,) = changes(said, {"title_chars": 500.0}, {"title_chars": 30.0}, {"title_chars": (10.0, 50.0)})
    (near,) = changes(said, {"title_chars": 40.0}, {"title_chars": 30.0}, {"title_chars": (10.0, 50.0)})

    assert (far.value, far.counted) == (500.0, 50.0)
    assert far.log_points == pytest.approx(2 * near.log_points)
    assert far.se == pytest.approx(2 * near.se)
