"""The rules of a score, on accounts small enough to follow by hand."""

from datetime import UTC, datetime, timedelta
from math import log
from statistics import mean

import numpy as np
import pandas as pd
import pytest

from domain.engagement import band_of
from domain.scores.frames import COLUMNS, Reason
from domain.scores.outliers import METHOD, adjusted_log_views, score

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AGES_DAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def post(name, *, days_ago, views=1000, account="one", platform="tiktok", video_format="short", error_seconds=0, now=NOW):
    """One post whose views grow as the square root of its age; `views` is what it has after 16 days."""
    posted = now - timedelta(days=days_ago)
    return [
        (name, account, platform, video_format, posted, error_seconds, posted + timedelta(days=age), round(views * (age / 16) ** 0.5))
        for age in AGES_DAYS
        if age <= days_ago
    ]


def usual(count, *, views=1000, step=0.1, first=20, **facts):
    """Posts around `views`, spread evenly in log views by `step`."""
    account = facts.get("account", "one")
    return [
        row
        for i in range(count)
        for row in post(f"{account}-{i}", days_ago=first + 3 * i, views=views * np.exp(step * ((i * 7) % count - (count - 1) / 2)), **facts)
    ]


def frame(*groups):
    return pd.DataFrame([row for group in groups for row in group], columns=list(COLUMNS))


def scored(*groups, now=NOW):
    return {s.video_id: s for s in score(frame(*groups), now=now).scores}


def assert_nothing_claimed(result, reason):
    assert result.reason == reason
    claims = (result.multiple, result.low, result.high, result.p_outlier, result.is_outlier, result.virality_band, result.shrunk_multiple)
    assert claims == (None,) * 7


def test_a_hit_is_found_and_its_figures_hang_together():
    result = scored(usual(15), post("hit", days_ago=25, views=8000))["hit"]

    assert result.multiple == pytest.approx(8, rel=0.15)
    assert result.low < result.multiple < result.high
    assert result.is_outlier is True
    assert result.p_outlier > 0.9
    assert result.virality_band == band_of(result.multiple) == "[5,10)"
    assert 1 < result.shrunk_multiple < result.multiple
    assert (result.peers, result.reason, result.regime) == (15, None, "original")
    assert result.age_days == pytest.approx(16)
    assert result.snapshot_lag_days == pytest.approx(9)


def test_a_young_hit_is_found_before_its_views_show_it():
    result = scored(usual(15), post("hit", days_ago=1, views=8000))["hit"]

    assert result.age_days == pytest.approx(1)
    assert result.is_outlier is True
    assert result.naive_multiple < 3


def test_the_post_itself_is_never_its_own_peer():
    results = scored(usual(6, step=0.0), post("hit", days_ago=21, views=1000 * 10**6))

    assert results["hit"].peers == 6
    assert results["hit"].multiple == pytest.approx(10**6, rel=0.05)


def test_below_five_peers_there_is_no_score():
    enough, few = scored(usual(6)), scored(usual(5))

    assert all(s.multiple is not None and s.peers == 5 for s in enough.values())
    for result in few.values():
        assert_nothing_claimed(result, Reason.TOO_FEW_PEERS)
        assert result.peers == 4


@pytest.mark.parametrize("facts", [{"account": "two"}, {"video_format": "long"}, {"video_format": None}, {"platform": "instagram"}])
def test_posts_of_another_account_format_or_platform_are_no_peers(facts):
    rows = [row for i in range(4) for row in post(f"other-{i}", days_ago=22 + i, **facts)]

    results = scored(usual(10), rows)

    for i in range(4):
        assert results[f"other-{i}"].reason in (Reason.TOO_FEW_PEERS, Reason.NO_CURVE)
    assert results["one-0"].peers == 9


def test_posts_of_unknown_format_are_compared_with_each_other():
    results = scored(usual(8, video_format=None))

    assert {s.peers for s in results.values()} == {7}


def test_without_a_publish_time_there_is_no_score():
    rows = [(*row[:4], None, *row[5:]) for row in post("undated", days_ago=20)]

    result = scored(usual(10), rows)["undated"]

    assert_nothing_claimed(result, Reason.NO_POSTED_AT)
    assert result.naive_multiple is not None


def test_without_views_there_is_no_score_and_no_naive_multiple():
    rows = [(*row[:7], None) for row in post("unseen", days_ago=20)]

    result = scored(usual(10), rows)["unseen"]

    assert_nothing_claimed(result, Reason.NO_VIEWS)
    assert (result.naive_multiple, result.naive_band) == (None, None)


def test_zero_views_are_a_fact_not_a_gap():
    result = scored(usual(10), post("dead", days_ago=20, views=0))["dead"]

    assert result.reason is None
    assert result.multiple < 0.01
    assert result.virality_band == "<1"


def test_a_snapshot_before_the_post_itself_says_nothing():
    posted = NOW - timedelta(days=3)
    row = ("early", "one", "tiktok", "short", posted, 0, posted - timedelta(hours=1), 500)

    assert_nothing_claimed(scored(usual(10), [row])["early"], Reason.NOT_AFTER_POSTING)


def test_posts_seen_only_once_each_have_no_curve_to_stand_on():
    rows = [row for i in range(10) for row in post(f"once-{i}", days_ago=20 + 3 * i)[-1:]]

    for result in scored(rows).values():
        assert_nothing_claimed(result, Reason.NO_CURVE)


def test_an_age_that_leaves_everything_open_is_too_recent():
    """Posted some time within two days, seen after half a day: the date says next to nothing about the age."""
    rows = post("vague", days_ago=0.6, error_seconds=5 * 86400)

    assert_nothing_claimed(scored(usual(12, first=20), rows)["vague"], Reason.TOO_RECENT)


def test_an_uncertain_publish_time_widens_the_interval():
    sharp = scored(usual(12), post("hit", days_ago=2, views=5000))["hit"]
    vague = scored(usual(12), post("hit", days_ago=2, views=5000, error_seconds=86400))["hit"]

    assert vague.high / vague.low > 1.05 * sharp.high / sharp.low


def test_no_baseline_reaches_across_a_change_of_what_a_view_is():
    now = datetime(2026, 10, 1, tzinfo=UTC)
    before = usual(10, first=60, views=1000, platform="youtube", video_format="long", now=now)
    after = [row for i in range(4) for row in post(f"new-{i}", days_ago=17 + i, platform="youtube", video_format="long", now=now)]

    results = scored(before, after, now=now)

    assert {results[f"new-{i}"].regime for i in range(4)} == {"starts-2026-08-24"}
    assert all(results[f"new-{i}"].multiple is None for i in range(4))
    assert {results[f"one-{i}"].peers for i in range(10)} == {9}


def test_views_counted_after_the_break_are_not_read_into_an_older_post():
    now = datetime(2026, 8, 28, tzinfo=UTC)
    facts = {"platform": "youtube", "video_format": "long", "now": now}
    crossing = post("crossing", days_ago=10, views=50000, **facts)

    result = scored(usual(10, first=40, **facts), crossing, now=now)["crossing"]

    assert result.age_days == pytest.approx(4)
    assert result.regime == "original"


def test_a_post_seen_only_across_the_break_has_no_score():
    now = datetime(2026, 8, 28, tzinfo=UTC)
    facts = {"platform": "youtube", "video_format": "long", "now": now}
    late = [row for row in post("late", days_ago=9, **facts) if row[6] >= datetime(2026, 8, 24, tzinfo=UTC)]

    assert_nothing_claimed(scored(usual(10, first=40, **facts), late, now=now)["late"], Reason.REGIME_BREAK)


def test_a_post_that_may_lie_on_either_side_of_the_break_has_no_score():
    now = datetime(2026, 10, 1, tzinfo=UTC)
    facts = {"platform": "youtube", "video_format": "long", "now": now}
    unsure = post("unsure", days_ago=38, error_seconds=86400, **facts)

    assert_nothing_claimed(scored(usual(10, first=60, **facts), unsure, now=now)["unsure"], Reason.REGIME_BREAK)


def test_what_was_seen_after_now_is_not_known():
    rows = frame(usual(12), post("hit", days_ago=10, views=5000))
    then = NOW - timedelta(days=9)

    assert score(rows, now=then) == score(rows[rows["observed_at"] <= then], now=then)
    assert {s.video_id: s for s in score(rows, now=then).scores}["hit"].age_days == pytest.approx(1)


def test_the_naive_multiple_is_views_over_the_mean_of_the_others():
    groups = usual(5), post("hit", days_ago=25, views=8000)
    latest = frame(*groups).groupby("video_id")["views"].last()

    assert scored(*groups)["hit"].naive_multiple == pytest.approx(8000 / mean(latest.drop("hit")))


def test_an_account_with_fewer_than_three_others_is_held_against_its_platform():
    pair = post("a", days_ago=20, account="two", views=400), post("b", days_ago=25, account="two", views=600)
    elsewhere = post("c", days_ago=20, account="three", platform="instagram", views=10**9)
    latest = frame(usual(10), *pair).groupby("video_id")["views"].last()

    result = scored(usual(10), *pair, elsewhere)["a"]

    assert result.naive_multiple == pytest.approx(400 / mean(latest.drop("a")))


def test_a_mean_of_zero_gives_no_naive_multiple():
    rows = [row for i in range(8) for row in post(f"dead-{i}", days_ago=20 + i, views=0)]

    assert {s.naive_multiple for s in scored(rows).values()} == {None}


def test_nothing_in_gives_nothing_out():
    empty = frame(usual(1))[:0]

    assert score(empty, now=NOW).scores == ()
    assert score(empty, now=NOW).method == METHOD
    assert len(adjusted_log_views(empty, now=NOW)) == 0


def test_an_account_without_any_spread_does_not_break():
    results = scored(usual(10, step=0.0))

    assert all(s.multiple == pytest.approx(1, abs=0.05) and s.is_outlier is False for s in results.values())


def test_the_adjusted_value_is_missing_where_a_score_could_not_stand_on_it():
    undated = [(*row[:4], None, *row[5:]) for row in post("undated", days_ago=20)]

    table = adjusted_log_views(frame(usual(10, step=0.0), undated), now=NOW).set_index("video_id")
    undated_row, usual_row = table.loc["undated"].to_dict(), table.loc["one-0"].to_dict()

    assert np.isnan(undated_row["adjusted_log_views"])
    assert undated_row["reason"] == Reason.NO_POSTED_AT
    assert usual_row["adjusted_log_views"] == pytest.approx(log(1000), abs=0.05)
    assert usual_row["standard_error"] < 0.2
