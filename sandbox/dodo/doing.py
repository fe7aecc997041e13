"""What each call of Dodo's API does, and what payers and time do."""

from collections.abc import Callable
from datetime import timedelta

from sandbox.dodo import shapes
from sandbox.dodo.books import Books, No
from sandbox.dodo.shapes import Words, written

MONTH = timedelta(days=30)
PRODUCTS = {"prod_starter": 1_900, "prod_growth": 4_900}


def _customer(dodo: Books, _: str, words: Words) -> Words:
    made = shapes.customer(dodo.new_id("cus"), dodo.clock.now(), words)
    dodo.kept[made["customer_id"]] = made
    return made


def _checkout(dodo: Books, _: str, words: Words) -> Words:
    product = words["product_cart"][0]["product_id"]
    if product not in PRODUCTS:
        raise No(404, "PRODUCT_NOT_FOUND", f"{product} was not found")
    key = dodo.new_id("cks")
    trial = (words.get("subscription_data") or {}).get("trial_period_days", 0)
    dodo.kept[key] = {
        "product": product,
        "trial": trial,
        "metadata": words["metadata"],
        "customer": dodo.get(words["customer"]["customer_id"]),
    }
    return {"session_id": key, "checkout_url": f"https://checkout.dodopayments.com/session/{key}"}


def _pay(dodo: Books, key: str, words: Words) -> Words:
    session = dodo.get(key)
    made = shapes.subscription(dodo.new_id("sub"), dodo.clock.now(), session, PRODUCTS[session["product"]], MONTH)
    dodo.kept[made["subscription_id"]] = made
    _charge(dodo, made, 0 if session["trial"] else PRODUCTS[session["product"]], words)
    made["status"] = "failed" if words.get("card") == "declined" else "active"
    dodo.tell(f"subscription.{made['status']}", "Subscription", made)
    return made


def _charge(dodo: Books, subscription: Words, amount: int, words: Words) -> bool:
    is_paid = words.get("card") != "declined"
    made = shapes.payment(dodo.new_id("pay"), dodo.clock.now(), subscription, amount, is_paid=is_paid)
    dodo.kept[made["payment_id"]] = made
    dodo.tell(f"payment.{made['status']}", "Payment", made)
    return is_paid


def _renew(dodo: Books, key: str, words: Words) -> Words:
    """What was to happen at the end of the period happens; else it is paid for anew."""
    made, now = dodo.get(key), dodo.clock.now()
    if made["cancel_at_next_billing_date"]:
        return _end(dodo, made)
    planned, made["scheduled_change"] = made["scheduled_change"], None
    if planned:
        made |= {"product_id": planned["product_id"], "recurring_pre_tax_amount": PRODUCTS[planned["product_id"]]}
        dodo.tell("subscription.plan_changed", "Subscription", made)
    is_paid = _charge(dodo, made, made["recurring_pre_tax_amount"], words)
    made |= {"status": "active" if is_paid else "on_hold", "previous_billing_date": written(now), "next_billing_date": written(now + MONTH)}
    dodo.tell("subscription.renewed" if is_paid else "subscription.on_hold", "Subscription", made)
    return made


def _end(dodo: Books, made: Words) -> Words:
    made |= {"status": "cancelled", "cancelled_at": written(dodo.clock.now()), "scheduled_change": None}
    dodo.tell("subscription.cancelled", "Subscription", made)
    return made


def _patch(dodo: Books, key: str, words: Words) -> Words:
    made = dodo.get(key)
    if made["status"] == "cancelled":
        raise No(409, "SUBSCRIPTION_NOT_ACTIVE", f"{key} is over")
    if words.get("status") == "cancelled":
        return _end(dodo, made)
    made["cancel_at_next_billing_date"] = bool(words.get("cancel_at_next_billing_date"))
    dodo.tell("subscription.updated", "Subscription", made)
    return made


def _change(dodo: Books, key: str, words: Words) -> None:
    made, product = dodo.get(key), words["product_id"]
    if made["status"] != "active":
        raise No(409, "SUBSCRIPTION_NOT_ACTIVE", f"{key} is not active")
    if words.get("effective_at") == "next_billing_date":
        made["scheduled_change"] = shapes.planned(dodo.new_id("spc"), dodo.clock.now(), product, made["next_billing_date"])
        return
    _charge(dodo, made, shapes.difference(made, PRODUCTS[product], dodo.clock.now()), words)
    made |= {"product_id": product, "recurring_pre_tax_amount": PRODUCTS[product], "scheduled_change": None}
    dodo.tell("subscription.plan_changed", "Subscription", made)


def _preview(dodo: Books, key: str, words: Words) -> Words:
    return shapes.preview(dodo.get(key), words["product_id"], PRODUCTS[words["product_id"]], dodo.clock.now())


def _unplan(dodo: Books, key: str, _: Words) -> None:
    dodo.get(key)["scheduled_change"] = None


def _refund(dodo: Books, _: str, words: Words) -> Words:
    payment = dodo.get(words["payment_id"])
    if payment["status"] != "succeeded" or payment["refunds"]:
        raise No(409, "REFUND_NOT_POSSIBLE", "Nothing is left of this payment.")
    made = shapes.refund(dodo.new_id("ref"), dodo.clock.now(), payment, words.get("reason"))
    payment["refunds"].append(made)
    dodo.tell("refund.succeeded", "Refund", made)
    return made


def _refunds(dodo: Books, _: str, words: Words) -> Words:
    """Newest first; of one customer where that is asked."""
    paid = [
        each for each in dodo.kept.values() if "refunds" in each and words.get("customer_id") in (None, each["customer"]["customer_id"])
    ]
    return {"items": [refund for each in paid for refund in each["refunds"]][::-1]}


def _mine(dodo: Books, customer: str) -> Words:
    there = [each for each in dodo.kept.values() if "subscription_period_count" in each and each["customer"]["customer_id"] == customer]
    return {"items": there[::-1]}


ROUTES: dict[str, Callable[[Books, str, Words], Words | None]] = {
    "POST /customers": _customer,
    "POST /customers/([^/]+)/customer-portal/session": lambda _, key, __: {"link": f"https://customer.dodopayments.com/session/{key}"},
    "GET /customers/([^/]+)/payment-methods": lambda _, key, __: {"items": [shapes.method(key)]},
    "POST /checkouts": _checkout,
    "GET /subscriptions": lambda dodo, _, words: _mine(dodo, words["customer_id"]),
    "GET /subscriptions/([^/]+)": lambda dodo, key, _: dodo.get(key),
    "PATCH /subscriptions/([^/]+)": _patch,
    "POST /subscriptions/([^/]+)/change-plan": _change,
    "POST /subscriptions/([^/]+)/change-plan/preview": _preview,
    "DELETE /subscriptions/([^/]+)/change-plan/scheduled": _unplan,
    "POST /refunds": _refund,
    "GET /refunds": _refunds,
    "GET /payments/([^/]+)": lambda dodo, key, _: dodo.get(key),
    "POST /_dodo/pay/([^/]+)": _pay,
    "POST /_dodo/renew/([^/]+)": _renew,
}
