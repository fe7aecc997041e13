"""What a workspace may use follows how its subscriptions stand, whatever was heard of them and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.billing.objects import Invoice, Subscription
from domain.billing.standing import GRACE, LEEWAY, NOTHING, Mirror, Offer, mirrored, month_cents, reminders_due, standing
from domain.billing.states import InvoiceState, Provider, SubscriptionState

S = SubscriptionState
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OFFERS = {"starter_monthly": Offer("starter", 2), "growth_monthly": Offer("growth", 3)}


def subscription(**words):
    made = Subscription(
        provider=Provider.STRIPE, subscription_id="sub_1", customer_id="cus_1", state=S.ACTIVE, status="active", price="starter_monthly",
        price_id="price_1", quantity=1, currency="usd", unit_amount_cents=3900, interval="month", period_start=NOW - 10 * DAY,
        period_end=NOW + 20 * DAY, trial_end=None, ends_at=None, canceled_at=None, ended_at=None, schedule_id=None, scheduled_price=None,
        latest_invoice_id=None, reference=None, created_at=NOW - 40 * DAY,
    )  # fmt: skip
    return replace(made, **words)


def stands(*found, now=NOW):
    return standing([mirrored(None, each, at=NOW) for each in found], OFFERS, now=now)


@pytest.mark.parametrize(
    ("state", "plan"),
    [
        *((each, "starter") for each in (S.ACTIVE, S.TRIAL, S.CANCELING, S.FAILED)),
        *((each, "free") for each in (S.PENDING, S.CANCELED, S.EXPIRED)),
    ],
)  # fmt: skip
def test_a_plan_holds_by_its_state(state, plan):
    assert stands(subscription(state=state)).plan == plan


def test_nothing_bought_is_the_free_plan():
    assert stands() == NOTHING


def test_a_price_that_is_none_of_ours_buys_nothing():
    assert stands(subscription(price=None)) == stands(subscription(price="of somebody else")) == NOTHING


def test_of_two_subscriptions_the_larger_plan_counts():
    small, large = subscription(), subscription(subscription_id="sub_2", price="growth_monthly", created_at=NOW - 50 * DAY)

    assert stands(small, large) == stands(large, small)
    assert stands(small, large).subscription_id == "sub_2"


def test_what_was_to_end_has_ended_also_if_nobody_said_so():
    ending = subscription(state=S.CANCELING, ends_at=NOW)

    assert stands(ending, now=NOW + LEEWAY - timedelta(seconds=1)).plan == "starter"
    assert stands(ending, now=NOW + LEEWAY) == NOTHING


def test_grace_runs_from_the_period_that_is_not_paid_whenever_we_hear_of_it():
    overdue = subscription(state=S.FAILED)
    early, late = mirrored(None, overdue, at=NOW), mirrored(None, overdue, at=NOW + 5 * DAY)

    assert early.failing_since == late.failing_since == overdue.period_start
    assert standing([early], OFFERS, now=NOW).grace_until == overdue.period_start + GRACE


def test_a_second_period_that_is_not_paid_begins_no_new_grace():
    first = mirrored(None, subscription(state=S.FAILED), at=NOW)
    second = mirrored(first, subscription(state=S.FAILED, period_start=NOW + 20 * DAY), at=NOW + 21 * DAY)

    assert second.failing_since == first.failing_since


def invoice(made_at, state=InvoiceState.OPEN, of="sub_1"):
    return Invoice(
        Provider.STRIPE, "in_1", None, "cus_1", of, None, state, None, "usd", 100, 0, 100, 100, 0, 100, (), True, None, None, made_at, None,
        1, None, None, None,
    )  # fmt: skip


def test_invoices_tell_since_when_a_payment_is_overdue_whatever_was_heard_meanwhile():
    overdue, months = subscription(state=S.FAILED), [NOW - n * 30 * DAY for n in range(5)]
    bills = [
        invoice(months[0]),
        invoice(months[1], InvoiceState.VOID),
        invoice(months[2]),
        invoice(months[3], InvoiceState.PAID),
        invoice(months[4]),
    ]
    before = mirrored(None, overdue, at=NOW - 40 * DAY, invoices=bills[4:])

    assert mirrored(None, overdue, at=NOW, invoices=[invoice(months[4], of="sub_2"), *bills]).failing_since == months[2]
    assert mirrored(before, overdue, at=NOW, invoices=bills).failing_since == months[2]


def test_what_fails_after_it_was_paid_is_reminded_of_anew():
    known = replace(mirrored(None, subscription(state=S.FAILED, period_start=NOW - 60 * DAY), at=NOW - 50 * DAY), reminders=4)
    late = subscription(state=S.FAILED, period_start=NOW)

    assert mirrored(known, late, at=NOW, invoices=[invoice(NOW), invoice(NOW - 60 * DAY, InvoiceState.PAID)]).reminders == 0
    assert mirrored(known, late, at=NOW, invoices=[invoice(NOW), invoice(NOW - 60 * DAY)]).reminders == 4
    assert mirrored(known, late, at=NOW).reminders == 4


def test_a_provider_whose_clock_is_ahead_is_overdue_since_we_heard_of_it():
    due = invoice(NOW + 30 * DAY)
    first = mirrored(None, subscription(state=S.FAILED), at=NOW, invoices=[due])
    second = mirrored(first, subscription(state=S.FAILED), at=NOW + DAY, invoices=[due])

    assert (first.failing_since, second.failing_since) == (NOW, NOW)
    assert reminders_due(first, now=NOW) == 1


def test_paying_ends_the_failure():
    failed = mirrored(None, subscription(state=S.FAILED), at=NOW)

    assert mirrored(failed, subscription(), at=NOW + DAY) == Mirror(subscription(), NOW + DAY)


def test_an_older_reading_changes_nothing():
    known = mirrored(None, subscription(state=S.CANCELED), at=NOW)

    assert mirrored(known, subscription(), at=NOW - DAY) is known


def test_a_plan_whose_grace_is_over_stands_behind_one_that_is_paid():
    overdue = subscription(state=S.FAILED, price="growth_monthly", period_start=NOW - GRACE)

    assert stands(overdue, subscription(subscription_id="sub_2")).plan == "starter"


@pytest.mark.parametrize(("days", "due"), [(0, 1), (2, 1), (3, 2), (7, 3), (12, 4), (100, 4)])
def test_reminders_of_an_overdue_payment(days, due):
    assert reminders_due(mirrored(None, subscription(state=S.FAILED, period_start=NOW), at=NOW), now=NOW + days * DAY) == due
    assert reminders_due(mirrored(None, subscription(), at=NOW), now=NOW + days * DAY) == 0


@pytest.mark.parametrize(
    ("interval", "cents", "quantity", "month"),
    [("month", 3900, 1, 3900), ("year", 39000, 2, 6500), ("week", 1, 1, 0), ("year", 6, 1, 0), ("year", 18, 1, 2)],
)
def test_what_a_subscription_brings_in_a_month(interval, cents, quantity, month):
    assert month_cents(subscription(interval=interval, unit_amount_cents=cents, quantity=quantity)) == month
