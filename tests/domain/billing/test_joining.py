"""Tellings of one payment, refund or dispute become the same, whatever their order and however often they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from domain.billing.joining import Telling, joined
from domain.billing.objects import Dispute, Payment, Refund
from domain.billing.states import DisputeState, PaymentState, Provider, RefundState

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
AT = st.integers(0, 3).map(lambda seconds: NOW + timedelta(seconds=seconds))
PAYMENT = Payment(
    provider=Provider.STRIPE, payment_id="pi_1", charge_id=None, customer_id=None, invoice_id=None, subscription_id=None,
    state=PaymentState.PENDING, currency="usd", amount_cents=3_900, refunded_cents=0, failure_code=None, failure=None, needs_action=False,
    created_at=NOW,
)  # fmt: skip
REFUND = Refund(Provider.STRIPE, "re_1", "pi_1", None, RefundState.PENDING, "usd", 100, None, NOW)
DISPUTE = Dispute(Provider.STRIPE, "dp_1", "pi_1", None, DisputeState.OPEN, "usd", 100, None, None, NOW)

payments = st.builds(
    lambda state, refunded, charge, failure: replace(PAYMENT, state=state, refunded_cents=refunded, charge_id=charge, failure=failure),
    st.sampled_from(PaymentState), st.sampled_from((0, 500, 3_900)), st.sampled_from((None, "ch_1")), st.sampled_from((None, "declined")),
)  # fmt: skip
refunds = st.builds(lambda state: replace(REFUND, state=state), st.sampled_from(RefundState))
disputes = st.builds(lambda state: replace(DISPUTE, state=state), st.sampled_from(DisputeState))
tellings = st.one_of(*(st.lists(st.builds(Telling, each, AT), min_size=1, max_size=6) for each in (payments, refunds, disputes)))


@given(tellings, st.randoms(use_true_random=False))
def test_order_grouping_and_repetition_do_not_matter(told, chance):
    whole = reduce(joined, [*told, *told])
    again = [*told, *chance.choices(told, k=3)]
    chance.shuffle(again)
    middle = chance.randrange(1, len(again))

    assert reduce(joined, again) == whole
    assert joined(reduce(joined, again[:middle]), reduce(joined, again[middle:])) == whole


def test_money_that_came_stays_and_what_went_back_stays_gone():
    came = Telling(replace(PAYMENT, state=PaymentState.SUCCEEDED, charge_id="ch_1"), NOW)
    late = Telling(replace(PAYMENT, state=PaymentState.PROCESSING, invoice_id="in_1"), NOW + timedelta(hours=1))
    back = Telling(replace(came.thing, refunded_cents=500), NOW + timedelta(seconds=1))

    found = joined(joined(back, late), came).thing
    assert (found.state, found.refunded_cents, found.charge_id, found.invoice_id) == (PaymentState.SUCCEEDED, 500, "ch_1", "in_1")


def test_a_payment_that_went_back_whole_is_refunded():
    came = Telling(replace(PAYMENT, state=PaymentState.SUCCEEDED), NOW)

    assert joined(came, Telling(replace(came.thing, refunded_cents=3_900), NOW)).thing.state is PaymentState.REFUNDED
