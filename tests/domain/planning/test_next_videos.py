"""Ideas for the next video: what was chosen among many is told with the interval that it was chosen by."""

import math

import pytest

from domain.deep.posting_time import posting_time
from domain.deep.scope import scope_of
from domain.log_points import bounds
from domain.planning.items import Standing
from domain.planning.levels import Usual
from domain.planning.next_videos import described, suggestions
from domain.planning.plans import Said
from tests.domain.deep.worlds import NOW, Channel, rows_of, tables


def test_a_slot_is_told_with_the_interval_that_it_was_chosen_by() -> None:
    posts, table = tables(rows_of(Channel(posts=900, evening=1.6, luck=0.3, momentum=0.0, every_hours=24.0), 3))
    scope = scope_of(posts, table, account_id="a0", now=NOW)
    best = posting_time(scope)["best"][0]

    told = suggestions(Said((), ()), Standing("a0", Usual(900, level=9.0, low=8.0, high=10.0), {}), scope, described(scope, table.features))
    (slot,) = [each for each in told["items"] if each["text"].startswith(f"Post around {best['name']} ")]

    assert 0 < best["wide_low"] < best["low"] < best["high"] < best["wide_high"]
    assert (slot["low"], slot["high"]) == (best["wide_low"], best["wide_high"])
    assert slot["multiple_low"] == pytest.approx(math.exp(best["wide_low"]))
    assert f"({bounds(best['wide_low'], best['wide_high'])}, 95 % for all that were looked at together, n = " in slot["sentence"]
