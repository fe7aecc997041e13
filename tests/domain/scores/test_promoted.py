"""Bought views: the post has a score of its own, says so, and moves nobody else's."""

from dataclasses import replace

import numpy as np
import pytest

from domain.scores.frames import COLUMNS, PROMOTED
from domain.scores.outliers import score
from domain.scores.publishing import score_table
from tests.domain.scores.test_outliers import NOW, frame, post, usual
from tests.domain.scores.worlds import ISSUE, make_world
from tests.domain.scores.worlds import NOW as WORLD_NOW

HIT = post("bought", days_ago=25, views=10**6)


def rows_of(*groups, promoted=()):
    return [(*row, True) if row[0] in promoted else row for group in groups for row in group]


def test_a_bought_hit_moves_nobody_elses_score():
    without = score_table(rows_of(usual(12)), now=NOW)
    beside = score_table(rows_of(usual(12), HIT, promoted={"bought"}), now=NOW)

    assert [row for row in beside.rows if row["video_id"] != "bought"] == list(without.rows)
    assert beside.curves == without.curves


def test_the_same_hit_unmarked_does_move_others():
    without = score_table(rows_of(usual(12)), now=NOW)
    beside = score_table(rows_of(usual(12), HIT), now=NOW)

    assert [row for row in beside.rows if row["video_id"] != "bought"] != list(without.rows)


def test_a_bought_hit_has_its_own_score_and_says_so():
    rows = {row["video_id"]: row for row in score_table(rows_of(usual(12), HIT, promoted={"bought"}), now=NOW).rows}
    organic = {row["video_id"]: row for row in score_table(rows_of(usual(12), HIT), now=NOW).rows}

    assert rows["bought"]["is_promoted"] is True
    assert rows["bought"]["is_outlier"] is True
    assert rows["bought"]["peers"] == 12
    assert rows["bought"]["multiple"] == pytest.approx(organic["bought"]["multiple"], rel=0.3)
    assert {row["is_promoted"] for name, row in rows.items() if name != "bought"} == {False}


def test_many_bought_posts_in_a_real_sized_world_change_no_organic_score():
    world = make_world(7, replace(ISSUE, accounts=40, posts=30)).snapshots
    bought = sorted(world["video_id"].unique())[::6]
    marked = world.assign(**{PROMOTED: world["video_id"].isin(bought)})
    inflated = marked.assign(views=np.where(marked[PROMOTED], marked["views"] * 50, marked["views"]))

    alone = score(world[~world["video_id"].isin(bought)], now=WORLD_NOW)
    beside = score(inflated, now=WORLD_NOW)

    assert tuple(s for s in beside.scores if not s.is_promoted) == alone.scores
    judged = [s for s in beside.scores if s.is_promoted and s.multiple is not None]
    assert len(judged) > 0.8 * len(bought)
    assert np.median([s.multiple for s in judged]) == pytest.approx(50, rel=0.35)


def test_an_account_whose_views_were_all_bought_has_no_peers():
    names = {row[0] for row in usual(8)}
    rows = score_table(rows_of(usual(8), usual(8, account="two"), promoted=names), now=NOW).rows

    assert {row["reason"] for row in rows if row["video_id"] in names} == {"too_few_peers"}
    assert {row["reason"] for row in rows if row["video_id"] not in names} == {None}


def test_unknown_counts_as_not_promoted():
    plain = score_table(rows_of(usual(8), HIT), now=NOW)
    said = score_table([(*row, None) for row in rows_of(usual(8), HIT)], now=NOW)
    denied = score_table([(*row, False) for row in rows_of(usual(8), HIT)], now=NOW)

    assert plain == said == denied
    assert len(COLUMNS) == len(frame(HIT).columns)
