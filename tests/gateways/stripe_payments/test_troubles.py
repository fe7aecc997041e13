"""What goes wrong between us and Stripe: nothing is done twice under one key, and each failure says whether to try again."""

import threading
from collections.abc import Iterator

import pytest
import stripe

from domain.billing.orders import NewCustomer, RefundOrder
from domain.errors import Conflict, FailureCategory, NotFound, SourceRefused, SourceUnavailable
from gateways.stripe_payments import StripeAccess, StripePayments
from sandbox.faults import Fault
from sandbox.stripe import Trouble
from tests.gateways.shops import Shop, shop

REFUNDS = "POST /v1/refunds"


@pytest.fixture
def there() -> Iterator[Shop]:
    with shop() as made:
        yield made


@pytest.fixture
def payment(there) -> str:
    return str(there.payments.invoices(there.subscribed("growth").customer_id, limit=1)[0].payment_id)


def refunded(there: Shop) -> list[int]:
    return [each.amount for each in there.sdk.refunds.list().data]


def trouble(there: Shop, kind: str, **more: int) -> None:
    there.service.troubles.add(Trouble(REFUNDS, kind, **more))


@pytest.mark.parametrize(
    ("kind", "category"),
    [("rate_limit", FailureCategory.RATE_LIMIT), ("lock_timeout", FailureCategory.API_ERROR), ("error", FailureCategory.API_ERROR)],
)
def test_what_was_not_done_is_done_with_the_same_key(there, payment, kind, category):
    trouble(there, kind)

    with pytest.raises(SourceUnavailable) as failed:
        there.payments.refund(RefundOrder(payment, 100), key="a")
    there.payments.refund(RefundOrder(payment, 100), key="a")

    assert failed.value.category is category
    assert refunded(there) == [100]


def test_a_customer_whose_making_seemed_to_fail_is_found_again(there):
    there.service.troubles.add(Trouble("POST /v1/customers", "error_after"))

    with pytest.raises(SourceUnavailable):
        there.payments.customer(NewCustomer("tenant", "ana@example.com", "Ana"), key="a")
    again = there.payments.customer(NewCustomer("tenant", "ana@example.com", "Ana"), key="b")
    other = there.payments.customer(NewCustomer("another tenant", "ana@example.com", "Ana"), key="c")

    assert sorted(each.id for each in there.sdk.customers.list().data) == sorted([again.customer_id, other.customer_id])


def test_an_answer_that_is_lost_is_told_again(there, payment):
    trouble(there, "lost")

    with pytest.raises(SourceUnavailable):
        there.payments.refund(RefundOrder(payment, 100), key="a")
    again = there.payments.refund(RefundOrder(payment, 100), key="a")

    assert (again.amount_cents, refunded(there)) == (100, [100])


def test_a_connection_that_ends_before_anything_is_done_can_be_asked_again(there, payment):
    there.desk.faults.add(Fault(where="/v1/refunds", kind="reset"))

    with pytest.raises(SourceUnavailable) as failed:
        there.payments.refund(RefundOrder(payment, 100), key="a")
    there.payments.refund(RefundOrder(payment, 100), key="a")

    assert failed.value.category is FailureCategory.NETWORK
    assert refunded(there) == [100]


def test_a_failure_after_the_deed_is_kept_and_says_to_look(there, payment):
    trouble(there, "error_after")

    with pytest.raises(SourceUnavailable):
        there.payments.refund(RefundOrder(payment, 100), key="a")
    with pytest.raises(SourceRefused, match="see how it stands"):
        there.payments.refund(RefundOrder(payment, 100), key="a")

    assert refunded(there) == [100]


def test_a_key_is_for_one_deed(there, payment):
    there.payments.refund(RefundOrder(payment, 100), key="a")

    with pytest.raises(Conflict, match="another"):
        there.payments.refund(RefundOrder(payment, 200), key="a")

    assert refunded(there) == [100]


def test_a_key_is_forgotten_after_a_day(there, payment):
    there.payments.refund(RefundOrder(payment, 100), key="a")
    there.later(days=1)
    there.payments.refund(RefundOrder(payment, 100), key="a")

    assert refunded(there) == [100, 100]


def test_two_at_once_under_one_key_do_it_once(there, payment):
    trouble(there, "hold")
    first = threading.Thread(target=lambda: there.payments.refund(RefundOrder(payment, 100), key="a"))
    first.start()
    assert there.service.troubles.held.wait(5)

    with pytest.raises(SourceUnavailable, match="at this moment"):
        there.payments.refund(RefundOrder(payment, 100), key="a")
    there.service.troubles.release()
    first.join(5)

    assert refunded(there) == [100]


def test_the_sdk_tries_again_by_itself(monkeypatch):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.002)
    with shop(retries=2) as there:
        payment = str(there.payments.invoices(there.subscribed().customer_id, limit=1)[0].payment_id)
        there.desk.faults.add(Fault(where="/v1/refunds", kind="503", times=2))

        there.payments.refund(RefundOrder(payment, 100), key="a")

        assert refunded(there) == [100]


def test_a_key_that_is_not_accepted_says_so_to_operators_only(there):
    stranger = StripePayments(StripeAccess("revoked", (), there.url, retries=0))

    with pytest.raises(SourceRefused) as refused:
        stranger.subscription("sub_1")

    stranger.close()
    assert (refused.value.category, refused.value.for_callers) == (FailureCategory.NOT_CONFIGURED, "Payments are not set up.")
    assert "revoked" not in repr(stranger.access)


def test_what_is_not_there_is_refused(there):
    with pytest.raises(SourceRefused) as refused:
        there.payments.subscription("sub_unheard_of")
    assert refused.value.category is FailureCategory.NOT_FOUND


def test_a_webhook_without_a_secret_of_ours_has_no_address():
    with shop(secrets=("", " ")) as there, pytest.raises(NotFound):
        there.payments.heard(b"{}", {}, now=there.now)


def test_steps_that_were_interrupted_are_done_once_when_repeated(there):
    subscription = there.subscribed("growth")
    there.service.troubles.add(Trouble("POST /v1/subscription_schedules/", "lost"))

    with pytest.raises(SourceUnavailable):
        there.payments.change_later(subscription.subscription_id, "starter", key="down")
    planned = there.payments.change_later(subscription.subscription_id, "starter", key="down")

    assert planned.scheduled_price == "starter"
    there.later(days=31)
    assert there.again(subscription).price == "starter"
