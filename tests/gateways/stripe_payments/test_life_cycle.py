"""A subscription from checkout to its end through our gateway, against the sandbox: states, and every amount to the cent."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.billing.orders import CheckoutOrder, RefundOrder
from domain.billing.states import CheckoutState, InvoiceState, PaymentState, RefundState, SubscriptionState
from domain.errors import Conflict, PaymentNeeded, SourceRefused
from tests.gateways.shops import ASKS, DECLINES, DECLINES_LATER, NO_MONEY, TENANT, VISA, Shop, shop


@pytest.fixture
def there() -> Iterator[Shop]:
    with shop() as made:
        yield made


def test_a_plan_is_bought_on_a_page(there):
    page = there.checkout(there.customer())

    assert there.pay(page).status_code == 200

    bought = there.payments.subscriptions(page.customer_id)[0]
    invoice = there.payments.invoices(page.customer_id, limit=5)[0]
    assert (page.state, page.reference) == (CheckoutState.OPEN, TENANT)
    assert (bought.state, bought.price, bought.reference, bought.unit_amount_cents) == (SubscriptionState.ACTIVE, "starter", TENANT, 1_900)
    assert (bought.period_start, bought.period_end) == (there.now, there.now.replace(month=12))
    assert (invoice.state, invoice.total_cents, invoice.paid_cents, invoice.subscription_id) == (
        InvoiceState.PAID, 1_900, 1_900, bought.subscription_id,
    )  # fmt: skip


@pytest.mark.parametrize(("asks_id", "adds"), [(True, False), (False, True), (True, True), (False, False)])
def test_taxes_and_tax_ids_are_asked_for_where_the_operator_wants_them(there, asks_id, adds):
    customer = there.customer().customer_id
    order = CheckoutOrder(
        TENANT, customer, "starter", "https://us.example/ok", "https://us.example/no", takes_tax_ids=asks_id, adds_taxes=adds
    )

    page = there.sdk.checkout.sessions.retrieve(there.payments.checkout(order, key=there.key()).checkout_id)

    assert page.automatic_tax.enabled is adds
    assert bool(getattr(page, "tax_id_collection", None)) is asks_id


@pytest.mark.parametrize(("card", "code"), [(DECLINES, "card_declined"), (NO_MONEY, "card_declined"), (DECLINES_LATER, "card_declined"),
                                            (ASKS, "authentication_required"), ("4000", "incorrect_number")])  # fmt: skip
def test_a_card_that_fails_buys_nothing_and_leaves_the_page_open(there, card, code):
    page = there.checkout(there.customer())

    answer = there.pay(page, card)

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, code)
    assert there.payments.subscriptions(page.customer_id) == ()
    assert there.pay(page, VISA).status_code == 200


def test_a_payer_may_authenticate(there):
    page = there.checkout(there.customer())

    assert there.pay(page, ASKS, authenticate="yes").status_code == 200
    assert there.payments.subscriptions(page.customer_id)[0].state is SubscriptionState.ACTIVE


def test_a_page_is_good_for_one_day_and_one_payment(there):
    paid, late = there.checkout(there.customer()), there.checkout(there.customer())
    there.pay(paid)

    assert there.pay(paid).status_code == 400
    there.later(days=1, seconds=1)
    assert there.pay(late).status_code == 400


def test_a_page_that_is_closed_sells_nothing_and_one_that_sold_says_so(there):
    left, paid = there.checkout(there.customer()), there.checkout(there.customer())
    there.pay(paid)

    states = [there.payments.close_checkout(each.checkout_id, key=f"close {each.checkout_id}") for each in (left, left, paid)]

    assert states == [CheckoutState.EXPIRED, CheckoutState.EXPIRED, CheckoutState.COMPLETE]
    assert there.pay(left).status_code == 400


def test_an_upgrade_costs_what_was_previewed_for_the_time_that_is_left(there):
    subscription = there.subscribed()
    there.later(days=20)
    at = there.now

    preview = there.payments.preview(subscription.subscription_id, "growth", at=at)
    after = there.payments.change(subscription.subscription_id, "growth", at=at, key="up")

    invoice = there.payments.invoice(str(after.latest_invoice_id))
    # 10 of 30 days are left: a third of 19.00 back, a third of 49.00 to pay.
    assert (preview.credit_cents, preview.charge_cents, preview.due_cents) == (633, 1_633, 1_000)
    assert (invoice.total_cents, invoice.paid_cents, [line.amount_cents for line in invoice.lines]) == (1_000, 1_000, [-633, 1_633])
    assert all(line.is_proration for line in invoice.lines)
    assert (after.price, after.period_end) == ("growth", subscription.period_end)


def test_another_interval_begins_a_new_period(there):
    subscription = there.subscribed("growth")
    there.later(days=15)

    after = there.payments.change(subscription.subscription_id, "growth_year", at=there.now, key="up")

    invoice = there.payments.invoice(str(after.latest_invoice_id))
    assert [line.amount_cents for line in invoice.lines] == [-2_450, 49_000]
    assert after.period_end == there.now.replace(year=2027)


def test_an_upgrade_that_cannot_be_paid_changes_nothing(there):
    subscription = there.subscribed()
    there.click(subscription.customer_id, do="card", card=DECLINES_LATER)

    with pytest.raises(PaymentNeeded, match="declined"):
        there.payments.change(subscription.subscription_id, "growth", at=there.now, key="up")

    assert there.again(subscription).price == "starter"


def test_a_downgrade_waits_for_the_period_to_end(there):
    subscription = there.subscribed("growth")

    planned = there.payments.change_later(subscription.subscription_id, "starter", key="down")
    there.later(days=29)
    before = there.again(subscription)
    there.later(days=2)
    after = there.again(subscription)

    assert (planned.price, planned.scheduled_price, planned.state) == ("growth", "starter", SubscriptionState.ACTIVE)
    assert before.price == "growth"
    assert (after.price, after.scheduled_price) == ("starter", None)
    assert [each.total_cents for each in there.payments.invoices(subscription.customer_id, limit=9)] == [1_900, 4_900]
    there.later(days=31)
    assert there.again(subscription).schedule_id is None


def test_a_downgrade_that_is_planned_can_be_taken_back_or_overtaken(there):
    subscription = there.subscribed("growth")
    name = subscription.subscription_id

    there.payments.change_later(name, "starter", key="down")
    resumed = there.payments.resume(name, key="stay")
    there.payments.change_later(name, "starter", key="down-2")
    ending = there.payments.cancel_later(name, key="end")
    upgraded = there.payments.change(name, "growth_year", at=there.now, key="up")

    assert (resumed.schedule_id, resumed.scheduled_price) == (None, None)
    assert (ending.state, ending.ends_at, ending.schedule_id) == (SubscriptionState.CANCELING, ending.period_end, None)
    assert (upgraded.state, upgraded.price) == (SubscriptionState.ACTIVE, "growth_year")


def test_a_cancellation_holds_until_the_period_ends_and_can_be_taken_back(there):
    kept, left = there.subscribed(), there.subscribed()
    for each in (kept, left):
        there.payments.cancel_later(each.subscription_id, key=f"end {each.subscription_id}")

    there.payments.resume(kept.subscription_id, key="stay")
    there.later(days=31)

    assert there.again(kept).state is SubscriptionState.ACTIVE
    assert (there.again(left).state, there.again(left).ended_at) == (SubscriptionState.CANCELED, left.period_end)
    with pytest.raises(Conflict, match="over"):
        there.payments.change(left.subscription_id, "growth", at=there.now, key="late")


def test_a_trial_is_free_and_then_paid(there):
    subscription = there.subscribed("growth", trial_days=14)
    there.later(days=13)
    during = there.again(subscription)
    there.later(days=2)
    after = there.again(subscription)

    assert (during.state, during.trial_end) == (SubscriptionState.TRIAL, subscription.period_end)
    assert (after.state, after.period_start) == (SubscriptionState.ACTIVE, subscription.period_end)
    assert [each.paid_cents for each in there.payments.invoices(subscription.customer_id, limit=9)] == [4_900, 0]


def test_a_missed_payment_is_tried_again_and_recovers(there):
    subscription = there.subscribed()
    there.click(subscription.customer_id, do="card", card=DECLINES_LATER)
    there.later(days=31)
    overdue = there.again(subscription)
    there.click(subscription.customer_id, do="card", card=VISA)
    there.later(days=3)

    assert (overdue.state, overdue.status) == (SubscriptionState.FAILED, "past_due")
    assert there.again(subscription).state is SubscriptionState.ACTIVE
    invoice = there.payments.invoices(subscription.customer_id, limit=1)[0]
    assert (invoice.state, invoice.attempts) == (InvoiceState.PAID, 2)


def test_four_missed_payments_end_it(there):
    subscription = there.subscribed()
    there.click(subscription.customer_id, do="card", card=DECLINES_LATER)

    there.later(days=31 + 3 + 5 + 7)

    ended, invoice = there.again(subscription), there.payments.invoices(subscription.customer_id, limit=1)[0]
    assert ended.state is SubscriptionState.CANCELED
    assert (invoice.attempts, invoice.state, invoice.remaining_cents) == (4, InvoiceState.OPEN, 1_900)


def test_refunds_never_exceed_what_was_paid(there):
    subscription = there.subscribed("growth")
    payment = str(there.payments.invoices(subscription.customer_id, limit=1)[0].payment_id)

    part = there.payments.refund(RefundOrder(payment, 900), key="part")
    rest = there.payments.refund(RefundOrder(payment), key="rest")

    assert (part.amount_cents, rest.amount_cents, rest.state) == (900, 4_000, RefundState.SUCCEEDED)
    assert set(there.payments.refunds(payment, customer_id=None)) == {part, rest}
    with pytest.raises(Conflict):
        there.payments.refund(RefundOrder(payment), key="more")
    told = [each.thing for each in there.payments.events_since(there.now) if each.type == "charge.refunded"]
    assert [(each.state, each.refunded_cents) for each in told] == [(PaymentState.SUCCEEDED, 900), (PaymentState.REFUNDED, 4_900)]


def test_a_customer_changes_plan_and_card_in_the_portal(there):
    subscription = there.subscribed()

    assert there.click(subscription.customer_id, do="change", price="growth").status_code == 200
    there.click(subscription.customer_id, do="card", card="5555555555554444")
    there.click(subscription.customer_id, do="cancel")

    methods = there.payments.payment_methods(subscription.customer_id)
    assert (there.again(subscription).price, there.again(subscription).state) == ("growth", SubscriptionState.CANCELING)
    assert [(each.brand, each.last4, each.is_default) for each in methods] == [("mastercard", "4444", True), ("visa", "4242", False)]


def test_the_card_that_a_subscription_was_bought_with_is_the_default(there):
    """Checkout puts it on the subscription; the customer has no default then."""
    subscription = there.subscribed()

    assert [each.is_default for each in there.payments.payment_methods(subscription.customer_id)] == [True]


def test_what_a_customer_is_owed_lowers_the_next_invoice(there):
    subscription = there.subscribed("growth")
    there.later(days=15)
    there.payments.change(subscription.subscription_id, "starter", at=there.now, key="down at once")
    there.later(days=16)

    newest, change, _ = there.payments.invoices(subscription.customer_id, limit=9)
    assert (change.total_cents, change.due_cents) == (-1_500, 0)
    assert (newest.total_cents, newest.due_cents, newest.paid_cents) == (1_900, 400, 400)


def test_periods_that_began_on_the_last_day_of_a_month_end_on_one(there):
    there.later(days=29)
    subscription = there.subscribed()
    ends = []
    for _ in range(4):
        ends.append(there.again(subscription).period_end)
        there.clock.advance(ends[-1] - there.now + timedelta(seconds=1))

    assert [(each.month, each.day) for each in ends] == [(12, 30), (1, 30), (2, 28), (3, 30)]


def test_a_plan_that_nobody_priced_cannot_be_bought(there):
    customer = there.customer()

    with pytest.raises(SourceRefused, match="lookup key unheard_of") as refused:
        there.checkout(customer, "unheard_of")
    assert refused.value.for_callers == "This plan cannot be bought now."
