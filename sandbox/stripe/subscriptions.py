"""Subscriptions: begun, changed, canceled, resumed, and what a change would cost. What time does to them is in `renewing`."""

from typing import Any

from sandbox.stripe import cards, invoicing, prorating, shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.catalogue import price_named
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, flag, inner, many, metadata, text, whole
from sandbox.stripe.periods import period_end
from sandbox.stripe.refusals import Refusal, invalid
from sandbox.stripe.renewing import end, settle

DAY = 86_400
BEHAVIOURS = ("allow_incomplete", "error_if_incomplete", "default_incomplete")


def begin(books: Books, customer: Words, price: Words, *, trial_days: int = 0, is_authenticated: bool = False, **given: Any) -> Words:
    """A new subscription with its first invoice. It is `incomplete` where that could not be paid."""
    now = books.now(customer)
    made = books.put(shapes_billing.subscription(
        books, now, customer=customer["id"], currency=price["currency"], test_clock=customer["test_clock"], **given
    ))  # fmt: skip
    trial_end = now + trial_days * DAY if trial_days else None
    until = trial_end or period_end(now, *prorating.often(price), after=now)
    item = shapes_billing.item(books, now, price, current_period_end=until, subscription=made["id"])
    url = f"/v1/subscription_items?subscription={made['id']}"
    made["items"] |= {"data": [item], "total_count": 1, "url": url}
    if trial_end:
        made |= {"status": "trialing", "trial_start": now, "trial_end": trial_end, "billing_cycle_anchor": trial_end}
    books.tell("customer.subscription.created", made)
    line = prorating.renewal_line(books, made, is_trial=bool(trial_end))
    invoicing.bill(books, made, [line], reason="subscription_create", is_authenticated=is_authenticated)
    settle(books, made)
    return made


def _create(call: Call) -> Words:
    books, params = call.books, call.params
    customer, items = books.get("customer", text(params, "customer")), many(params, "items")
    if len(items) != 1:
        raise invalid("The sandbox keeps one item per subscription.", param="items")
    price = price_named(books, text(items[0], "price"))
    key = params.get("default_payment_method")
    behaviour = params.get("payment_behavior", "allow_incomplete")
    trial_days = whole(params, "trial_period_days", 0)
    refusal = cards.refusal(books.kept.get(key) if key else cards.paying_method(books, customer))
    if refusal and not trial_days and (behaviour == "error_if_incomplete" or refusal.status == 400):
        raise refusal
    return begin(books, customer, price, trial_days=trial_days, metadata=metadata(params), default_payment_method=key)


def _update(call: Call) -> Words:
    subscription = call.books.get("subscription", call.key)
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", code="resource_missing")
    return update(call.books, subscription, call.params)


def update(books: Books, subscription: Words, params: Params) -> Words:
    """Refuses before it changes anything."""
    _check_schedule(subscription, params)
    change = prorating.wanted(books, subscription, params, at=params.get("proration_date"))
    lines = prorating.lines(books, subscription, change) if change else []
    behaviour = params.get("proration_behavior") or "create_prorations"
    is_billed = bool(lines) and (behaviour == "always_invoice" or bool(change and change.begins_anew))
    if is_billed and params.get("payment_behavior") == "error_if_incomplete":
        _check_payable(books, subscription, lines)
    with books.changing(subscription, "customer.subscription.updated"):
        _set_plain(books, subscription, params)
        if change:
            prorating.apply(subscription, change)
    if is_billed:
        invoicing.bill(books, subscription, lines, reason="subscription_update")
        settle(books, subscription)
    elif behaviour == "create_prorations":
        subscription["_pending"] = [*subscription.get("_pending", []), *lines]
    return subscription


def _check_schedule(subscription: Words, params: Params) -> None:
    if subscription["schedule"] and any(name in params for name in ("cancel_at_period_end", "cancel_at")):
        raise invalid(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any cancelation "
            "behavior directly is not allowed. Please update the schedule instead."
        )
    if params.get("payment_behavior") not in (None, *BEHAVIOURS):
        raise invalid("The sandbox knows no other payment_behavior.", param="payment_behavior")


def _check_payable(books: Books, subscription: Words, lines: list[Words]) -> None:
    draft = invoicing.drawn_up(books, subscription, lines, reason="subscription_update")
    method = cards.paying_method(books, books.kept[subscription["customer"]], subscription)
    refusal = cards.refusal(method) if draft["amount_due"] else None
    if refusal is None and draft["amount_due"] and method and cards.asks(method):
        refusal = Refusal(
            402, "card_error", "This payment needs authentication.", is_kept=True, code="subscription_payment_intent_requires_action"
        )
    if refusal:
        raise refusal


def _set_plain(books: Books, subscription: Words, params: Params) -> None:
    subscription["metadata"] = metadata(params, subscription["metadata"])
    if params.get("default_payment_method"):
        customer = books.kept[subscription["customer"]]
        method = cards.attach(books, cards.by_key(books, params["default_payment_method"], customer), customer)
        subscription["default_payment_method"] = method["id"]
    if "cancel_at_period_end" in params:
        _cancel_later(books, subscription, is_wanted=flag(params, "cancel_at_period_end"))


def _cancel_later(books: Books, subscription: Words, *, is_wanted: bool) -> None:
    until = subscription["items"]["data"][0]["current_period_end"]
    subscription |= {
        "cancel_at_period_end": is_wanted, "cancel_at": until if is_wanted else None,
        "canceled_at": books.now(subscription) if is_wanted else None,
    }  # fmt: skip
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if is_wanted else None


def _cancel(call: Call) -> Words:
    subscription = call.books.get("subscription", call.key)
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise Refusal(404, "invalid_request_error", f"No such subscription: '{call.key}'", code="resource_missing")
    end(call.books, subscription, reason="cancellation_requested")
    return subscription


def _preview(call: Call) -> Words:
    """What a change would cost: only its own lines where it is invoiced at once, else those of the next period as well."""
    books, params = call.books, call.params
    subscription = books.get("subscription", text(params, "subscription"))
    details, at, behaviour = prorating.preview_params(params)
    change = prorating.wanted(books, subscription, details, at=at)
    lines = prorating.lines(books, subscription, change) if change and behaviour != "none" else []
    if behaviour != "always_invoice":
        lines = [*subscription.get("_pending", []), *lines, prorating.renewal_line(books, subscription)]
    draft = invoicing.drawn_up(books, subscription, lines, reason="upcoming")
    return {**draft, "id": f"upcoming_{draft['id']}"}


def _list(call: Call) -> Words:
    params, status = call.params, call.params.get("status")
    there = call.books.every("subscription", **({"customer": params["customer"]} if params.get("customer") else {}))
    if status != "all":
        there = [each for each in there if (each["status"] == status if status else each["status"] != "canceled")]
    price = params.get("price")
    if price:
        there = [each for each in there if each["items"]["data"][0]["price"]["id"] == price]
    return page("/v1/subscriptions", there, params)


def _items(call: Call) -> Words:
    subscription = call.books.get("subscription", text(call.params, "subscription"))
    return page("/v1/subscription_items", inner(subscription, "items")["data"], call.params)


ROUTES: Routes = {
    "POST /v1/subscriptions": _create,
    "GET /v1/subscriptions": _list,
    "GET /v1/subscriptions/{id}": lambda call: call.books.get("subscription", call.key),
    "POST /v1/subscriptions/{id}": _update,
    "DELETE /v1/subscriptions/{id}": _cancel,
    "GET /v1/subscription_items": _items,
    "POST /v1/invoices/create_preview": _preview,
}
