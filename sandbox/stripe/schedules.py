"""Subscription schedules, as far as a change at the end of the period needs them: from a subscription, two phases, then released."""

from sandbox.stripe import shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.catalogue import price_named
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, inner, many, metadata, text, whole
from sandbox.stripe.periods import period_end
from sandbox.stripe.refusals import invalid
from sandbox.stripe.renewing import release


def _create(call: Call) -> Words:
    books, subscription = call.books, call.books.get("subscription", text(call.params, "from_subscription"))
    if subscription["schedule"]:
        raise invalid("You cannot migrate a subscription that is already attached to a schedule.")
    if subscription["status"] not in ("active", "trialing", "past_due"):
        raise invalid("You cannot migrate a subscription that is not active.")
    made = books.put(shapes_billing.schedule(books, books.now(subscription), subscription))
    item = subscription["items"]["data"][0]
    made["phases"] = [_phase(item["price"]["id"], item["quantity"], (item["current_period_start"], item["current_period_end"]), {})]
    made["current_phase"] = {"start_date": item["current_period_start"], "end_date": item["current_period_end"]}
    with books.changing(subscription, "customer.subscription.updated"):
        subscription["schedule"] = made["id"]
    books.tell("subscription_schedule.created", made)
    return made


def _phase(price: str, quantity: int, span: tuple[int, int], words: dict[str, str]) -> Words:
    item: Words = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price,
        "price": price,
        "quantity": quantity,
        "tax_rates": [],
    }
    return {
        "add_invoice_items": [], "application_fee_percent": None, "billing_cycle_anchor": None, "collection_method": None,
        "currency": "usd", "default_payment_method": None, "default_tax_rates": [], "description": None, "discounts": [],
        "end_date": span[1], "invoice_settings": None, "items": [item], "metadata": words, "on_behalf_of": None,
        "proration_behavior": "none", "start_date": span[0], "transfer_data": None, "trial_end": None,
    }  # fmt: skip


def _update(call: Call) -> Words:
    books, schedule = call.books, call.books.get("subscription_schedule", call.key)
    _check(schedule)
    phases = many(call.params, "phases")
    if len(phases) not in (1, 2):
        raise invalid("The sandbox keeps schedules of one or two phases.", param="phases")
    now, begun = schedule["current_phase"], whole(phases[0], "start_date")
    if begun != now["start_date"]:
        raise invalid("You can not modify the start date of the current phase.", param="phases[0][start_date]")
    first = _read(books, phases[0], (begun, whole(phases[0], "end_date", now["end_date"])))
    schedule["phases"] = [first]
    if len(phases) == 2:
        schedule["phases"].append(_read(books, phases[1], (first["end_date"], _end(phases[1], first["end_date"]))))
    books.tell("subscription_schedule.updated", schedule)
    return schedule


def _end(phase: Params, begun: int) -> int:
    if "end_date" in phase:
        return whole(phase, "end_date")
    lasts = inner(phase, "duration")
    return period_end(begun, text(lasts, "interval"), whole(lasts, "interval_count", 1), after=begun)


def _read(books: Books, phase: Params, span: tuple[int, int]) -> Words:
    items = many(phase, "items")
    if len(items) != 1:
        raise invalid("The sandbox keeps one item per phase.", param="phases[items]")
    price = price_named(books, text(items[0], "price"))
    return _phase(price["id"], whole(items[0], "quantity", 1), span, metadata(phase))


def _check(schedule: Words) -> None:
    if schedule["status"] not in ("active", "not_started"):
        raise invalid(f"You cannot update a subscription schedule that is currently in the `{schedule['status']}` status.")


def _release(call: Call) -> Words:
    books, schedule = call.books, call.books.get("subscription_schedule", call.key)
    _check(schedule)
    subscription = books.kept[schedule["subscription"]]
    with books.changing(subscription, "customer.subscription.updated"):
        release(books, schedule, subscription)
    return schedule


def _list(call: Call) -> Words:
    equal = {"customer": call.params["customer"]} if call.params.get("customer") else {}
    return page("/v1/subscription_schedules", call.books.every("subscription_schedule", **equal), call.params)


ROUTES: Routes = {
    "POST /v1/subscription_schedules": _create,
    "GET /v1/subscription_schedules": _list,
    "GET /v1/subscription_schedules/{id}": lambda call: call.books.get("subscription_schedule", call.key),
    "POST /v1/subscription_schedules/{id}": _update,
    "POST /v1/subscription_schedules/{id}/release": _release,
}
