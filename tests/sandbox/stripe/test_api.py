"""The sandbox's API through the real SDK: lists, expansion, nested parameters, versions, test clocks, keys."""

from collections.abc import Iterator

import httpx
import pytest
import stripe

from sandbox.stripe.params import decoded
from tests.gateways.shops import ASKS, VISA, Shop, shop


@pytest.fixture
def there() -> Iterator[Shop]:
    with shop() as made:
        yield made


def test_parameters_nest():
    form = "items[0][price]=p&items[1][price]=q&metadata[a]=b&expand[]=x&expand[]=y&created[gte]=3"

    assert decoded(form) == {
        "items": [{"price": "p"}, {"price": "q"}], "metadata": {"a": "b"}, "expand": ["x", "y"], "created": {"gte": "3"},
    }  # fmt: skip


def test_lists_come_in_pages_newest_first_and_back_again(there):
    made = [there.sdk.customers.create({"email": f"{number}@example.com"}).id for number in range(7)]

    first = there.sdk.customers.list({"limit": 3})
    second = there.sdk.customers.list({"limit": 3, "starting_after": first.data[-1].id})
    back = there.sdk.customers.list({"limit": 3, "ending_before": second.data[0].id})

    assert [each.id for each in first.auto_paging_iter()] == made[::-1]
    assert (first.has_more, second.has_more, back.has_more) == (True, True, False)
    assert [each.id for each in back.data] == [each.id for each in first.data]
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 100"):
        there.sdk.customers.list({"limit": 101})


def test_ids_are_replaced_by_what_they_name(there):
    subscription = there.subscribed()

    read = there.sdk.subscriptions.retrieve(subscription.subscription_id, {"expand": ["customer", "latest_invoice.payments.data.payment"]})

    assert read.customer.email == "ana@example.com"
    assert read.latest_invoice.payments.data[0].payment.payment_intent.startswith("pi_")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        there.sdk.subscriptions.retrieve(subscription.subscription_id, {"expand": ["nothing"]})


def test_another_version_of_the_api_is_refused(there):
    client = stripe.StripeClient("sk_test_x", stripe_version="2020-08-27", base_addresses={"api": there.url}, max_network_retries=0)

    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client.v1.customers.list()


def test_a_lookup_key_moves_to_another_price(there):
    old = there.sdk.prices.list({"lookup_keys": ["starter"]}).data[0]
    params = {"product": old.product, "currency": "usd", "unit_amount": 2_100, "recurring": {"interval": "month"}, "lookup_key": "starter"}

    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        there.sdk.prices.create(params)
    new = there.sdk.prices.create({**params, "transfer_lookup_key": True})

    assert [each.id for each in there.sdk.prices.list({"lookup_keys": ["starter"]}).data] == [new.id]
    assert there.sdk.prices.retrieve(old.id).lookup_key is None


def test_a_test_clock_moves_its_own_customers_only(there):
    clock = there.sdk.test_helpers.test_clocks.create({"frozen_time": int(there.now.timestamp())})
    customer = there.sdk.customers.create({"email": "clock@example.com", "test_clock": clock.id})
    method = there.sdk.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    price = there.sdk.prices.list({"lookup_keys": ["starter"]}).data[0].id
    on_it = there.sdk.subscriptions.create({"customer": customer.id, "items": [{"price": price}], "default_payment_method": method.id})
    other = there.subscribed()

    there.sdk.test_helpers.test_clocks.advance(clock.id, {"frozen_time": int(there.now.timestamp()) + 70 * 86_400})

    assert len(there.sdk.invoices.list({"subscription": on_it.id}).data) == 3
    assert len(there.payments.invoices(other.customer_id, limit=9)) == 1


def test_a_replay_says_so_and_a_refusal_is_not_kept(there):
    headers = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": "a"}

    refused, first, again = (
        httpx.post(f"{there.url}/v1/payment_intents", data=words, headers=headers, trust_env=False)
        for words in ({"amount": "0", "currency": "usd"}, {"amount": "5", "currency": "usd"}, {"amount": "5", "currency": "usd"})
    )

    assert (refused.status_code, first.status_code) == (400, 200)
    assert (again.json()["id"], again.headers.get("Idempotent-Replayed")) == (first.json()["id"], "true")


def test_a_declined_payment_is_kept_with_its_key(there):
    params = {"amount": 500, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            there.sdk.payment_intents.create(params, {"idempotency_key": "a"})
        assert declined.value.code == "card_declined"

    assert len(there.sdk.payment_intents.list().data) == 1
    assert [each.status for each in there.sdk.charges.list().data] == ["failed"]


def test_a_payment_that_asks_waits_for_the_payers_bank(there):
    customer = there.sdk.customers.create({"email": "asks@example.com"})
    method = there.sdk.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    price = there.sdk.prices.list({"lookup_keys": ["starter"]}).data[0].id
    waiting = there.sdk.subscriptions.create({
        "customer": customer.id, "items": [{"price": price}], "default_payment_method": method.id, "expand": ["latest_invoice.payments"],
    })  # fmt: skip
    intent = waiting.latest_invoice.payments.data[0].payment.payment_intent

    assert waiting.status == "incomplete"
    assert there.door(f"intents/{intent}", outcome="succeed").status_code == 200
    assert there.sdk.subscriptions.retrieve(waiting.id).status == "active"


def test_what_nobody_pays_within_a_day_expires(there):
    customer = there.sdk.customers.create({"email": "late@example.com"})
    method = there.sdk.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    price = there.sdk.prices.list({"lookup_keys": ["starter"]}).data[0].id
    made = there.sdk.subscriptions.create({"customer": customer.id, "items": [{"price": price}], "default_payment_method": method.id})

    there.later(hours=24)

    assert made.status == "incomplete"
    assert there.sdk.subscriptions.retrieve(made.id).status == "incomplete_expired"


def test_a_dispute_opens_and_closes(there):
    subscription = there.subscribed()
    charge = there.sdk.charges.list({"customer": subscription.customer_id}).data[0].id

    opened = there.door("disputes", charge=charge).json()
    closed = there.door("disputes", dispute=opened["id"], outcome="won").json()

    assert (opened["status"], closed["status"]) == ("needs_response", "won")
    assert there.sdk.charges.retrieve(charge).disputed


def test_people_find_forms_behind_the_pages(there):
    page = there.checkout(there.customer())

    form = httpx.get(str(page.url), trust_env=False)
    paid = httpx.post(str(page.url), data={"card": VISA}, trust_env=False)

    assert "Pay 19.00 USD" in form.text
    assert (paid.status_code, paid.headers["Location"]) == (303, "https://us.example/ok")


@pytest.mark.parametrize(("path", "words"), [("troubles", {"where": "x", "kind": "plague"}), ("mischief", {"odd": 1}), ("disputes", {})])
def test_the_door_says_what_it_does_not_understand(there, path, words):
    assert there.door(path, **words).status_code == 400


def test_a_webhook_leads_to_this_machine_only(there):
    with pytest.raises(stripe.InvalidRequestError, match="nobody but this machine"):
        there.sdk.webhook_endpoints.create({"url": "https://example.com/hook", "enabled_events": ["*"]})


def test_a_portal_refuses_a_card_that_is_refused(there):
    subscription = there.subscribed()

    assert there.click(subscription.customer_id, do="card", card="4000000000000002").status_code == 402
    assert there.click(subscription.customer_id, do="card", card=ASKS).status_code == 200
    assert there.click(subscription.customer_id, do="fly").status_code == 400
