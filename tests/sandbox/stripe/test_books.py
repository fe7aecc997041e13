"""Whatever happens in whatever order, the sandbox's books agree to the cent."""

import random
from collections.abc import Callable

import pytest

from domain.billing.objects import Subscription
from domain.billing.states import ENDED
from domain.errors import Conflict, PaymentNeeded, SourceRefused
from tests.gateways.shops import DECLINES_LATER, VISA, Shop, shop

STEPS, PLANS = 14, ("starter", "growth", "growth_year")


def happen(there: Shop, subscription: Subscription, chance: random.Random) -> None:
    """One thing that a customer, an operator or time does."""
    name, payments = subscription.subscription_id, there.payments
    things: tuple[Callable[[], object], ...] = (
        lambda: payments.change(name, chance.choice(PLANS), at=there.now, key=there.key()),
        lambda: payments.change_later(name, chance.choice(PLANS), key=there.key()),
        lambda: payments.cancel_later(name, key=there.key()),
        lambda: payments.resume(name, key=there.key()),
        lambda: there.click(subscription.customer_id, do="card", card=chance.choice((VISA, VISA, DECLINES_LATER))),
        lambda: there.later(days=chance.randint(1, 40), seconds=chance.randint(0, 86_399)),
    )
    try:
        chance.choice(things)()
    except (Conflict, PaymentNeeded, SourceRefused):
        # It was refused, and must have changed nothing: the books are looked at after all steps.
        return


def check(there: Shop, customer_id: str) -> int:
    """How many invoices agree."""
    customer = there.sdk.customers.retrieve(customer_id)
    invoices = list(there.sdk.invoices.list({"customer": customer_id, "limit": 100, "expand": ["data.payments"]}).auto_paging_iter())
    charges = [each for each in there.sdk.charges.list({"customer": customer_id, "limit": 100}).auto_paging_iter() if each.paid]
    paid = [each for each in invoices if each.status == "paid"]
    for each in invoices:
        assert each.total == sum(line.amount for line in each.lines.data)
        left = each.ending_balance or 0
        assert each.amount_due + left == each.total + each.starting_balance
        assert min(each.amount_due, -left) == 0
    assert sum(each.amount_paid for each in paid) == sum(each.amount for each in charges)
    assert sum(each.total for each in invoices) == sum(each.amount_due for each in invoices) + (customer.balance or 0)
    return len(invoices)


@pytest.mark.parametrize("seed", range(6))
def test_invoices_charges_and_credit_agree(seed):
    chance = random.Random(seed)
    with shop() as there:
        subscription = there.subscribed(chance.choice(PLANS), trial_days=chance.choice((0, 0, 7)))
        for _ in range(STEPS):
            happen(there, subscription, chance)

        assert check(there, subscription.customer_id) >= 1
        now = there.again(subscription)
        assert now.state in ENDED or (now.period_end or there.now) > there.now
