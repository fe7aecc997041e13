"""What Stripe charged is what we mirror and what we were asked for, wherever a process dies and whatever Stripe does on the way.

Through the real SDK. 21 flows here; `make fuzz-billing` plays 5,004, each with one kill.
"""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.ports import Shops
from services.billing.hearing import hear
from services.billing.reconciling import Direct, reconcile
from store.database import Database
from tests.conftest import TestUrls as Urls
from tests.conftest import make_member, make_urls
from tests.gateways.shops import Shop, plan_prices, shop
from tests.services.billing.payers import STRIPE
from tests.trust.campaign import seeded, told

FAST_PAYERS, FULL_PAYERS, AT_ONE_SHOP, PARTS = 7, 1_668, 60, 4


@pytest.mark.parametrize(
    ("part", "payers"), [(0, FAST_PAYERS), *(pytest.param(n, FULL_PAYERS // PARTS, marks=pytest.mark.fuzz) for n in range(1, PARTS + 1))]
)
def test_what_was_charged_is_mirrored_and_was_asked_for_wherever_a_process_dies(superuser_url: str, part: int, payers: int) -> None:
    chance, found = seeded(f"charges {part}"), Counter[str]()
    urls = make_urls(superuser_url, f"charges_{part}")
    database = Database(urls.app, system_url=urls.system, pool_size=2)
    for begun in range(0, payers, AT_ONE_SHOP):
        with shop(epoch=datetime.now(UTC).replace(microsecond=0), prices=plan_prices()) as there:
            tenants = [make_member(database).tenant_id for _ in range(min(AT_ONE_SHOP, payers - begun))]
            found.update(_played(urls, there, tenants, chance.randint(0, 10**9)))
            found.update(_agree(database, there, tenants))
    database.close()
    told(f"charges {part}", **found)


def _played(urls: Urls, there: Shop, tenants: list[UUID], seed: int) -> dict[str, int]:
    words = {"url": urls.app, "shop": there.url, "tenants": [str(each) for each in tenants], "seed": seed}
    done = subprocess.run(
        [sys.executable, "-m", "tests.money.charges.victim", json.dumps(words)], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def _agree(database: Database, there: Shop, tenants: list[UUID]) -> Counter[str]:
    """Events are fetched from the provider's list, as by night; then both sides' books are laid side by side."""
    now = datetime.now(UTC) + timedelta(hours=1)
    there.service.troubles.clear()
    shops, found = Shops({STRIPE: there.payments}), Counter[str]()
    assert reconcile(database, shops, now=now, most=0).reasons == []
    for tenant_id in tenants:
        work = Direct(database, tenant_id)
        assert hear(work, shops, lambda: now).failed == 0
        charged = _charged(there, tenant_id)
        with work.begin() as uow:
            invoices = {each.payment_id: (each.invoice_id, each.paid_cents) for each in uow.billing.invoices() if each.paid_cents}
            payments = {
                each.payment_id: each.amount_cents
                for each in uow.billing_lists.payments(limit=100, after=None)
                if each.state == "succeeded"
            }
            assert invoices == charged
            assert payments == {payment: amount for payment, (_, amount) in charged.items()}
            calls = uow.connection.execute(sa.text("select action, state, answer ->> 'invoice_id' as invoice from billing_calls")).all()
            stood = uow.billing.stood()
        assert "open" not in {each.state for each in calls}
        asked_for = [each.invoice for each in calls if each.action == "change" and each.state == "done"]
        bought, changed = (_because(there, charged, why) for why in ("subscription_create", "subscription_update"))
        assert (len(bought), sorted(asked_for)) == (1, sorted(changed))
        (customer,) = _customers(there, tenant_id)
        (subscription,) = there.payments.subscriptions(customer)
        assert subscription.price == f"{stood.plan}_monthly"
        found.update(charges=len(charged), changes_given_up=sum(each.state == "failed" for each in calls))
    return found


Charges = dict[str, tuple[str, int]]


def _charged(there: Shop, tenant_id: UUID) -> Charges:
    """By payment: the invoice, and the whole cents that the payer's card was charged."""
    books, found = there.service.books, Charges()
    ours = _customers(there, tenant_id)
    for charge in (each for each in books.every("charge", status="succeeded") if each["customer"] in ours):
        payment = charge["payment_intent"]
        (invoice,) = {each["invoice"] for each in books.every("invoice_payment") if each["payment"]["payment_intent"] == payment}
        assert payment not in found
        found[payment] = invoice, charge["amount"]
    assert len({invoice for invoice, _ in found.values()}) == len(found), "an invoice was charged twice"
    return found


def _because(there: Shop, charged: Charges, reason: str) -> list[str]:
    every = [invoice for invoice, _ in charged.values()]
    return [each for each in every if there.service.books.get("invoice", each)["billing_reason"] == reason]


def _customers(there: Shop, tenant_id: UUID) -> list[str]:
    return [each["id"] for each in there.service.books.every("customer") if each["metadata"].get("tenant_id") == str(tenant_id)]
