"""Checkout sessions for subscriptions, and what the payer does on their page."""

from sandbox.stripe import cards, shapes, shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.catalogue import price_named
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, flag, inner, many, metadata, text, whole
from sandbox.stripe.refusals import Refusal, invalid
from sandbox.stripe.renewing import expire
from sandbox.stripe.subscriptions import begin


def _create(call: Call) -> Words:
    books, params = call.books, call.params
    if params.get("mode") != "subscription":
        raise invalid("The sandbox sells subscriptions only.", param="mode")
    items = many(params, "line_items")
    if len(items) != 1:
        raise invalid("The sandbox sells one price at a time.", param="line_items")
    price = price_named(books, text(items[0], "price"))
    if not price["recurring"]:
        raise invalid("You must provide at least one recurring price in `subscription` mode.", param="line_items")
    customer = books.get("customer", params["customer"]) if params.get("customer") else None
    trial_days = whole(inner(params, "subscription_data"), "trial_period_days", 0)
    amount = 0 if trial_days else price["unit_amount"]
    made = books.put(shapes_billing.checkout(
        books, books.now(customer), amount_subtotal=amount, amount_total=amount, currency=price["currency"],
        success_url=text(params, "success_url"), cancel_url=params.get("cancel_url"), metadata=metadata(params),
        client_reference_id=params.get("client_reference_id"), customer=customer["id"] if customer else None,
        customer_email=params.get("customer_email"), _price=price["id"], _trial_days=trial_days, _lines=[],
        _metadata=metadata(inner(params, "subscription_data")), _clock=customer["test_clock"] if customer else None,
    ))  # fmt: skip
    if flag(inner(params, "tax_id_collection"), "enabled"):
        made["tax_id_collection"] = {"enabled": True, "required": "never"}
    if flag(inner(params, "automatic_tax"), "enabled"):
        made["automatic_tax"]["enabled"] = _has_address(params)
    made["url"] = f"{call.site or 'https://checkout.stripe.com'}/c/pay/{made['id']}"
    made["_lines"] = [_line(books, price, amount)]
    return made


def _has_address(params: Params) -> bool:
    """Taxes are reckoned by it. The sandbox's customers have none, and its taxes are nothing."""
    if params.get("customer") and inner(params, "customer_update").get("address") != "auto":
        raise invalid(
            "Automatic tax calculation in Checkout requires a valid address on the Customer.", code="customer_tax_location_invalid"
        )
    return True


def _line(books: Books, price: Words, amount: int) -> Words:
    return {
        "id": books.new_id("li"), "object": "item", "adjustable_quantity": None, "amount_discount": 0, "amount_subtotal": amount,
        "amount_tax": 0, "amount_total": amount, "currency": price["currency"], "description": books.kept[price["product"]]["name"],
        "metadata": {}, "price": price, "quantity": 1,
    }  # fmt: skip


def complete(books: Books, session: Words, payer: Params) -> Words:
    """The payer pays: `card` (a test number), `email`, `authenticate` ("yes" passes it). A refusal leaves the session open."""
    if session["status"] != "open":
        raise invalid("This checkout session is no longer open.")
    customer = books.kept.get(session["customer"] or "")
    method = cards.new_method(books, text(payer, "card"), customer)
    is_authenticated = payer.get("authenticate") == "yes"
    _check(method, session, is_authenticated=is_authenticated)
    if customer is None:
        email = payer.get("email") or session["customer_email"] or "payer@example.com"
        customer = books.put(shapes.customer(books, books.now(), email=email))
        books.tell("customer.created", customer)
    cards.attach(books, method, customer)
    made = begin(
        books, customer, books.get("price", session["_price"]), trial_days=session["_trial_days"], is_authenticated=is_authenticated,
        metadata=session["_metadata"], default_payment_method=method["id"],
    )  # fmt: skip
    _close(books, session, customer, made)
    return session


def _check(method: Words, session: Words, *, is_authenticated: bool) -> None:
    card = cards.CARDS[method["_number"]]
    refusal = cards.refusal(method)
    if refusal and (card.is_refused or session["amount_total"]):
        raise refusal
    if cards.asks(method) and not is_authenticated:
        raise Refusal(402, "card_error", "Your card needs authentication.", code="authentication_required")


def _close(books: Books, session: Words, customer: Words, subscription: Words) -> None:
    details = {name: customer[name] for name in ("address", "email", "name", "phone", "tax_exempt")}
    session |= {
        "status": "complete", "url": None, "customer": customer["id"], "subscription": subscription["id"],
        "invoice": subscription["latest_invoice"], "payment_status": "paid" if session["amount_total"] else "no_payment_required",
        "customer_details": {**details, "business_name": None, "individual_name": None, "tax_ids": []},
    }  # fmt: skip
    books.tell("checkout.session.completed", session)


def _expire_now(call: Call) -> Words:
    session = call.books.get("checkout.session", call.key)
    if session["status"] != "open":
        raise invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
    expire(call.books, session)
    return session


def _lines(call: Call) -> Words:
    return page(f"/v1/checkout/sessions/{call.key}/line_items", call.books.get("checkout.session", call.key)["_lines"], call.params)


def _list(call: Call) -> Words:
    equal = {name: call.params[name] for name in ("customer", "subscription") if call.params.get(name)}
    return page("/v1/checkout/sessions", call.books.every("checkout.session", **equal), call.params)


ROUTES: Routes = {
    "POST /v1/checkout/sessions": _create,
    "GET /v1/checkout/sessions": _list,
    "GET /v1/checkout/sessions/{id}": lambda call: call.books.get("checkout.session", call.key),
    "GET /v1/checkout/sessions/{id}/line_items": _lines,
    "POST /v1/checkout/sessions/{id}/expire": _expire_now,
}
