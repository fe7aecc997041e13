"""Dodo's objects as its public SDK's types name their fields."""

from datetime import UTC, datetime, timedelta
from typing import Any

Words = dict[str, Any]
BUSINESS = "bus_sandbox"
ADDRESS = {"city": None, "country": "US", "state": None, "street": None, "zipcode": None}


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def customer(key: str, now: datetime, words: Words) -> Words:
    return {
        "business_id": BUSINESS, "created_at": written(now), "customer_id": key, "email": words["email"], "name": words["name"],
        "metadata": words.get("metadata") or {}, "phone_number": None,
    }  # fmt: skip


def limited(customer: Words) -> Words:
    return {name: customer[name] for name in ("customer_id", "email", "name", "metadata", "phone_number")}


def subscription(key: str, now: datetime, session: Words, amount: int, period: timedelta) -> Words:
    until = now + (timedelta(days=session["trial"]) if session["trial"] else period)
    return {
        "addons": [], "billing": ADDRESS, "cancel_at_next_billing_date": False, "cancelled_at": None, "created_at": written(now),
        "credit_entitlement_cart": [], "currency": "USD", "customer": limited(session["customer"]), "custom_field_responses": None,
        "discount_cycles_remaining": None, "discount_id": None, "expires_at": None, "metadata": session["metadata"],
        "meter_credit_entitlement_cart": [], "meters": [], "next_billing_date": written(until), "on_demand": False,
        "payment_frequency_count": 1, "payment_frequency_interval": "Month", "payment_method_id": "pm_sandbox",
        "previous_billing_date": written(now), "product_id": session["product"], "quantity": 1, "recurring_pre_tax_amount": amount,
        "scheduled_change": None, "status": "pending", "subscription_id": key, "subscription_period_count": 10,
        "subscription_period_interval": "Year", "tax_id": None, "tax_inclusive": False, "trial_period_days": session["trial"],
    }  # fmt: skip


def payment(key: str, now: datetime, subscription: Words, amount: int, *, is_paid: bool) -> Words:
    return {
        "billing": ADDRESS, "brand_id": BUSINESS, "business_id": BUSINESS, "card_last_four": "4242", "card_network": "VISA",
        "created_at": written(now), "currency": "USD", "customer": subscription["customer"], "digital_products_delivered": False,
        "disputes": [], "error_code": None if is_paid else "CARD_DECLINED", "error_message": None if is_paid else "The card was declined.",
        "invoice_id": f"inv_{key}", "metadata": subscription["metadata"], "payment_id": key, "payment_method": "card", "refunds": [],
        "settlement_amount": amount, "settlement_currency": "USD", "status": "succeeded" if is_paid else "failed",
        "subscription_id": subscription["subscription_id"], "tax": 0, "total_amount": amount, "updated_at": None,
    }  # fmt: skip


def refund(key: str, now: datetime, payment: Words, reason: str | None) -> Words:
    return {
        "amount": payment["total_amount"], "brand_id": BUSINESS, "business_id": BUSINESS, "created_at": written(now), "currency": "USD",
        "customer": payment["customer"], "is_partial": False, "metadata": {}, "payment_id": payment["payment_id"], "reason": reason,
        "refund_id": key, "status": "succeeded",
    }  # fmt: skip


def planned(key: str, now: datetime, product: str, effective_at: str) -> Words:
    return {
        "addons": [], "created_at": written(now), "effective_at": effective_at, "id": key, "product_description": None,
        "product_id": product, "product_name": product, "quantity": 1,
    }  # fmt: skip


def method(customer: str) -> Words:
    card = {"card_network": "VISA", "card_type": "CREDIT", "expiry_month": "12", "expiry_year": "2029", "last4_digits": "4242"}
    return {"card": card, "customer_id": customer, "payment_method": "card", "payment_method_id": "pm_sandbox"}


def _left(subscription: Words, now: datetime) -> float:
    begun, end = (datetime.fromisoformat(subscription[f"{name}_billing_date"]) for name in ("previous", "next"))
    return max(0.0, (end - now) / (end - begun))


def difference(subscription: Words, amount: int, now: datetime) -> int:
    left = _left(subscription, now)
    before: int = subscription["recurring_pre_tax_amount"]
    return max(0, round(amount * left) - round(before * left))


def preview(subscription: Words, product: str, amount: int, now: datetime) -> Words:
    left = _left(subscription, now)
    line = {"currency": "USD", "proration_factor": left, "quantity": 1, "tax": 0, "tax_inclusive": False, "tax_rate": None,
            "type": "subscription", "description": None}  # fmt: skip
    credited = -subscription["recurring_pre_tax_amount"]
    items = [
        {**line, "id": "li_1", "product_id": subscription["product_id"], "name": "Unused time", "unit_price": credited},
        {**line, "id": "li_2", "product_id": product, "name": "Remaining time", "unit_price": amount},
    ]
    due = difference(subscription, amount, now)
    summary = {"currency": "USD", "customer_credits": 0, "settlement_amount": due, "settlement_currency": "USD", "settlement_tax": 0,
               "tax": 0, "total_amount": due}  # fmt: skip
    return {"immediate_charge": {"line_items": items, "summary": summary}, "new_plan": {**subscription, "product_id": product}}
