"""Dodo's API and webhooks, written from its documentation and its public SDK's types. Nothing of it was compared with the real one.

| the sandbox's own | does |
|---|---|
| `POST /_dodo/pay/{session}` `{"card": "declined"}` | the payer pays; without `card`, well |
| `POST /_dodo/renew/{subscription}` `{"card": "declined"}` | the period ends |
| `POST /_dodo/pump` | sends what waits to `Dodo.endpoint` |

The key is any bearer but an empty one or "revoked". There is no idempotency: none is documented.
"""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from sandbox.dodo import shapes
from sandbox.dodo.shapes import Words, written
from sandbox.serving import Answered, Asked
from sandbox.world import Clock

SECRET = "whsec_" + base64.b64encode(b"sandbox-dodo-secret-of-24b").decode()
MONTH = timedelta(days=30)
PRODUCTS = {"prod_starter": 1_900, "prod_growth": 4_900}


class No(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answered.of_json({"code": code, "message": message}, status=status)


@dataclass
class Dodo:
    """The service. `waiting` holds webhooks not yet sent: (id, body)."""

    clock: Clock
    endpoint: str | None = None
    kept: dict[str, Words] = field(default_factory=dict)
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _numbers: "count[int]" = field(default_factory=lambda: count(1), repr=False)

    hosts = ("live.dodopayments.com", "test.dodopayments.com")
    paths = ("/customers", "/checkouts", "/subscriptions", "/refunds", "/payments", "/_dodo/")

    def answer(self, asked: Asked) -> Answered | None:
        try:
            if not asked.path.startswith("/_dodo/") and asked.headers.get("authorization", "") in ("", "Bearer revoked"):
                raise No(401, "UNAUTHORIZED", "The API key is not accepted.")
            with self.lock:
                return self._routed(asked)
        except No as no:
            return no.answer
        except (KeyError, ValueError, TypeError) as error:
            return No(422, "INVALID_REQUEST_BODY", str(error)).answer

    def _routed(self, asked: Asked) -> Answered | None:
        for pattern, does in ROUTES.items():
            match = re.fullmatch(pattern, f"{asked.method} {asked.path}")
            if match:
                made = does(self, match[1] if match.groups() else "", {**asked.query, **(asked.json() or {})})
                return Answered(200) if made is None else Answered.of_json(made)
        return None

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_sandbox{next(self._numbers):06d}"

    def get(self, key: str) -> Words:
        if key not in self.kept:
            raise No(404, "NOT_FOUND", f"{key} was not found")
        return self.kept[key]

    def tell(self, word: str, kind: str, thing: Words) -> None:
        body = {
            "business_id": shapes.BUSINESS,
            "type": word,
            "timestamp": written(self.clock.now()),
            "data": {"payload_type": kind, **thing},
        }
        self.waiting.append((self.new_id("msg"), json.dumps(body).encode()))

    def pump(self) -> int:
        """Sends all that waits; what is not taken waits on. How many were taken."""
        import httpx

        due, self.waiting, taken = self.waiting, [], 0
        for key, body in due:
            headers = signed(key, body, int(self.clock.now().timestamp()))
            status = httpx.post(str(self.endpoint), content=body, headers=headers, trust_env=False, timeout=10).status_code
            taken += 200 <= status < 300
            self.waiting += [] if 200 <= status < 300 else [(key, body)]
        return taken


def signed(key: str, body: bytes, now: int, secret: str = SECRET) -> dict[str, str]:
    """Headers as Standard Webhooks says."""
    made = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"{key}.{now}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": key, "webhook-timestamp": str(now), "webhook-signature": f"v1,{base64.b64encode(made).decode()}"}


def _customer(dodo: Dodo, _: str, words: Words) -> Words:
    made = shapes.customer(dodo.new_id("cus"), dodo.clock.now(), words)
    dodo.kept[made["customer_id"]] = made
    return made


def _checkout(dodo: Dodo, _: str, words: Words) -> Words:
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


def _pay(dodo: Dodo, key: str, words: Words) -> Words:
    session = dodo.get(key)
    made = shapes.subscription(dodo.new_id("sub"), dodo.clock.now(), session, PRODUCTS[session["product"]], MONTH)
    dodo.kept[made["subscription_id"]] = made
    _charge(dodo, made, 0 if session["trial"] else PRODUCTS[session["product"]], words)
    made["status"] = "failed" if words.get("card") == "declined" else "active"
    dodo.tell(f"subscription.{made['status']}", "Subscription", made)
    return made


def _charge(dodo: Dodo, subscription: Words, amount: int, words: Words) -> bool:
    is_paid = words.get("card") != "declined"
    made = shapes.payment(dodo.new_id("pay"), dodo.clock.now(), subscription, amount, is_paid=is_paid)
    dodo.kept[made["payment_id"]] = made
    dodo.tell(f"payment.{made['status']}", "Payment", made)
    return is_paid


def _renew(dodo: Dodo, key: str, words: Words) -> Words:
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


def _end(dodo: Dodo, made: Words) -> Words:
    made |= {"status": "cancelled", "cancelled_at": written(dodo.clock.now()), "scheduled_change": None}
    dodo.tell("subscription.cancelled", "Subscription", made)
    return made


def _patch(dodo: Dodo, key: str, words: Words) -> Words:
    made = dodo.get(key)
    if made["status"] == "cancelled":
        raise No(409, "SUBSCRIPTION_NOT_ACTIVE", f"{key} is over")
    if words.get("status") == "cancelled":
        return _end(dodo, made)
    made["cancel_at_next_billing_date"] = bool(words.get("cancel_at_next_billing_date"))
    dodo.tell("subscription.updated", "Subscription", made)
    return made


def _change(dodo: Dodo, key: str, words: Words) -> None:
    made, product = dodo.get(key), words["product_id"]
    if made["status"] != "active":
        raise No(409, "SUBSCRIPTION_NOT_ACTIVE", f"{key} is not active")
    if words.get("effective_at") == "next_billing_date":
        made["scheduled_change"] = shapes.planned(dodo.new_id("spc"), dodo.clock.now(), product, made["next_billing_date"])
        return
    _charge(dodo, made, shapes.difference(made, PRODUCTS[product], dodo.clock.now()), words)
    made |= {"product_id": product, "recurring_pre_tax_amount": PRODUCTS[product], "scheduled_change": None}
    dodo.tell("subscription.plan_changed", "Subscription", made)


def _preview(dodo: Dodo, key: str, words: Words) -> Words:
    return shapes.preview(dodo.get(key), words["product_id"], PRODUCTS[words["product_id"]], dodo.clock.now())


def _unplan(dodo: Dodo, key: str, _: Words) -> None:
    dodo.get(key)["scheduled_change"] = None


def _refund(dodo: Dodo, _: str, words: Words) -> Words:
    payment = dodo.get(words["payment_id"])
    if payment["status"] != "succeeded" or payment["refunds"]:
        raise No(409, "REFUND_NOT_POSSIBLE", "Nothing is left of this payment.")
    made = shapes.refund(dodo.new_id("ref"), dodo.clock.now(), payment, words.get("reason"))
    payment["refunds"].append(made)
    dodo.tell("refund.succeeded", "Refund", made)
    return made


def _mine(dodo: Dodo, customer: str) -> Words:
    there = [each for each in dodo.kept.values() if "subscription_period_count" in each and each["customer"]["customer_id"] == customer]
    return {"items": there[::-1]}


ROUTES: dict[str, Callable[[Dodo, str, Words], Words | None]] = {
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
    "GET /payments/([^/]+)": lambda dodo, key, _: dodo.get(key),
    "POST /_dodo/pay/([^/]+)": _pay,
    "POST /_dodo/renew/([^/]+)": _renew,
    "POST /_dodo/pump": lambda dodo, _, __: {"taken": dodo.pump()},
}
