"""Objects as Stripe words them in the version of `books.VERSION`: customers, prices, cards, payments, refunds, disputes.

What bills is in `shapes_billing`. Fields that we have no use for are there too, as null, where the SDK's types name them.
"""

from typing import Any

from sandbox.stripe.books import Books, Words

Metadata = dict[str, str]
ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def customer(books: Books, now: int, **given: Any) -> Words:
    key = books.new_id("cus")
    return {
        "id": key, "object": "customer", "address": None, "balance": 0, "created": now, "currency": None, "default_source": None,
        "delinquent": False, "description": None, "discount": None, "email": None, "invoice_prefix": key[-8:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
        "livemode": False, "metadata": {}, "name": None, "next_invoice_sequence": 1, "phone": None, "preferred_locales": [],
        "shipping": None, "tax_exempt": "none", "test_clock": None, **given,
    }  # fmt: skip


def product(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("prod"), "object": "product", "active": True, "created": now, "default_price": None, "description": None,
        "images": [], "livemode": False, "marketing_features": [], "metadata": {}, "name": "", "package_dimensions": None,
        "shippable": None, "statement_descriptor": None, "tax_code": None, "type": "service", "unit_label": None, "updated": now,
        "url": None, **given,
    }  # fmt: skip


def price(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("price"), "object": "price", "active": True, "billing_scheme": "per_unit", "created": now, "currency": "usd",
        "custom_unit_amount": None, "livemode": False, "lookup_key": None, "metadata": {}, "nickname": None, "product": None,
        "recurring": None, "tax_behavior": "unspecified", "tiers_mode": None, "transform_quantity": None, "type": "one_time",
        "unit_amount": 0, "unit_amount_decimal": "0", **given,
    }  # fmt: skip


def recurring(interval: str, count: int) -> Words:
    return {"interval": interval, "interval_count": count, "meter": None, "trial_period_days": None, "usage_type": "licensed"}


def card(card_number: str, brand: str, year: int) -> Words:
    return {
        "brand": brand, "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}, "country": "US",
        "display_brand": brand, "exp_month": 12, "exp_year": year, "fingerprint": f"Sandbox{card_number[-8:]}", "funding": "credit",
        "generated_from": None, "last4": card_number[-4:], "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
    }  # fmt: skip


def payment_method(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("pm"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": {"address": dict(ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None}, "card": {},
        "created": now, "customer": None, "livemode": False, "metadata": {}, "type": "card", **given,
    }  # fmt: skip


def payment_intent(books: Books, now: int, **given: Any) -> Words:
    key = books.new_id("pi")
    return {
        "id": key, "object": "payment_intent", "amount": 0, "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0,
        "application": None, "application_fee_amount": None, "automatic_payment_methods": None, "canceled_at": None,
        "cancellation_reason": None, "capture_method": "automatic", "client_secret": f"{key}_secret_sandbox",
        "confirmation_method": "automatic", "created": now, "currency": "usd", "customer": None, "description": None,
        "last_payment_error": None, "latest_charge": None, "livemode": False, "metadata": {}, "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_configuration_details": None, "payment_method_options": {"card": {
            "installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "review": None, "setup_future_usage": None,
        "shipping": None, "source": None, "statement_descriptor": None, "statement_descriptor_suffix": None,
        "status": "requires_payment_method", "transfer_data": None, "transfer_group": None, **given,
    }  # fmt: skip


def charge(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("ch"), "object": "charge", "amount": 0, "amount_captured": 0, "amount_refunded": 0, "application": None,
        "application_fee": None, "application_fee_amount": None, "balance_transaction": None,
        "billing_details": {"address": dict(ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "SANDBOX", "captured": True, "created": now, "currency": "usd", "customer": None,
        "description": None, "disputed": False, "failure_balance_transaction": None, "failure_code": None, "failure_message": None,
        "fraud_details": {}, "livemode": False, "metadata": {}, "on_behalf_of": None, "outcome": None, "paid": True,
        "payment_intent": None, "payment_method": None, "payment_method_details": None, "receipt_email": None, "receipt_number": None,
        "receipt_url": None, "refunded": False, "review": None, "shipping": None, "source": None, "source_transfer": None,
        "statement_descriptor": None, "statement_descriptor_suffix": None, "status": "succeeded", "transfer_data": None,
        "transfer_group": None, **given,
    }  # fmt: skip


def outcome(*, is_paid: bool, reason: str | None) -> Words:
    said = "Payment complete." if is_paid else "The bank did not return any further details with this decline."
    return {
        "network_status": "approved_by_network" if is_paid else "declined_by_network", "reason": reason, "risk_level": "normal",
        "risk_score": 20, "seller_message": said, "type": "authorized" if is_paid else "issuer_declined",
    }  # fmt: skip


def card_details(method: Words) -> Words:
    """Of a charge."""
    kept = {
        name: method["card"][name] for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    }
    more = {"installments": None, "mandate": None, "network": method["card"]["brand"], "three_d_secure": None, "wallet": None}
    return {"card": {**kept, **more}, "type": "card"}


def refund(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("re"), "object": "refund", "amount": 0, "balance_transaction": books.new_id("txn"), "charge": None,
        "created": now, "currency": "usd", "destination_details": {"card": {"reference_status": "pending", "type": "refund"},
        "type": "card"}, "metadata": {}, "payment_intent": None, "reason": None, "receipt_number": None,
        "source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None, **given,
    }  # fmt: skip


EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file",
    "uncategorized_text",
)  # fmt: skip
WEEK = 7 * 86_400


def dispute(books: Books, now: int, **given: Any) -> Words:
    return {
        "id": books.new_id("dp"), "object": "dispute", "amount": 0, "balance_transactions": [], "charge": None, "created": now,
        "currency": "usd", "enhanced_eligibility_types": [], "evidence": dict.fromkeys(EVIDENCE), "evidence_details": {
            "due_by": now + WEEK, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": None, "reason": "fraudulent",
        "status": "needs_response", **given,
    }  # fmt: skip
