"""Payment intents and the charges that they try."""

from sandbox.stripe import cards, shapes
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import flag, metadata, text, whole
from sandbox.stripe.refusals import Refusal, invalid


def new_intent(books: Books, *, amount: int, currency: str, customer: Words | None, said: str | None = None) -> Words:
    key = customer["id"] if customer else None
    made = shapes.payment_intent(books, books.now(customer), amount=amount, currency=currency, customer=key, description=said)
    books.put(made)
    books.tell("payment_intent.created", made)
    return made


def attempt(books: Books, intent: Words, method: Words | None, *, is_authenticated: bool = False) -> Refusal | None:
    """Tries to take the money; None: taken. Otherwise the intent says what is wrong."""
    refusal = cards.refusal(method)
    intent["payment_method"] = method["id"] if method else None
    if method is not None and refusal is None and cards.asks(method) and not is_authenticated:
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        books.tell("payment_intent.requires_action", intent)
        return Refusal(402, "card_error", "This payment needs authentication.", is_kept=True, code="authentication_required",
                       decline_code="authentication_required")  # fmt: skip
    intent["next_action"] = None
    charge = _charge(books, intent, method, refusal) if method else None
    if refusal is not None:
        _fail(books, intent, charge, refusal)
        return refusal
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    books.tell("charge.succeeded", charge or {})
    books.tell("payment_intent.succeeded", intent)
    if method and cards.CARDS[method["_number"]].is_disputed:
        dispute(books, charge or {})
    return None


def _charge(books: Books, intent: Words, method: Words, refusal: Refusal | None) -> Words:
    error = refusal.error if refusal else {}
    made = books.put(shapes.charge(
        books, books.now(intent), amount=intent["amount"], amount_captured=0 if refusal else intent["amount"], captured=refusal is None,
        currency=intent["currency"], customer=intent["customer"], failure_code=error.get("code"), failure_message=error.get("message"),
        outcome=shapes.outcome(is_paid=refusal is None, reason=error.get("decline_code")), paid=refusal is None,
        payment_intent=intent["id"], payment_method=method["id"], payment_method_details=shapes.card_details(method),
        status="failed" if refusal else "succeeded", balance_transaction=None if refusal else books.new_id("txn"),
        description=intent["description"],
    ))  # fmt: skip
    intent["latest_charge"] = made["id"]
    return made


def _fail(books: Books, intent: Words, charge: Words | None, refusal: Refusal) -> None:
    error = {**refusal.error, "charge": charge["id"] if charge else None, "doc_url": "https://docs.stripe.com/error-codes"}
    intent |= {"status": "requires_payment_method", "last_payment_error": error, "payment_method": None}
    if charge:
        books.tell("charge.failed", charge)
    books.tell("payment_intent.payment_failed", intent)


def dispute(books: Books, charge: Words, *, reason: str = "fraudulent") -> Words:
    made = books.put(shapes.dispute(
        books, books.now(charge), amount=charge["amount"], charge=charge["id"], currency=charge["currency"],
        payment_intent=charge["payment_intent"], reason=reason, _customer=charge["customer"],
    ))  # fmt: skip
    charge["disputed"] = True
    books.tell("charge.dispute.created", made)
    return made


def close_dispute(books: Books, made: Words, *, is_won: bool) -> Words:
    made["status"] = "won" if is_won else "lost"
    books.tell("charge.dispute.closed", made)
    return made


def _create(call: Call) -> Words:
    books, params = call.books, call.params
    customer = books.get("customer", params["customer"]) if params.get("customer") else None
    amount = whole(params, "amount")
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer")
    made = new_intent(books, amount=amount, currency=text(params, "currency"), customer=customer, said=params.get("description"))
    made["metadata"] = metadata(params)
    return _confirmed(books, made, params.get("payment_method")) if flag(params, "confirm") else made


def _confirm(call: Call) -> Words:
    intent = call.books.get("payment_intent", call.key)
    if intent["status"] == "succeeded":
        said = "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        raise invalid(said, code="payment_intent_unexpected_state")
    return _confirmed(call.books, intent, call.params.get("payment_method"))


def _confirmed(books: Books, intent: Words, key: str | None) -> Words:
    customer = books.kept.get(intent["customer"] or "")
    method = cards.by_key(books, key, customer) if key else cards.paying_method(books, customer) if customer else None
    refusal = attempt(books, intent, method)
    if refusal is not None and intent["status"] != "requires_action":
        refusal.error["payment_intent"] = dict(intent)
        raise refusal
    return intent


def _cancel(call: Call) -> Words:
    intent = call.books.get("payment_intent", call.key)
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid(f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
                      code="payment_intent_unexpected_state")  # fmt: skip
    intent |= {"status": "canceled", "canceled_at": call.books.now(intent)}
    call.books.tell("payment_intent.canceled", intent)
    return intent


def _filtered(call: Call, kind: str, url: str) -> Words:
    equal = {name: call.params[name] for name in ("customer", "payment_intent", "charge") if call.params.get(name)}
    return page(url, call.books.every(kind, **equal), call.params)


ROUTES: Routes = {
    "POST /v1/payment_intents": _create,
    "GET /v1/payment_intents": lambda call: _filtered(call, "payment_intent", "/v1/payment_intents"),
    "GET /v1/payment_intents/{id}": lambda call: call.books.get("payment_intent", call.key),
    "POST /v1/payment_intents/{id}/confirm": _confirm,
    "POST /v1/payment_intents/{id}/cancel": _cancel,
    "GET /v1/charges": lambda call: _filtered(call, "charge", "/v1/charges"),
    "GET /v1/charges/{id}": lambda call: call.books.get("charge", call.key),
    "GET /v1/disputes": lambda call: _filtered(call, "dispute", "/v1/disputes"),
    "GET /v1/disputes/{id}": lambda call: call.books.get("dispute", call.key),
    "POST /v1/disputes/{id}/close": lambda call: close_dispute(call.books, call.books.get("dispute", call.key), is_won=False),
}
