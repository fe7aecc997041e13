"""Refunds: of a charge or of its payment intent, whole or in parts, never more than was taken."""

from sandbox.stripe import shapes
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, metadata, whole
from sandbox.stripe.refusals import invalid, required

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def _create(call: Call) -> Words:
    books, params = call.books, call.params
    charge, reason = _charge(books, params), params.get("reason")
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = whole(params, "amount", left)
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    if reason and reason not in REASONS:
        raise invalid(f"Invalid reason: must be one of {', '.join(REASONS)}", param="reason")
    made = books.put(shapes.refund(
        books, books.now(charge), amount=amount, charge=charge["id"], currency=charge["currency"], metadata=metadata(params),
        payment_intent=charge["payment_intent"], reason=reason, _customer=charge["customer"],
    ))  # fmt: skip
    with books.changing(charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.tell("refund.created", made)
    return made


def _charge(books: Books, params: Params) -> Words:
    if params.get("charge"):
        return books.get("charge", params["charge"])
    if not params.get("payment_intent"):
        raise required("payment_intent")
    intent = books.get("payment_intent", params["payment_intent"])
    if intent["status"] != "succeeded":
        raise invalid("This PaymentIntent does not have a successful charge to refund.", code="payment_intent_unexpected_state")
    return books.get("charge", intent["latest_charge"])


def _list(call: Call) -> Words:
    equal = {name: call.params[name] for name in ("charge", "payment_intent") if call.params.get(name)}
    return page("/v1/refunds", call.books.every("refund", **equal), call.params)


ROUTES: Routes = {
    "POST /v1/refunds": _create,
    "GET /v1/refunds": _list,
    "GET /v1/refunds/{id}": lambda call: call.books.get("refund", call.key),
}
