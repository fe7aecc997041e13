"""Objects that bill, as Stripe words them: subscriptions, invoices, schedules, sessions, test clocks."""

from typing import Any

from sandbox.stripe.books import Books, Words
from sandbox.stripe.lists import listed

DAY = 86_400


def subscription(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("sub"), "object": "subscription", "application": None, "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": None, "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_thresholds": None, "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "collection_method": "charge_automatically",
        "created": now, "currency": "usd", "customer": None, "days_until_due": None, "default_payment_method": None,
        "default_source": None, "default_tax_rates": [], "description": None, "discounts": [], "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "items": listed("/v1/subscription_items", []),
        "latest_invoice": None, "livemode": False, "metadata": {}, "next_pending_invoice_item_invoice": None, "on_behalf_of": None,
        "pause_collection": None, "payment_settings": {"payment_method_options": None, "payment_method_types": None,
        "save_default_payment_method": "off"}, "pending_invoice_item_interval": None, "pending_setup_intent": None,
        "pending_update": None, "schedule": None, "start_date": now, "status": "incomplete", "test_clock": None, "transfer_data": None,
        "trial_end": None, "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}}, "trial_start": None, **given,
    }  # fmt: skip


def item(books: Books, now: int, price: Words, **given: Any) -> Words:
    return {
        "id": books.new_id("si"), "object": "subscription_item", "billing_thresholds": None, "created": now, "current_period_end": now,
        "current_period_start": now, "discounts": [], "metadata": {}, "plan": plan(price), "price": price, "quantity": 1,
        "subscription": None, "tax_rates": [], **given,
    }  # fmt: skip


def plan(price: Words) -> Words:
    """The price once more, as it was worded before prices."""
    often = price["recurring"]
    return {
        "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": "per_unit", "created": price["created"],
        "currency": price["currency"], "interval": often["interval"], "interval_count": often["interval_count"], "livemode": False,
        "metadata": {}, "meter": None, "nickname": price["nickname"], "product": price["product"], "tiers_mode": None,
        "transform_usage": None, "trial_period_days": None, "usage_type": "licensed",
    }  # fmt: skip


def invoice(books: Books, now: int, **given: Any) -> Words:
    key = books.new_id("in")
    return {
        "id": key, "object": "invoice", "account_country": "US", "account_name": "Sandbox", "account_tax_ids": None, "amount_due": 0,
        "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": 0, "amount_shipping": 0, "application": None, "attempt_count": 0,
        "attempted": False, "auto_advance": True, "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None,
        "provider": None, "status": None}, "automatically_finalizes_at": None, "billing_reason": "manual",
        "collection_method": "charge_automatically", "created": now, "currency": "usd", "custom_fields": None, "customer": None,
        "customer_address": None, "customer_email": None, "customer_name": None, "customer_phone": None, "customer_shipping": None,
        "customer_tax_exempt": "none", "customer_tax_ids": [], "default_payment_method": None, "default_source": None,
        "default_tax_rates": [], "description": None, "discounts": [], "due_date": None, "effective_at": None, "ending_balance": None,
        "footer": None, "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None, "issuer": {"type": "self"},
        "last_finalization_error": None, "latest_revision": None, "lines": listed(f"/v1/invoices/{key}/lines", []), "livemode": False,
        "metadata": {}, "next_payment_attempt": None, "number": None, "on_behalf_of": None, "parent": None, "payment_settings": {
        "default_mandate": None, "payment_method_options": None, "payment_method_types": None}, "period_end": now, "period_start": now,
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "receipt_number": None, "rendering": None,
        "shipping_cost": None, "shipping_details": None, "starting_balance": 0, "statement_descriptor": None, "status": "draft",
        "status_transitions": {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None},
        "subtotal": 0, "subtotal_excluding_tax": 0, "test_clock": None, "total": 0, "total_discount_amounts": [],
        "total_excluding_tax": 0, "total_pretax_credit_amounts": [], "total_taxes": [], "webhooks_delivered_at": None, **given,
    }  # fmt: skip


def line(books: Books, subscription: Words, item: Words, *, amount: int, period: tuple[int, int], is_proration: bool, said: str) -> Words:  # noqa: PLR0913
    price = item["price"]
    details = {
        "invoice_item": None, "proration": is_proration, "proration_details": {"credited_items": None},
        "subscription": subscription["id"], "subscription_item": item["id"],
    }  # fmt: skip
    priced = {"price_details": {"price": price["id"], "product": price["product"]}, "type": "price_details"}
    return {
        "id": books.new_id("il"), "object": "line_item", "amount": amount, "currency": price["currency"], "description": said,
        "discount_amounts": [], "discountable": not is_proration, "discounts": [], "invoice": None, "livemode": False, "metadata": {},
        "parent": {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"},
        "period": {"end": period[1], "start": period[0]}, "pretax_credit_amounts": [],
        "pricing": {**priced, "unit_amount_decimal": price["unit_amount_decimal"]}, "quantity": item["quantity"],
        "subscription": subscription["id"], "subtotal": amount, "taxes": [],
    }  # fmt: skip


def invoice_payment(books: Books, now: int, invoice: Words, intent: Words) -> Words:
    return {
        "id": books.new_id("inpay"), "object": "invoice_payment", "amount_paid": None, "amount_requested": invoice["amount_due"],
        "created": now, "currency": invoice["currency"], "invoice": invoice["id"], "is_default": True, "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"}, "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }  # fmt: skip


def checkout(books: Books, now: int, **given: Any) -> Words:
    key = books.new_id("cs_test")
    return {
        "id": key, "object": "checkout.session", "adaptive_pricing": {"enabled": False}, "after_expiration": None,
        "allow_promotion_codes": None, "amount_subtotal": 0, "amount_total": 0, "automatic_tax": {"enabled": False, "liability": None,
        "provider": None, "status": None}, "billing_address_collection": None, "cancel_url": None, "client_reference_id": None,
        "client_secret": None, "collected_information": None, "consent": None, "consent_collection": None, "created": now,
        "currency": "usd", "currency_conversion": None, "custom_fields": [], "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")), "customer": None, "customer_creation": None,
        "customer_details": None, "customer_email": None, "discounts": [], "expires_at": now + DAY, "invoice": None,
        "invoice_creation": None, "livemode": False, "locale": None, "metadata": {}, "mode": "subscription", "payment_intent": None,
        "payment_link": None, "payment_method_collection": "always", "payment_method_configuration_details": None,
        "payment_method_options": {}, "payment_method_types": ["card"], "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False}, "recovered_from": None, "saved_payment_method_options": None,
        "setup_intent": None, "shipping_address_collection": None, "shipping_cost": None, "shipping_options": [], "status": "open",
        "submit_type": None, "subscription": None, "success_url": None, "total_details": {"amount_discount": 0, "amount_shipping": 0,
        "amount_tax": 0}, "ui_mode": "hosted_page", "url": None, "wallet_options": None, **given,
    }  # fmt: skip


def schedule(books: Books, now: int, subscription: Words) -> Words:
    return {
        "id": books.new_id("sub_sched"), "object": "subscription_schedule", "application": None,
        "billing_mode": subscription["billing_mode"], "canceled_at": None, "completed_at": None, "created": now, "current_phase": None,
        "customer": subscription["customer"], "default_settings": {"application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "billing_cycle_anchor": "automatic",
        "collection_method": "charge_automatically", "default_payment_method": None, "default_source": None, "description": None,
        "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}}, "on_behalf_of": None,
        "transfer_data": None}, "end_behavior": "release", "livemode": False, "metadata": {}, "phases": [], "released_at": None,
        "released_subscription": None, "status": "active", "subscription": subscription["id"], "test_clock": subscription["test_clock"],
    }  # fmt: skip


def test_clock(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("clock"), "object": "test_helpers.test_clock", "created": now, "deletes_after": now + 30 * DAY,
        "frozen_time": now, "livemode": False, "name": None, "status": "ready", "status_details": {}, **given,
    }  # fmt: skip


def portal(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("bps"), "object": "billing_portal.session", "configuration": "bpc_sandbox", "created": now, "customer": None,
        "flow": None, "livemode": False, "locale": None, "on_behalf_of": None, "return_url": None, "url": "", **given,
    }  # fmt: skip
