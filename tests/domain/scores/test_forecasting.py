"""Forecasts hold what their intervals promise, and say why where there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from domain.scores.forecasting import HORIZONS, METHOD, forecast_table
from domain.scores.frames import Reason
from sandbox.world.making import make_world as make_sandbox
from tests.domain.scores.futures import covered, cut_and_judged, daily_lists, judged_shape, judged_world, mean_error, rows_of
from tests.domain.scores.test_outliers import NOW, frame, post, usual
from tests.domain.scores.worlds import ISSUE, Shape, growing, log_logistic, make_world, two_phases
from tests.domain.scores.worlds import NOW as WORLD_NOW

EPOCH = datetime(2026, 6, 1, tzinfo=UTC)
FIGURES = ("predicted", "low", "high")
WATCHED = replace(ISSUE, accounts=20, posts=25, every_days=2.0)


def forecast(rows, now=NOW):
    return {(row["video_id"], row["horizon"]): row for row in forecast_table(rows, now=now).rows}


def many(**facts):
    """Forty posts of four accounts, seen long enough for every horizon but the longest."""
    return [row for name in "abcd" for row in usual(10, account=name, **facts)]


@pytest.mark.parametrize("countries", [("US",), ("US", "FR")])
def test_on_real_curves_the_intervals_hold_and_both_simple_forecasts_are_beaten(real_data: Path, countries):
    judged = cut_and_judged(daily_lists(real_data / "youtube_trending_2017", *countries), seed=1)

    next_day = judged[judged["horizon"] == "1d"]
    assert 0.75 <= covered(judged) <= 0.85
    assert 0.75 <= covered(next_day) <= 0.85
    for of_logs in (False, True):
        ours = mean_error(next_day, "predicted", of_logs=of_logs)
        assert ours < 0.9 * mean_error(next_day, "persistence", of_logs=of_logs)
        assert ours < 0.9 * mean_error(next_day, "log_linear", of_logs=of_logs)


def test_in_the_sandbox_the_intervals_for_a_week_and_a_month_hold(tmp_path: Path):
    world = make_sandbox(seed=11, epoch=EPOCH)
    judged = judged_world(world, tmp_path, moments=[EPOCH - timedelta(days=back) for back in (0, 5, 10)])

    for horizon in ("7d", "30d"):
        some = judged[judged["horizon"] == horizon]
        assert len(some) > 300
        assert 0.75 <= covered(some) <= 0.85


@pytest.mark.parametrize("family", [log_logistic, two_phases])
def test_worlds_that_nobody_tuned_for_are_covered_as_well(family):
    shape = Shape(family, growing, accounts=40, posts=30, noise=0.03, video_speed=0.3)

    judged = judged_shape(1, shape, back_days=(31, 40))

    for horizon in ("7d", "30d"):
        assert 0.72 <= covered(judged[judged["horizon"] == horizon]) <= 0.90


def test_a_forecast_lies_in_its_interval_and_never_below_what_is_there():
    rows = forecast(rows_of(make_world(3, WATCHED).snapshots), now=WORLD_NOW)
    made = [row for row in rows.values() if row["predicted"] is not None]

    assert {row["horizon"] for row in made} == {horizon.name for horizon in HORIZONS}
    assert all(row["views"] <= row["low"] <= row["predicted"] <= row["high"] for row in made)
    assert all(row["level"] == 0.8 and row["reason"] is None for row in made)
    assert all(tuple(row[name] for name in FIGURES) == (None,) * 3 for row in rows.values() if row["reason"] is not None)
    assert all(row["age_days"] < row["target_age_days"] for row in rows.values())


def test_a_post_older_than_a_horizons_age_has_no_row_for_it():
    rows = forecast([*many(), *post("young", days_ago=5)])

    assert {horizon for video, horizon in rows if video == "young"} == {"1d", "3d", "7d", "30d"}
    assert {horizon for video, horizon in rows if video == "a-0"} == {"1d", "3d", "30d"}


def test_where_all_posts_grow_alike_the_forecast_is_that_growth():
    row = forecast([*many(), *post("young", days_ago=2.1, views=3000)])["young", "7d"]

    assert row["predicted"] == pytest.approx(3000 * (7 / 16) ** 0.5, rel=0.03)


def test_a_posts_own_course_says_more_than_its_age():
    judged = judged_shape(2, Shape(log_logistic, growing, accounts=40, posts=30, video_speed=0.8), back_days=(31, 40))
    some = judged[(judged["horizon"] == "30d") & judged["age_days"].between(0.9, 8)]
    by_age = some["views"] * (some["actual"] / some["views"]).groupby(some["age_days"].round()).transform("median")

    def missed(views):
        return np.abs(np.log(views / some["actual"])).median()

    assert len(some) > 100
    assert missed(some["predicted"]) < 0.5 * missed(by_age)


def test_three_videos_give_reasons_and_no_numbers():
    rows = forecast(usual(2) + post("young", days_ago=2))

    assert rows["young", "7d"]["reason"] in (Reason.NO_CURVE, Reason.TOO_FEW_COURSES)
    assert all(row[name] is None for row in rows.values() for name in FIGURES)


def test_posts_seen_once_have_no_forecast():
    rows = forecast([row for i in range(20) for row in post(f"once-{i}", days_ago=20 + i)[-1:]])

    assert {row["reason"] for row in rows.values()} == {Reason.NO_CURVE}
    assert {row["velocity"] for row in rows.values()} == {None}


def test_nothing_in_gives_nothing_out():
    assert forecast_table([], now=NOW).rows == ()
    assert forecast_table([], now=NOW).method == METHOD


def test_without_publish_times_only_the_next_days_are_forecast():
    rows = rows_of(make_world(3, WATCHED).snapshots.assign(posted_at=None))
    undated = forecast(rows, now=WORLD_NOW)

    near = [row for (_, horizon), row in undated.items() if horizon in ("1d", "3d")]
    far = [row for (_, horizon), row in undated.items() if horizon in ("7d", "30d")]
    assert sum(row["predicted"] is not None for row in near) > 50
    assert {row["reason"] for row in far} == {Reason.NO_POSTED_AT}
    assert {(row["age_days"], row["target_age_days"]) for row in undated.values()} == {(None, None)}


def test_views_that_were_taken_away_stop_nothing():
    fallen = [(*row[:7], max(0, row[7] - 300) if i % 2 else row[7]) for i, row in enumerate(many())]
    rows = forecast(
        [*fallen, *post("young", days_ago=3, views=2000)[:-1], ("young", "a", "tiktok", "short", NOW - timedelta(days=3), 0, NOW, 5)]
    )

    row = rows["young", "7d"]
    assert row["velocity"] < 0
    assert row["views"] == 5
    assert row["low"] >= 5


def test_a_target_beyond_a_change_of_what_a_view_is_has_no_forecast():
    now = datetime(2026, 8, 22, tzinfo=UTC)
    facts = {"platform": "youtube", "video_format": "long", "now": now}

    rows = forecast([*many(**facts), *post("young", days_ago=3, **facts)], now=now)

    assert rows["young", "1d"]["predicted"] is not None
    assert rows["young", "7d"]["reason"] == Reason.REGIME_BREAK
    assert rows["young", "7d"]["predicted"] is None


def test_a_bought_hit_moves_nobody_elses_forecast_and_has_its_own():
    bought = [(*row, True) for row in post("bought", days_ago=6, views=10**6, account="a")]
    young = post("young", days_ago=2.1, account="a")
    without, beside = forecast([*many(), *young]), forecast([*many(), *young, *bought])

    assert {key: row for key, row in beside.items() if key[0] != "bought"} == without
    assert beside["bought", "30d"]["is_promoted"] is True


def test_velocity_is_views_per_day_and_against_the_accounts_usual():
    rows = forecast([*many(), *post("young", days_ago=2.1, views=4000, account="a")])
    first, second = 4000 * (1 / 16) ** 0.5, 4000 * (2 / 16) ** 0.5

    assert rows["young", "1d"]["velocity"] == pytest.approx(second - first, rel=0.01)
    assert rows["young", "1d"]["velocity_multiple"] == pytest.approx(4, rel=0.2)
    lonely = forecast([*many(), *post("young", days_ago=2.1, account="nobody")])
    assert lonely["young", "1d"]["velocity_multiple"] is None


def test_the_same_rows_in_any_order_give_the_same_bytes():
    rows = rows_of(make_world(4, WATCHED).snapshots)
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]

    assert repr(forecast_table(rows, now=WORLD_NOW)) == repr(forecast_table(shuffled, now=WORLD_NOW))


def test_what_was_seen_after_now_is_not_known():
    whole = frame(many(), post("young", days_ago=8, views=3000))
    then = NOW - timedelta(days=4)

    assert forecast_table(rows_of(whole), now=then) == forecast_table(rows_of(whole[whole["observed_at"] <= then]), now=then)


def test_a_repeated_snapshot_says_nothing_new():
    rows = [*many(), *post("young", days_ago=2.1)]

    assert forecast([*rows, *rows[:50], rows[-1]])["young", "7d"]["predicted"] is not None
