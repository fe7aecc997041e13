"""Customers and their cards."""

from sandbox.stripe import cards, shapes
from sandbox.stripe.books import Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, inner, metadata, text, whole

PLAIN = ("email", "name", "description", "phone")


def _create(call: Call) -> Words:
    books, params = call.books, call.params
    clock = books.get("test_helpers.test_clock", params["test_clock"]) if params.get("test_clock") else None
    now = clock["frozen_time"] if clock else books.now()
    made = books.put(shapes.customer(books, now, test_clock=clock["id"] if clock else None, metadata=metadata(params), **_plain(params)))
    if params.get("payment_method"):
        cards.attach(books, cards.by_key(books, params["payment_method"], made), made)
    _set_default(call, made)
    books.tell("customer.created", made)
    return made


def _one(call: Call) -> Words:
    """One that was deleted is told of, and no more."""
    found = call.books.kept.get(call.key)
    return found if found and found.get("deleted") else call.books.get("customer", call.key)


def _update(call: Call) -> Words:
    customer = call.books.get("customer", call.key)
    with call.books.changing(customer, "customer.updated"):
        customer |= _plain(call.params)
        customer["metadata"] = metadata(call.params, customer["metadata"])
        customer["balance"] = whole(call.params, "balance", customer["balance"])
        _set_default(call, customer)
    return customer


def _plain(params: Params) -> Words:
    return {name: params[name] or None for name in PLAIN if name in params}


def _set_default(call: Call, customer: Words) -> None:
    key = inner(call.params, "invoice_settings").get("default_payment_method")
    if key:
        method = cards.attach(call.books, cards.by_key(call.books, key, customer), customer)
        customer["invoice_settings"]["default_payment_method"] = method["id"]


def _delete(call: Call) -> Words:
    """Its subscriptions end at once."""
    from sandbox.stripe.renewing import end

    customer = call.books.get("customer", call.key)
    for each in call.books.every("subscription", customer=customer["id"]):
        if each["status"] not in ("canceled", "incomplete_expired"):
            end(call.books, each, reason="cancellation_requested")
    call.books.tell("customer.deleted", customer)
    return call.books.put({"id": customer["id"], "object": "customer", "deleted": True})


def _list(call: Call) -> Words:
    there = [each for each in call.books.every("customer") if not each.get("deleted")]
    if call.params.get("email"):
        there = [each for each in there if each["email"] == call.params["email"]]
    return page("/v1/customers", there, call.params)


def _attach(call: Call) -> Words:
    customer = call.books.get("customer", text(call.params, "customer"))
    return cards.attach(call.books, cards.by_key(call.books, call.key, customer), customer)


def _detach(call: Call) -> Words:
    method = call.books.get("payment_method", call.key)
    customer = call.books.kept.get(method["customer"] or "")
    method["customer"] = None
    if customer and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
    call.books.tell("payment_method.detached", method)
    return method


def _methods(call: Call) -> Words:
    there = call.books.every("payment_method", customer=call.key or text(call.params, "customer"))
    return page("/v1/payment_methods", there, call.params)


ROUTES: Routes = {
    "POST /v1/customers": _create,
    "GET /v1/customers": _list,
    "GET /v1/customers/{id}": _one,
    "POST /v1/customers/{id}": _update,
    "DELETE /v1/customers/{id}": _delete,
    "GET /v1/customers/{id}/payment_methods": _methods,
    "GET /v1/payment_methods": _methods,
    "GET /v1/payment_methods/{id}": lambda call: call.books.get("payment_method", call.key),
    "POST /v1/payment_methods/{id}/attach": _attach,
    "POST /v1/payment_methods/{id}/detach": _detach,
}
