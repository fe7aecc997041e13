"""Test clocks (https://docs.stripe.com/billing/testing/test-clocks). Advancing is done when the call returns, not some seconds later."""

from sandbox.stripe import shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, text, whole
from sandbox.stripe.refusals import invalid
from sandbox.stripe.renewing import advance

FURTHEST_DAYS = 2 * 366


def _create(call: Call) -> Words:
    frozen = whole(call.params, "frozen_time")
    given = {"frozen_time": frozen, "name": call.params.get("name")}
    return call.books.put(shapes_billing.test_clock(call.books, call.books.now(), **given))


def _advance(call: Call) -> Words:
    clock, until = call.books.get("test_helpers.test_clock", call.key), whole(call.params, "frozen_time")
    if until <= clock["frozen_time"]:
        raise invalid("The frozen time must be after the clock's current frozen time.", param="frozen_time")
    if until > clock["frozen_time"] + FURTHEST_DAYS * 86_400:
        raise invalid("A test clock can only be advanced by two years at a time.", param="frozen_time")
    advance(call.books, clock, until)
    call.books.tell("test_helpers.test_clock.ready", {**clock, "test_clock": clock["id"]})
    return clock


def put_on(books: Books, sent: Params) -> Words:
    """A customer who is there already, with all that hangs on them, on a clock that stands at `frozen_time`."""
    customer = books.get("customer", text(sent, "customer"))
    made = books.put(shapes_billing.test_clock(books, books.now(), frozen_time=whole(sent, "frozen_time"), name="put on"))
    customer["test_clock"] = made["id"]
    for each in books.every("subscription", customer=customer["id"]):
        each["test_clock"] = made["id"]
    for each in books.every("checkout.session", customer=customer["id"]):
        each["_clock"] = made["id"]
    return made


def _list(call: Call) -> Words:
    return page("/v1/test_helpers/test_clocks", call.books.every("test_helpers.test_clock"), call.params)


ROUTES: Routes = {
    "POST /v1/test_helpers/test_clocks": _create,
    "GET /v1/test_helpers/test_clocks": _list,
    "GET /v1/test_helpers/test_clocks/{id}": lambda call: call.books.get("test_helpers.test_clock", call.key),
    "POST /v1/test_helpers/test_clocks/{id}/advance": _advance,
}
