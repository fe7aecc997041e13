"""What no sensible tenant would have, put to every release at once: an answer that can be written down, no claim of cause, a reason.

The worlds hold a choice that is worth a great deal, so that a claim comes where the rest is in order: the first test shows it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.harness.releases import Tenant, changed, tenant
from bench.harness.worlds import Noise
from domain.deep.analysis import SECTIONS, deep_analysis
from domain.effects.estimate import as_figures
from domain.effects.honesty import problems_of
from domain.effects.release import EffectsRelease, effects_release
from domain.effects.verdicts import CAUSAL_VERDICTS, Outcome
from domain.features.feature import Group, presence
from domain.features.table import FeatureTable, Vocabulary, feature_table
from domain.planning.evidence import evidence_of
from domain.planning.honesty import problems_of as problems_of_plans
from domain.planning.release import Known, Planned, next_release
from domain.scores.forecasting import ForecastTable, forecast_table
from domain.scores.maturity import curve_of
from domain.scores.publishing import ScoreTable, score_table

PLANTED = "reach/feature/is_question"
WORLD = Tenant(accounts=20, posts=12, own=1, effects={"question": 2.0}, noise=Noise(sd=0.4, shared=0.2))
# One outcome: what holds of reach holds of the others, at twice the time.
SANE = changed(tenant(WORLD, 3)[0], engagement=None, retention=None)
FEW = SANE[SANE["account_id"] < "a0005"].reset_index(drop=True)
NOW = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
COUNTED = ((1.0, 0.5), (3.0, 0.8), (9.0, 1.0))
TWELVE = (
    "Warum das Brot nicht aufgeht?",
    "¿Por qué no sube el pan?",
    "Pourquoi le pain ne lève pas",
    "Почему хлеб не поднимается?",
    "パンが膨らまない理由",
    "为什么面包发不起来",
    "빵이 부풀지 않는 이유",
    "لماذا لا ينتفخ الخبز؟",
    "למה הלחם לא תופח?",
    "रोटी क्यों नहीं फूलती?",
    "ทำไมขนมปังไม่ขึ้น",
    "Why bread does not rise?",
)

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Releases:
    """All that is published of a tenant's posts."""

    posts: pd.DataFrame
    effects: EffectsRelease
    deep: Mapping[str, Any]
    scores: ScoreTable
    forecasts: ForecastTable
    plans: tuple[Planned, ...]


def snapshots_of(posts: pd.DataFrame) -> Rows:
    """Three counts of each post, two of each fourth. A post without a publish time was seen in the last days."""
    rows: Rows = []
    for number, post in enumerate(posts.astype(object).where(posts.notna(), None).to_dict("records")):
        facts = (post["video_id"], post["account_id"], post["platform"], post["format"], post["posted_at"], 0)
        seen_from = post["posted_at"] or pd.Timestamp(NOW) - pd.Timedelta(days=12)
        for age, share in COUNTED[: 3 if number % 4 else 2]:
            views = None if post["views"] is None else int(post["views"] * share)
            rows.append((*facts, seen_from + pd.Timedelta(days=age), views, None))
    return rows


def released(posts: pd.DataFrame, *, snapshots: Rows | None = None, table: FeatureTable | None = None) -> Releases:
    """Each release as the nightly run makes it, and of what that run would hand to it."""
    features = feature_table(posts, Vocabulary()) if table is None else table
    seen = snapshots_of(posts) if snapshots is None else snapshots
    effects, scores = effects_release(posts, features, seed=1), score_table(seen, now=NOW)
    evidence = evidence_of([(each.key, as_figures(each)) for each in effects.effects], features.features)
    flags = {str(row["video_id"]): row["is_outlier"] for row in scores.rows if row["is_outlier"] is not None}
    curves = tuple(curve_of(json.dumps(each)) for each in scores.curves)
    return Releases(
        posts, effects, deep_analysis(posts, features, account_id=None, now=NOW, seed=1), scores, forecast_table(seen, now=NOW),
        next_release(Known(posts, features, evidence, flags, curves, NOW)),
    )  # fmt: skip


def with_titles(*titles: str) -> pd.DataFrame:
    few = FEW.iloc[:24]
    return changed(few, title=[titles[number % len(titles)] for number in range(len(few))])


def asked_at_week_ends() -> pd.DataFrame:
    """Nobody asks on another day, and nobody does not on these."""
    is_weekend: pd.Series[bool] = SANE["posted_at"].dt.tz_convert("Europe/Berlin").dt.day_of_week >= 5
    titles = [title.replace("?", "") + "?" * asks for title, asks in zip(SANE["title"], is_weekend, strict=True)]
    return changed(SANE, title=titles, outcome=SANE["outcome"] + 2 * is_weekend)


def always_with_the_same_account() -> pd.DataFrame:
    asks = SANE["account_id"] < "a0010"
    return changed(SANE, title=SANE["title"].str.replace("?", "") + np.where(asks, "?", ""), outcome=SANE["outcome"] + 3 * asks)


def two_thousand_features() -> Releases:
    few, rng = FEW.iloc[:12], np.random.default_rng(1)
    table = feature_table(few, Vocabulary())
    names = [f"made_{number:04}" for number in range(2_000)]
    made = pd.DataFrame(rng.integers(0, 2, (len(few), len(names))).astype(float), index=table.frame.index, columns=names)
    features = tuple(presence(name, Group.TITLE, f"{name}, compared with none") for name in names)
    return released(few, table=replace(table, frame=pd.concat([table.frame, made], axis=1), features=(*table.features, *features)))


def clocks_that_jumped() -> Releases:
    """Of posts that show no difference: what is left of them would rightly be claimed otherwise."""
    moments = FEW["posted_at"].astype(object).copy()
    for number, moment in enumerate(("1970-01-01", "2090-01-01", None)):
        moments.iloc[number::7] = None if moment is None else pd.Timestamp(moment, tz="UTC")
    return released(changed(FEW, posted_at=moments, outcome=FEW["outcome"].sample(frac=1, random_state=1).to_numpy()))


CASES: Mapping[str, Callable[[], Releases]] = {
    "no post": lambda: released(SANE.iloc[:0]),
    "one post": lambda: released(SANE.iloc[:1]),
    "four posts": lambda: released(SANE.iloc[:4]),
    "a single account": lambda: released(SANE[SANE["account_id"] == "a0000"].reset_index(drop=True)),
    "constant outcomes": lambda: released(changed(SANE, outcome=5.0, engagement=-3.0, retention=-1.0, views=1_000.0, likes=9.0)),
    "all treated": lambda: released(changed(SANE, title=SANE["title"].str.replace("?", "") + "?")),
    "separated by the week-end": lambda: released(asked_at_week_ends()),
    "separated by account": lambda: released(always_with_the_same_account()),
    "missing counters": lambda: released(
        changed(FEW, **dict.fromkeys(("views", "likes", "comments", "shares", "outcome", "outcome_se", "engagement", "retention")))
    ),
    "clocks that jumped": clocks_that_jumped,
    "emoji only": lambda: released(with_titles("😀", "🔥🔥", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣")),
    "twelve languages, two from right to left": lambda: released(with_titles(*TWELVE)),
    "2,000 features": two_thousand_features,
}


@pytest.fixture(scope="module")
def sane() -> Releases:
    return released(SANE)


def claims(found: Releases) -> list[str]:
    return [each.key for each in found.effects.effects if each.verdict in CAUSAL_VERDICTS]


def silent(found: Releases) -> list[str]:
    """Whatever has neither a figure nor a reason."""
    unsaid = [each.key for each in found.effects.effects if each.estimate is None and not each.reason]
    unsaid += [f"score of {row['video_id']}" for row in found.scores.rows if row["multiple"] is None and not row["reason"]]
    unsaid += [f"forecast of {row['video_id']}" for row in found.forecasts.rows if row["predicted"] is None and not row["reason"]]
    unsaid += [name for name in SECTIONS if not found.deep[name]["sentence"]]
    patterns = [each for each in found.plans if each.name == "patterns"]
    return unsaid + [f"patterns of {each.account_id}" for each in patterns if not (each.figures["items"] or each.figures["reason"])]


def assert_honest(found: Releases) -> None:
    told = [[as_figures(each) for each in found.effects.effects], found.effects.sections, found.effects.scoped, found.deep]
    told += [found.scores.rows, found.scores.curves, found.forecasts.rows, [each.figures for each in found.plans]]
    json.dumps(told, allow_nan=False)
    figures = [as_figures(each) for each in found.effects.effects]
    assert [problem for each in figures for problem in problems_of(each, has_census=True, posts=len(found.posts))] == []
    verdicts = {each.key: each.verdict.value for each in found.effects.effects}
    advice = [each for each in found.plans if each.name in ("blueprint", "quick_wins", "suggestions")]
    assert [problem for each in advice for problem in problems_of_plans(each.name, each.figures, verdicts)] == []
    assert silent(found) == []


def test_the_world_that_is_spoilt_below_is_claimed_as_it_is(sane: Releases) -> None:
    assert_honest(sane)
    assert PLANTED in claims(sane)
    assert any(row["multiple"] is not None for row in sane.scores.rows)
    assert any(row["predicted"] is not None for row in sane.forecasts.rows)


@pytest.mark.parametrize("case", CASES)
def test_no_release_claims_a_cause_or_stays_silent(case: str) -> None:
    found = CASES[case]()

    assert_honest(found)
    assert claims(found) == []
    reach = [each for each in found.effects.effects if each.outcome is Outcome.REACH]
    assert all(each.reason for each in reach if each.estimate is None)


def test_posts_that_are_there_three_times_are_told_of_once(sane: Releases) -> None:
    thrice = pd.concat([SANE, SANE.sample(frac=1, random_state=1), SANE], ignore_index=True)

    found = released(thrice, snapshots=[*snapshots_of(SANE), *snapshots_of(SANE)])

    assert [as_figures(each) for each in found.effects.effects] == [as_figures(each) for each in sane.effects.effects]
    assert (found.scores, found.forecasts, found.deep, found.plans) == (sane.scores, sane.forecasts, sane.deep, sane.plans)


def test_snapshots_out_of_order_say_the_same(sane: Releases) -> None:
    mixed = snapshots_of(SANE)
    np.random.default_rng(1).shuffle(mixed)

    assert (score_table(mixed, now=NOW), forecast_table(mixed, now=NOW)) == (sane.scores, sane.forecasts)


@pytest.mark.parametrize("ages", [(9.0, 3.0, 1.0), (0.0, 0.0, 0.0), (-3.0, -2.0, -1.0)], ids=["backwards", "at once", "before"])
def test_counts_that_fall_or_come_before_their_post_have_a_figure_or_a_reason(ages: tuple[float, ...]) -> None:
    falling = [(*row[:6], row[4] + pd.Timedelta(days=ages[number % len(ages)]), *row[7:]) for number, row in enumerate(snapshots_of(SANE))]

    scores, forecasts = score_table(falling, now=NOW), forecast_table(falling, now=NOW)

    json.dumps([scores.rows, scores.curves, forecasts.rows], allow_nan=False)
    assert len(scores.rows) == len(SANE)
    assert all(row["reason"] or row["low"] <= row["multiple"] <= row["high"] for row in scores.rows)
    assert all(row["reason"] or row["views"] <= row["low"] <= row["predicted"] <= row["high"] for row in forecasts.rows)
