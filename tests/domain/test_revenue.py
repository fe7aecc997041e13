"""MRR by day: the days' ends, what counts and until when, and movements that add up to the cent whatever happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing.states import SubscriptionState as S
from domain.churn import by_day, by_plan, churn
from domain.revenue import FIGURES, Change, RevenueDay, Worth, broken, revenue, steps

MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
ONE = UUID(int=1)
PRICES = {"starter": 3900, "growth": 9900}


def at(days: float) -> datetime:
    return MIDNIGHT + timedelta(days=days)


def day(n: int) -> date:
    return at(n).date()


def change(days: float, plan: str = "starter", status: S = S.ACTIVE, **words: Any) -> Change:
    told: dict[str, Any] = {"month_cents": PRICES.get(plan, 0), "currency": "usd"} | words
    return Change(ONE, at(days), plan, status, **told)


def shown(rows: list[RevenueDay], n: int, plan: str = "starter", currency: str = "usd") -> dict[str, int]:
    (row,) = [each for each in rows if (each.day, each.plan, each.currency) == (day(n), plan, currency)]
    return {name: getattr(row, name) for name in FIGURES if getattr(row, name)}


def test_a_day_is_what_holds_when_it_ends() -> None:
    rows = revenue([steps([change(0.2), change(0.4, "growth"), change(0.6, "free", month_cents=0), change(0.9)])], until=day(1))

    assert shown(rows, 0) == {"mrr_cents": 3900, "new_cents": 3900, "subscribers": 1, "new_subscribers": 1}
    assert shown(rows, 1) == {"mrr_cents": 3900, "subscribers": 1}
    assert {each.plan for each in rows} == {"starter"}


@pytest.mark.parametrize(
    ("status", "words", "until"),
    [
        (S.ACTIVE, {}, 9),
        (S.TRIAL, {}, None),
        (S.PENDING, {}, None),
        (S.CANCELED, {}, None),
        (S.CANCELING, {"ends_at": at(4.5)}, 3),
        (S.CANCELING, {"ends_at": at(4)}, 3),
        (S.FAILED, {"grace_until": at(6.01)}, 5),
        (S.FAILED, {"grace_until": at(0.7)}, None),
        (S.FAILED, {}, None),
        (S.ACTIVE, {"month_cents": 0}, None),
    ],
)
def test_what_counts_and_until_when(status: S, words: dict[str, Any], until: int | None) -> None:
    rows = revenue([steps([change(0.5, status=status, **words)])], until=day(9))

    counted = [each.day for each in rows if each.mrr_cents]
    assert counted == ([] if until is None else [day(n) for n in range(until + 1)])


def test_an_upgrade_is_expansion_and_a_downgrade_contraction() -> None:
    rows = revenue([steps([change(0), change(1, "growth"), change(2)])], until=day(2))

    assert shown(rows, 1, "growth") == {
        "mrr_cents": 9900, "moved_in_cents": 3900, "expansion_cents": 6000, "subscribers": 1, "moved_in_subscribers": 1,
    }  # fmt: skip
    assert shown(rows, 1) == {"moved_out_cents": 3900, "moved_out_subscribers": 1}
    assert shown(rows, 2, "growth") == {"moved_out_cents": 3900, "contraction_cents": 6000, "moved_out_subscribers": 1}


def test_whoever_comes_back_is_not_new() -> None:
    rows = revenue([steps([change(0), change(1, "free", month_cents=0), change(3)])], until=day(3))

    assert shown(rows, 1) == {"churned_cents": 3900, "churned_subscribers": 1}
    assert shown(rows, 3) == {"mrr_cents": 3900, "reactivated_cents": 3900, "subscribers": 1, "reactivated_subscribers": 1}
    assert [each.day for each in rows] == [day(0), day(1), day(3)]


def test_another_currency_moves_all_of_it() -> None:
    rows = revenue([steps([change(0), change(1, currency="eur", month_cents=3500)])], until=day(1))

    assert shown(rows, 1) == {"moved_out_cents": 3900, "moved_out_subscribers": 1}
    assert shown(rows, 1, currency="eur")["mrr_cents"] == 3500


def test_an_erased_workspace_is_gone_from_its_day_on() -> None:
    rows = revenue([steps([change(0)], gone_at=at(2.5))], until=day(4))

    assert [each.day for each in rows if each.mrr_cents] == [day(0), day(1)]
    assert shown(rows, 2) == {"churned_cents": 3900, "churned_subscribers": 1}


statuses = st.sampled_from(list(S))
moments = st.integers(0, 40 * 24).map(lambda hours: at(hours / 24))
changes = st.lists(
    st.builds(
        Change, st.just(ONE), moments, st.sampled_from(["free", "starter", "growth"]), statuses, st.integers(0, 500),
        st.sampled_from(["usd", "eur", None]), st.none() | moments, st.none() | moments,
    ), max_size=8,
).map(lambda found: sorted(found, key=lambda each: each.changed_at))  # fmt: skip


@given(st.lists(changes, max_size=5))
def test_movements_add_up_to_the_cent_and_a_backfill_says_the_same(workspaces: list[list[Change]]) -> None:
    rows = revenue([steps(each) for each in workspaces], until=day(50))
    cut = at(20)
    known_then = revenue([steps([c for c in each if c.changed_at < cut]) for each in workspaces], until=day(19))

    assert broken(rows) == []
    assert known_then == [each for each in rows if each.day <= day(19)]
    for n in (5, 30, 50):
        end = at(n + 1)
        worths = [_worth_at(each, end) for each in workspaces]
        for key in {each.key for each in worths if each}:
            (row,) = [each for each in rows if (each.day, each.plan, each.currency) == (day(n), *key)]
            assert row.mrr_cents == sum(each.cents for each in worths if each and each.key == key)
        standing = {(each.plan, each.currency) for each in rows if each.day == day(n) and each.subscribers}
        assert standing == {each.key for each in worths if each}


def _worth_at(found: list[Change], end: datetime) -> Worth | None:
    """The same, said again: what the last change before a day's end is worth at that end."""
    last = next((each for each in reversed(found) if each.changed_at < end), None)
    if last is None or last.currency is None or not last.month_cents or last.status not in (S.ACTIVE, S.CANCELING, S.FAILED):
        return None
    until = last.grace_until if last.status is S.FAILED else last.ends_at
    if (until is None and last.status is S.FAILED) or (until is not None and until < end):
        return None
    return Worth(last.plan, last.currency, last.month_cents)


@pytest.mark.parametrize("damage", [{"mrr_cents": 1}, {"new_cents": 5}, {"subscribers": 7}])
def test_rows_that_do_not_follow_are_found(damage: dict[str, Any]) -> None:
    rows = revenue([steps([change(0), change(2, "growth")])], until=day(4))
    harmed = [replace(each, **damage) if (each.day, each.plan) == (day(3), "growth") else each for each in rows]

    assert broken(rows) == []
    assert broken(harmed)
    assert broken([each for each in rows if each.day != day(3)])


def test_rates_are_shares_of_what_stood_before() -> None:
    four = [steps([change(0)]) for _ in range(3)] + [steps([change(0, "growth"), change(3)])]
    lost = [steps([change(0), change(2, "free", month_cents=0)]), steps([change(2.5)])]
    rows = revenue([*four, *lost], until=day(4))

    (found,) = churn(rows, since=day(1))

    assert (found.start_mrr_cents, found.start_subscribers) == (4 * 3900 + 9900, 5)
    assert found.subscribers_share == Decimal("0.2000")
    assert found.gross_share == (Decimal(3900 + 6000) / (4 * 3900 + 9900)).quantize(Decimal("0.0001"))
    assert [each.mrr_cents for each in by_day(rows)][:2] == [5 * 3900, 5 * 3900]
    assert {each.plan: each.mrr_cents for each in by_plan(rows, on=day(4))} == {"starter": 5 * 3900, "growth": 0}
    assert churn(rows, since=day(0))[0].gross_share is None
