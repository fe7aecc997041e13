"""The sandbox's Stripe as a demo has it: a shop that is open, books that outlast a restart, pages for people."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import stripe

from domain.errors import Unacceptable
from sandbox.addresses import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
from sandbox.stripe import Stripe, signed
from sandbox.stripe.keeping import Keeper
from sandbox.stripe.opening import Goods, Opening, open_shop
from sandbox.world import Clock
from tests.gateways.shops import DECLINES, EPOCH, VISA, shop

GOODS = (Goods("starter_monthly", "Whyral Starter", 3_900, "month"), Goods("starter_yearly", "Whyral Starter", 39_000, "year"))
OPENING = Opening(GOODS, "http://127.0.0.1:8000/api/v1/billing/webhooks/stripe")


def opened(service: Stripe, opening: Opening = OPENING) -> Stripe:
    open_shop(service.books, opening)
    return service


def test_a_shop_that_is_opened_twice_has_each_price_once():
    books = opened(opened(Stripe(Clock()))).books

    prices = {each["lookup_key"]: (each["unit_amount"], each["recurring"]["interval"]) for each in books.every("price")}
    assert prices == {"starter_monthly": (3_900, "month"), "starter_yearly": (39_000, "year")}
    assert [len(books.every(kind)) for kind in ("price", "product", "webhook_endpoint")] == [2, 1, 1]


def test_another_port_and_another_amount_are_taken_over():
    service = opened(Stripe(Clock()))

    opened(service, Opening((Goods("starter_monthly", "Whyral Starter", 4_500, "month"),), "http://127.0.0.1:9000/hook"))

    assert [each["unit_amount"] for each in service.books.every("price", lookup_key="starter_monthly")] == [4_500]
    assert [each["url"] for each in service.books.every("webhook_endpoint")] == ["http://127.0.0.1:9000/hook"]


def test_a_shop_tells_nobody_beyond_this_machine():
    with pytest.raises(ValueError, match="not on this machine"):
        opened(Stripe(Clock()), Opening(GOODS, "https://us.example/hook"))


def test_what_it_sends_is_signed_with_the_secret_that_it_hands_out():
    service = opened(Stripe(Clock()))
    (endpoint,) = service.books.every("webhook_endpoint")
    body, now = b'{"id": "evt_1", "object": "event"}', int(service.books.clock.now().timestamp())

    header = signed(body, endpoint["_secrets"], now)

    assert stripe.WebhookSignature.verify_header(body.decode(), header, STRIPE_WEBHOOK_SECRET, tolerance=300)


def test_a_restart_finds_the_subscription_its_key_and_the_webhook_that_waits(tmp_path):
    with shop() as there:
        made = opened(there.service)
        keeper = Keeper(tmp_path / "stripe.json", made)
        subscription = there.subscribed()
        customer = there.payments.subscription(subscription.subscription_id).customer_id
        keeper.keep()

    again = Stripe(Clock(frozen_at=EPOCH))
    Keeper(tmp_path / "stripe.json", again)

    assert again.books.kept == made.books.kept
    assert again.books.every("subscription", customer=customer)[0]["id"] == subscription.subscription_id
    assert [each.event["id"] for each in again.webhooks.waiting] == [each.event["id"] for each in made.webhooks.waiting] != []
    assert again.keys.written() == made.keys.written() != []
    assert again.books.new_id("evt") not in made.books.kept


def test_books_that_begin_anew_give_out_no_id_of_the_books_before(tmp_path):
    first, second = Stripe(Clock(frozen_at=EPOCH)), Stripe(Clock(frozen_at=EPOCH + timedelta(seconds=1)))

    Keeper(tmp_path / "stripe.json", first)
    before = first.books.new_id("cus")
    Keeper(tmp_path / "another.json", second)

    assert second.books.new_id("cus") > before > "cus_1Sandbox00000000000001"


def test_a_price_that_changes_after_a_restart_changes_what_subscriptions_renew_at(tmp_path):
    with shop() as there:
        there.subscribed()
        Keeper(tmp_path / "stripe.json", there.service).keep()
    again = Stripe(Clock(frozen_at=EPOCH))
    Keeper(tmp_path / "stripe.json", again)

    open_shop(again.books, Opening((Goods("starter", "Whyral", 2_500, "month"),), OPENING.webhook_url))

    assert again.books.every("subscription")[0]["items"]["data"][0]["price"]["unit_amount"] == 2_500


def test_nothing_is_written_while_nothing_happens(tmp_path):
    service, path = opened(Stripe(Clock())), tmp_path / "stripe.json"
    keeper = Keeper(path, service)
    keeper.keep()
    path.unlink()

    keeper.keep()
    assert not path.exists()
    service.books.put({"id": service.books.new_id("cus"), "object": "customer"})
    keeper.keep()
    assert path.exists()


@pytest.mark.parametrize("words", ["", "[]", '{"made": 3}'])
def test_books_that_cannot_be_read_are_not_begun_anew(tmp_path: Path, words: str):
    (tmp_path / "stripe.json").write_text(words)

    with pytest.raises(Unacceptable, match="remove it"):
        Keeper(tmp_path / "stripe.json", Stripe(Clock()))


def test_a_payer_who_is_declined_sees_why_and_can_try_another_card():
    with shop() as there:
        page = str(there.checkout(there.customer()).url)

        declined = httpx.post(page, data={"card": DECLINES}, trust_env=False)
        paid = httpx.post(page, data={"card": VISA}, trust_env=False)

        assert (declined.status_code, "Your card was declined." in declined.text, f'value="{VISA}"' in declined.text) == (402, True, True)
        assert paid.status_code == 303
        assert "This page is paid." in httpx.get(page, trust_env=False).text


def test_the_portal_shows_the_plan_and_comes_back_after_each_click():
    with shop() as there:
        customer = there.subscribed("starter").customer_id
        page = there.payments.portal(customer, return_url="https://us.example/back", key=there.key()).url
        before = httpx.get(page, trust_env=False).text

        clicked = httpx.post(page, data={"do": "cancel"}, trust_env=False)

        assert all(word in before for word in ("starter", "19.00 USD every month", "visa ending in 4242", "https://us.example/back"))
        assert (clicked.status_code, page.endswith(clicked.headers["Location"])) == (303, True)
        assert "It ends on 1 Dec 2026." in httpx.get(page, trust_env=False).text


def test_what_a_payer_writes_is_never_markup():
    with shop() as there:
        there.sdk.customers.create({"email": '"><script>x</script>@example.com'})
        page = there.payments.portal(there.service.books.every("customer")[0]["id"], return_url="https://us.example/?a=1&b=2", key="k").url

        assert "<script>" not in httpx.get(page, trust_env=False).text


def test_an_invoice_has_a_page_and_a_pdf_at_the_sandbox():
    with shop() as there:
        (invoice,) = there.payments.invoices(there.subscribed().customer_id, limit=5)

        page, pdf = (httpx.get(str(url), trust_env=False) for url in (invoice.page_url, invoice.pdf_url))

        assert str(invoice.page_url).startswith(there.url)
        assert "19.00 USD" in page.text
        assert (pdf.content[:8], pdf.headers["Content-Type"], b"(amount_paid 19.00 USD)" in pdf.content) == (
            b"%PDF-1.4",
            "application/pdf",
            True,
        )


def test_a_customer_who_is_there_already_can_be_put_on_a_test_clock():
    with shop() as there:
        customer = there.customer()
        then = int(there.now.timestamp()) - 15 * 86_400

        clock = there.door("clock", customer=customer.customer_id, frozen_time=then).json()
        assert there.pay(there.checkout(customer)).status_code == 200
        bought = there.payments.subscriptions(customer.customer_id)[0]
        there.sdk.test_helpers.test_clocks.advance(clock["id"], {"frozen_time": then + 31 * 86_400})

        assert bought.created_at is not None
        assert int(bought.created_at.timestamp()) == then
        assert len(there.payments.invoices(customer.customer_id, limit=5)) == 2


def test_the_keys_are_those_of_a_test_account():
    assert STRIPE_KEY.startswith("sk_test_")
    assert STRIPE_WEBHOOK_SECRET.startswith("whsec_")
