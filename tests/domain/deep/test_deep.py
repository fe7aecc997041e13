"""Deep analysis of channels that we made: what is there is described with its interval, what is not is not, and too little says so."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.deep.analysis import SECTIONS, deep_analysis
from domain.deep.contrasts import Comparison
from tests.domain.deep.worlds import NOW, Channel, analysed, rows_of, tables

CAUSAL = re.compile(
    r"\b(causes?|caused|effects? of|because|due to|leads? to|led to|raises?d?|lowers?d?|boosts?|drives?|thanks to|impacts?|makes?)\b", re.I
)


def everything(found: Any) -> list[dict[str, Any]]:
    """Every row of figures anywhere in the analysis."""
    if isinstance(found, dict):
        own = [found] if "multiple" in found and "n" in found else []
        return own + [row for value in found.values() for row in everything(value)]
    return [row for value in found for row in everything(value)] if isinstance(found, list) else []


def named(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(row for row in rows if row["name"] == name)


@pytest.fixture(scope="module")
def channel() -> dict[str, Any]:
    return analysed(Channel(posts=800, evening=0.8, week=0.01, shorts=0.5, luck=0.6), seed=3)


def test_every_section_is_descriptive_and_uses_no_causal_word(channel: dict[str, Any]) -> None:
    assert [channel[name]["nature"] for name in SECTIONS] == ["descriptive"] * 5
    assert all(channel[name]["n"] == 800 and len(channel[name]["sentence"]) > 30 for name in SECTIONS)
    assert not [found for name in SECTIONS if (found := CAUSAL.search(channel[name]["sentence"]))]


def test_every_row_of_figures_has_its_n_and_an_interval_or_a_reason(channel: dict[str, Any]) -> None:
    rows = everything(channel)

    assert len(rows) > 100
    assert all(
        row["n"] >= 0 and (row["low"] is not None and row["low"] <= row["difference"] <= row["high"]) != bool(row["reason"]) for row in rows
    )


def test_planted_hours_growth_and_formats_are_described_within_their_intervals(channel: dict[str, Any]) -> None:
    hours, trend = channel["posting_time"]["by_hour"], channel["growth"]["trend"]
    short = named(channel["content_type"]["reach"]["format"], "short")

    # An hour is held against all others, of which the second evening hour is one: a little less than what was planted.
    assert all(named(hours, name)["stands_out"] and named(hours, name)["low"] < 0.8 for name in ("18:00", "19:00"))
    assert sum(row["stands_out"] and row["difference"] > 0 for row in hours) == 2
    assert trend["low"] <= 0.01 <= trend["high"]
    assert short["stands_out"]
    assert short["low"] <= 0.5 <= short["high"]


def test_nothing_stands_out_where_nothing_was_planted() -> None:
    found = [analysed(Channel(posts=200, momentum=0.5), seed) for seed in range(12)]

    nominal = [row["low"] > 0 or row["high"] < 0 for each in found for row in everything(each) if row["low"] is not None]
    assert np.mean(nominal) <= 0.09
    assert sum(bool(each["posting_time"]["best"]) for each in found) <= 1
    assert all(each["posting_time"]["best_reason"] for each in found if not each["posting_time"]["best"])


def test_what_stands_out_alone_need_not_among_all_that_is_told_with_it() -> None:
    """A difference of two to three errors is clear for one question, and is chance among a thousand."""
    posts, _ = tables(rows_of(Channel(posts=200), 3))
    frame = posts.sort_values("posted_at", ignore_index=True).assign(weight=1.0)
    frame["outcome"] = np.random.default_rng(3).normal(0, 1, len(frame)) + 0.4 * (frame.index % 2)
    kinds, comparison = {"odd": (frame.index % 2 == 1)}, Comparison.of(frame, "outcome", by_format=False)

    assert [comparison.presence(kinds, among=among)[0].stands_out for among in (1, 1_000)] == [True, False]


def test_an_account_of_many_posts_does_not_decide_alone_and_levels_do_not_count() -> None:
    small = rows_of(Channel(posts=30, accounts=15), 5)
    large = [
        row | {"account_id": "large", "video_id": f"l{row['video_id']}"}
        for row in rows_of(Channel(posts=3000, shorts=2.0, every_hours=3), 6)
    ]
    posts, features = tables(small + large)

    reach = deep_analysis(posts, features, account_id=None, now=NOW, seed=1)["content_type"]["reach"]

    # By posts alone, the large one's 2.0 would be nearly all of the mean; it counts for twice a typical account.
    assert named(reach["format"], "short")["difference"] < 0.6


def test_a_large_account_at_another_hour_is_no_good_hour() -> None:
    rows = rows_of(Channel(posts=60, accounts=8), 7)
    for row in rows:
        if row["account_id"] in ("a0", "a1"):
            row["outcome"] += 4.0
            row["posted_at"] = row["posted_at"].replace(hour=5)
    posts, features = tables(rows)

    found = deep_analysis(posts, features, account_id=None, now=NOW, seed=1)["posting_time"]

    five = [row for row in found["by_hour"] if row["name"] in ("06:00", "07:00")]
    assert not any(row["stands_out"] for row in five)
    assert found["best"] == []


def test_the_hour_is_the_accounts_own_and_an_unknown_zone_is_said() -> None:
    known, unknown = (analysed(Channel(posts=60, zone=zone), 2)["posting_time"] for zone in ("Asia/Tokyo", None))

    assert known["time_zones"] == {"Asia/Tokyo": 60}
    assert unknown["time_zones"] == {"UTC (assumed)": 60}
    assert "UTC is used" in unknown["sentence"]
    assert [row["n"] for row in unknown["by_hour"]] == [known["by_hour"][(hour + 9) % 24]["n"] for hour in range(24)]


def test_the_figures_are_the_same_in_any_order_of_rows_and_by_the_same_seed() -> None:
    posts, features = tables(rows_of(Channel(posts=50, accounts=3), 4))
    mixed = posts.sample(frac=1.0, random_state=1)

    first, second = (deep_analysis(each, features, account_id=None, now=NOW, seed=9) for each in (posts, mixed))

    assert json.dumps(first, allow_nan=False) == json.dumps(second, allow_nan=False)


def test_of_a_video_that_comes_twice_the_same_row_counts_in_any_order() -> None:
    rows = rows_of(Channel(posts=50), 4)
    twice = [*rows, rows[3] | {"account_id": "another"}, rows[5] | {"likes": None}]

    first, second = (deep_analysis(*tables(each), account_id=None, now=NOW, seed=9) for each in (twice, twice[::-1]))

    assert json.dumps(first, allow_nan=False) == json.dumps(second, allow_nan=False)


@pytest.mark.parametrize("posts", [0, 1, 4])
def test_too_few_posts_give_reasons_and_no_figures(posts: int) -> None:
    frame, features = tables(rows_of(Channel(posts=max(posts, 1)), 1))
    found = deep_analysis(frame.head(posts), features, account_id="a0", now=NOW, seed=1)

    json.dumps(found, allow_nan=False)
    assert found["n"] == posts
    assert not [row for row in everything(found) if row["low"] is not None or row["stands_out"]]
    assert found["engagement"]["distribution"] == []


def test_outcomes_that_are_all_alike_give_no_figures() -> None:
    posts, features = tables(rows_of(Channel(posts=80), 1))
    found = deep_analysis(posts.assign(outcome=5.0, engagement=-3.0), features, account_id=None, now=NOW, seed=1)

    assert {row["reason"] for row in everything(found) if row["n"] >= 5} <= {
        "all posts did the same",
        "fewer than 5 other posts to compare with",
    }
    assert found["growth"]["changes"] == []


def test_posts_that_cannot_be_judged_are_left_out_and_counted() -> None:
    rows = rows_of(Channel(posts=60), 1)
    rows[0]["is_promoted"], rows[1]["posted_at"], rows[2]["outcome_se"], rows[3]["outcome"] = True, None, 2.0, float("inf")
    rows[4]["posted_at"], rows[5]["likes"], rows[5]["engagement"] = NOW.replace(year=2027), None, None
    rows[6]["selection"], rows[7]["time_zone"] = "trending", "Mars/Olympus"
    posts, features = tables([*rows, rows[8]])

    found = deep_analysis(posts, features, account_id=None, now=NOW, seed=1)

    assert sum(found["left_out"].values()) == 4
    assert (found["n"], found["posting_time"]["n"], found["engagement"]["n"], found["engagement"]["missing"]) == (56, 54, 55, 1)
    assert found["posting_time"]["time_zones"] == {"Europe/Berlin": 55, "UTC (assumed)": 1}


def test_picked_posts_are_described_with_a_caution() -> None:
    posts, features = tables([row | {"selection": "trending"} for row in rows_of(Channel(posts=40), 1)])

    assert "picked" in deep_analysis(posts, features, account_id=None, now=NOW, seed=1)["caution"]


def test_days_give_views_and_followers_their_growth() -> None:
    posts, features = tables(rows_of(Channel(posts=40), 1))
    rng, day = np.random.default_rng(1), pd.date_range("2026-06-01", periods=170, freq="D")
    views = np.exp(8 + 0.5 * (day.day_of_week == 6) + rng.normal(0, 0.2, 170)).round()
    followers = np.exp(9 + np.cumsum(rng.normal(0.01 / 7, 0.0005, 170))).round()
    days = pd.DataFrame({"account_id": "a0", "day": day.date, "views": views, "followers": followers})
    days.loc[50, ["views", "followers"]] = [-40.0, np.nan]

    found = deep_analysis(posts, features, account_id="a0", now=NOW, seed=1, days=days)["growth"]

    sunday, weekly = named(found["views"]["weekdays"], "Sunday"), found["followers"]["weekly_growth"]
    assert sunday["stands_out"]
    assert sunday["low"] <= 0.5 <= sunday["high"]
    assert found["views"]["days_below_zero"] == 1
    assert weekly["low"] <= 0.01 <= weekly["high"]
    assert deep_analysis(posts, features, account_id="a0", now=NOW, seed=1)["growth"]["views"] == {"reason": "no figures by day are known"}


def test_a_day_on_which_views_were_taken_away_moves_no_figure() -> None:
    posts, features = tables(rows_of(Channel(posts=40), 1))
    day = pd.date_range("2026-06-01", periods=170, freq="D")
    views = np.exp(8 + np.random.default_rng(1).normal(0, 0.2, 170)).round()
    days = pd.DataFrame({"account_id": "a0", "day": day.date, "views": views, "followers": np.nan})

    def told(value: float) -> dict[str, Any]:
        days.loc[50, "views"] = value
        views_told: dict[str, Any] = deep_analysis(posts, features, account_id="a0", now=NOW, seed=1, days=days)["growth"]["views"]
        return views_told

    taken, unknown = told(-40.0), told(np.nan)

    assert (taken["trend"], taken["weekdays"]) == (unknown["trend"], unknown["weekdays"])
    assert (taken["days_below_zero"], unknown["days_below_zero"]) == (1, 0)


def test_a_slope_within_accounts_is_that_of_least_squares_with_account_levels() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"account_id": np.repeat(["a", "b", "c"], 30), "format": "short", "weight": 1.0})
    x = rng.normal(size=90) + np.repeat([0.0, 3.0, 9.0], 30)
    frame["y"] = 0.4 * x + np.repeat([5.0, -2.0, 1.0], 30) + rng.normal(size=90)

    found = Comparison.of(frame, "y", by_format=False, is_trend=True).amount("x", x)

    design = np.column_stack([x, pd.get_dummies(frame["account_id"]).to_numpy(float)])
    assert found.estimate == pytest.approx(np.linalg.lstsq(design, frame["y"].to_numpy(), rcond=None)[0][0])
