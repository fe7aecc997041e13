"""What a unit costs, on days whose answer is known."""

from datetime import date
from decimal import Decimal

import pytest

from domain.prices import NoPrice
from domain.revenue import RevenueDay
from domain.unit_costs import Analysed, Charged, Unit, Used, machines_usd, margins, unit_costs, unit_days

DAY = date(2026, 11, 10)


def test_a_clip_costs_what_its_calls_and_our_machines_take() -> None:
    used = [Used(DAY, "free", "clips_per_day", 4), Used(DAY, "growth", "clips_per_day", 6), Used(DAY, "free", "seats", 3)]
    charged = [Charged(DAY, "free", "clip", 9, Decimal("0.5")), Charged(DAY, "growth", "scrape.tiktok", 3, Decimal("0.09"))]

    days = unit_days(used, charged, [])
    clip, read = unit_costs(days)

    assert len(days) == 3
    assert (clip.unit, clip.units, clip.outside_usd, clip.own_usd) == (Unit.CLIP, 10, Decimal("0.5"), Decimal("0.00750"))
    assert clip.each_usd == Decimal("0.0507500000")
    assert (read.unit, read.units, read.each_usd) == (Unit.READ, 3, Decimal("0.0300000000"))


def test_an_analysis_that_was_asked_for_is_not_counted_twice() -> None:
    days = unit_days([Used(DAY, "free", "requests_per_day", 5)], [], [Analysed(DAY, "free", asked=2, scheduled=1)])

    assert {each.unit: (each.units, each.own_usd) for each in days} == {
        Unit.ANALYSIS: (3, Decimal("0.00003")), Unit.REQUEST: (3, Decimal("0.00003")),
    }  # fmt: skip


def test_an_account_costs_its_part_of_the_month_each_day() -> None:
    assert machines_usd("trackings", 300, on=DAY) * 30 == Decimal("0.3000000000")


def test_a_cost_without_a_unit_is_shared_by_nobody() -> None:
    (found,) = unit_costs(unit_days([], [Charged(DAY, "free", "clip", 1, Decimal("0.02"))], []))

    assert (found.units, found.each_usd) == (0, None)


def test_a_day_without_a_price_is_no_guess() -> None:
    with pytest.raises(NoPrice):
        unit_days([Used(date(2020, 1, 1), "free", "clips_per_day", 1)], [], [])


def test_a_margin_is_what_is_left_of_the_days_part_of_the_price() -> None:
    days = unit_days([], [Charged(DAY, "starter", "import", 1, Decimal("0.65")), Charged(DAY, "free", "import", 1, Decimal(1))], [])
    revenue = [
        RevenueDay(DAY, "starter", "usd", mrr_cents=3900, subscribers=1),
        RevenueDay(DAY, "starter", "eur", mrr_cents=3900, subscribers=1),
    ]

    free, starter = margins(days, revenue)

    assert (free.revenue_usd, free.margin) == (Decimal("0.00"), None)
    assert (starter.revenue_usd, starter.cost_usd, starter.fees_usd) == (Decimal("1.30"), Decimal("0.65"), Decimal("0.05"))
    assert starter.margin == Decimal("0.4633")
