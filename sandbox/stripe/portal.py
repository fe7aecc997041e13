"""The customer portal: sessions, and what a customer clicks there."""

from collections.abc import Callable

from sandbox.stripe import cards, shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.params import Params, text
from sandbox.stripe.refusals import invalid
from sandbox.stripe.renewing import HOLDS
from sandbox.stripe.subscriptions import update


def _create(call: Call) -> Words:
    customer = call.books.get("customer", text(call.params, "customer"))
    made = call.books.put(shapes_billing.portal(
        call.books, call.books.now(customer), customer=customer["id"], return_url=call.params.get("return_url")
    ))  # fmt: skip
    made["url"] = f"{call.site or 'https://billing.stripe.com'}/p/session/{made['id']}"
    return made


def click(books: Books, session: Words, clicked: Params) -> Words:
    """`do`: `change` (`price` by id or lookup key), `cancel`, `resume`, `card` (a test number), which becomes the default."""
    does = CLICKS.get(text(clicked, "do"))
    if does is None:
        raise invalid(f"do: choose from {', '.join(CLICKS)}", param="do")
    return does(books, books.get("customer", session["customer"]), clicked)


def _change(books: Books, customer: Words, clicked: Params) -> Words:
    subscription, name = _held(books, customer), text(clicked, "price")
    price = next((each for each in books.every("price", active=True) if name in (each["id"], each["lookup_key"])), None)
    if price is None:
        raise invalid(f"No such price: '{name}'", param="price")
    item = {"id": subscription["items"]["data"][0]["id"], "price": price["id"]}
    wanted = {"items": [item], "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    return update(books, subscription, wanted)


def _card(books: Books, customer: Words, clicked: Params) -> Words:
    method = cards.attach(books, cards.new_method(books, text(clicked, "card"), customer), customer)
    with books.changing(customer, "customer.updated"):
        customer["invoice_settings"]["default_payment_method"] = method["id"]
    for each in books.every("subscription", customer=customer["id"]):
        if each["status"] in HOLDS and each["default_payment_method"]:
            with books.changing(each, "customer.subscription.updated"):
                each["default_payment_method"] = method["id"]
    return method


def _held(books: Books, customer: Words) -> Words:
    there = [each for each in books.every("subscription", customer=customer["id"]) if each["status"] in HOLDS]
    if not there:
        raise invalid("This customer has no subscription.")
    return there[0]


CLICKS: dict[str, Callable[[Books, Words, Params], Words]] = {
    "change": _change,
    "cancel": lambda books, customer, _: update(books, _held(books, customer), {"cancel_at_period_end": "true"}),
    "resume": lambda books, customer, _: update(books, _held(books, customer), {"cancel_at_period_end": "false"}),
    "card": _card,
}
ROUTES: Routes = {"POST /v1/billing_portal/sessions": _create}
