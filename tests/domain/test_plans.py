"""Plans: a larger one has more of everything, each pays for itself at full use, and the docs say what the file says."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from domain import plans, prices
from domain.plans import LEAST_MARGIN, Plan, PlanPrice, margin, with_more
from domain.prices import NoPrice, Own
from domain.sources import Bucket
from store.plans import packaged

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "plans.md"
TODAY = date(2026, 11, 26)
PLANS = packaged().plans
SOLD = [(plan, price) for plan in PLANS for price in plan.prices]


@pytest.mark.parametrize(("plan", "price"), SOLD, ids=lambda each: getattr(each, "lookup_key", getattr(each, "plan", "")))
def test_at_full_use_half_of_the_price_is_left(plan: Plan, price: PlanPrice) -> None:
    assert margin(plan, price, on=TODAY) >= LEAST_MARGIN


def test_a_margin_is_what_is_left_of_the_price() -> None:
    """$10.00 a month; outside calls of $2.00; the payment takes 2.9 % and 30 cents: 10 - 2 - 0.59."""
    plan = Plan("x", "X", (), {}, (), month_usd=Decimal(2))

    assert margin(plan, PlanPrice("x", 1000, "month"), on=TODAY) == Decimal("0.741")


def test_a_larger_plan_has_more_of_every_meter_and_costs_more() -> None:
    for small, large in pairwise(PLANS):
        assert set(small.limits) <= set(large.limits)
        assert all(with_more(PLANS, small.plan, meter, than=rule.limit) == large.plan for meter, rule in small.limits.items())
        assert (large.day_usd or 0) > (small.day_usd or 0)
        assert {each.interval for each in large.prices} == {"month", "year"}


def test_nothing_is_above_the_largest_plan() -> None:
    assert with_more(PLANS, "scale", "urls_per_day", than=10_000) is None
    assert with_more(PLANS, "free", "spaceships", than=None) is None


def test_no_lookup_key_is_there_twice() -> None:
    keys = [price.lookup_key for _, price in SOLD]

    assert len(keys) == len(set(keys)) == 6


def test_the_page_is_made_of_the_file() -> None:
    assert plans.described(PLANS, on=TODAY) in PAGE.read_text(encoding="utf-8"), "make it anew: see the page's last line"


def test_a_price_counts_from_its_day_on() -> None:
    rows = (prices.Price(Own.CLIP, date(2026, 1, 1), Decimal(1)), prices.Price(Own.CLIP, date(2026, 6, 1), Decimal(2)))

    found = [prices.unit_usd(Own.CLIP, on=day, rows={Own.CLIP: rows}) for day in (date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1))]

    assert found == [1, 1, 2]


def test_a_call_without_a_price_fails_loudly() -> None:
    with pytest.raises(NoPrice):
        prices.cost_usd(Bucket.BRIGHTDATA_RECORDS, 1, on=date(2025, 12, 31))
    assert prices.cost_usd(Bucket.YOUTUBE_UNITS, 1, on=date(2025, 12, 31)) is None


def test_every_bucket_is_free_or_has_a_price() -> None:
    assert {unit for unit in Bucket if unit not in prices.FREE} == {each.unit for each in prices.PRICES if isinstance(each.unit, Bucket)}
