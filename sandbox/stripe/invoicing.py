"""Invoices: drawn up, finalised, collected, tried again. Simpler than Stripe: one is finalised at once, not an hour later."""

from collections.abc import Sequence

from sandbox.stripe import cards, charging, shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.refusals import Refusal, invalid

DAY = 86_400
# Days after the last try. After the last of them the subscription ends.
RETRY_DAYS = (3, 5, 7)


def drawn_up(books: Books, subscription: Words, lines: Sequence[Words], *, reason: str) -> Words:
    """A draft that stands in no books yet. What it leaves to pay already counts in the customer's balance."""
    customer, now = books.kept[subscription["customer"]], books.now(subscription)
    total = sum(line["amount"] for line in lines)
    draft = shapes_billing.invoice(
        books, now, billing_reason=reason, currency=subscription["currency"], customer=customer["id"], customer_email=customer["email"],
        customer_name=customer["name"], test_clock=customer["test_clock"], subtotal=total, subtotal_excluding_tax=total, total=total,
        total_excluding_tax=total, starting_balance=customer["balance"], parent={
            "quote_details": None, "type": "subscription_details", "subscription_details": {
                "metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}},
    )  # fmt: skip
    after = total + customer["balance"]
    draft |= {"amount_due": max(0, after), "amount_remaining": max(0, after), "ending_balance": min(0, after)}
    draft["lines"] |= {"data": [{**line, "invoice": draft["id"]} for line in lines], "total_count": len(lines)}
    return draft


def bill(books: Books, subscription: Words, lines: Sequence[Words], *, reason: str, is_authenticated: bool = False) -> Refusal | None:
    """Draws up, finalises and collects an invoice. None: paid, or nothing to pay."""
    invoice = books.put(drawn_up(books, subscription, lines, reason=reason))
    subscription["latest_invoice"] = invoice["id"]
    books.tell("invoice.created", invoice)
    _finalise(books, invoice)
    return collect(books, invoice, is_authenticated=is_authenticated)


def _finalise(books: Books, invoice: Words) -> None:
    customer, now = books.kept[invoice["customer"]], books.now(invoice)
    page_url = f"{books.site or 'https://invoice.stripe.com'}/i/{invoice['id']}"
    invoice |= {
        "status": "open", "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}", "effective_at": now,
        "hosted_invoice_url": page_url, "invoice_pdf": f"{page_url}/pdf",
    }  # fmt: skip
    invoice["status_transitions"]["finalized_at"] = now
    customer["next_invoice_sequence"] += 1
    customer["currency"] = invoice["currency"]
    if customer["balance"] != invoice["ending_balance"]:
        with books.changing(customer, "customer.updated"):
            customer["balance"] = invoice["ending_balance"]
    books.tell("invoice.finalized", invoice)


def collect(books: Books, invoice: Words, *, method: Words | None = None, is_authenticated: bool = False) -> Refusal | None:
    """One try. The next one is set where it fails."""
    if invoice["amount_due"] == 0:
        _paid(books, invoice, None)
        return None
    subscription, customer = subscription_of(books, invoice), books.kept[invoice["customer"]]
    payment = _payment(books, invoice)
    intent = books.kept[payment["payment"]["payment_intent"]]
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    paying = method or cards.paying_method(books, customer, subscription)
    refusal = charging.attempt(books, intent, paying, is_authenticated=is_authenticated)
    if refusal is None:
        _paid(books, invoice, payment)
        return None
    _missed(books, invoice)
    if intent["status"] == "requires_action":
        books.tell("invoice.payment_action_required", invoice)
    books.tell("invoice.payment_failed", invoice)
    return refusal


def subscription_of(books: Books, invoice: Words) -> Words | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return books.kept.get(details.get("subscription", ""))


def _payment(books: Books, invoice: Words) -> Words:
    """The same payment intent for all tries of one invoice."""
    there = books.every("invoice_payment", invoice=invoice["id"])
    if there:
        return there[0]
    intent = charging.new_intent(
        books, amount=invoice["amount_due"], currency=invoice["currency"], customer=books.kept[invoice["customer"]], said="Subscription"
    )
    return books.put(shapes_billing.invoice_payment(books, books.now(invoice), invoice, intent))


def _paid(books: Books, invoice: Words, payment: Words | None) -> None:
    now = books.now(invoice)
    invoice |= {
        "status": "paid", "attempted": True, "amount_paid": invoice["amount_due"], "amount_remaining": 0, "next_payment_attempt": None,
        "auto_advance": False,
    }  # fmt: skip
    invoice["status_transitions"]["paid_at"] = now
    if payment:
        payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
        payment["status_transitions"]["paid_at"] = now
    books.tell("invoice.paid", invoice)
    books.tell("invoice.payment_succeeded", invoice)


def _missed(books: Books, invoice: Words) -> None:
    """A first invoice is not tried again: it waits for the payer."""
    tries, is_first = invoice["attempt_count"], invoice["billing_reason"] == "subscription_create"
    again = tries <= len(RETRY_DAYS) and not is_first
    invoice["next_payment_attempt"] = books.now(invoice) + RETRY_DAYS[tries - 1] * DAY if again else None


def _pay(call: Call) -> Words:
    from sandbox.stripe.renewing import settle

    books, invoice = call.books, call.books.get("invoice", call.key)
    if invoice["status"] != "open":
        raise invalid("Invoice is already paid" if invoice["status"] == "paid" else "This invoice can no longer be paid.",
                      code="invoice_already_paid" if invoice["status"] == "paid" else None)  # fmt: skip
    key = call.params.get("payment_method")
    refusal = collect(books, invoice, method=cards.by_key(books, key, books.kept[invoice["customer"]]) if key else None)
    subscription = subscription_of(books, invoice)
    if subscription:
        settle(books, subscription)
    if refusal:
        raise refusal
    return invoice


def _void(call: Call) -> Words:
    invoice = call.books.get("invoice", call.key)
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid("You can only pass in open or uncollectible invoices. This invoice isn't open.")
    invoice |= {"status": "void", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["voided_at"] = call.books.now(invoice)
    call.books.tell("invoice.voided", invoice)
    return invoice


def _list(call: Call) -> Words:
    params = call.params
    there = call.books.every("invoice", **{name: params[name] for name in ("customer", "status") if params.get(name)})
    wanted = params.get("subscription")
    if wanted:
        there = [each for each in there if (subscription_of(call.books, each) or {}).get("id") == wanted]
    return page("/v1/invoices", there, params)


def _lines(call: Call) -> Words:
    return page(f"/v1/invoices/{call.key}/lines", call.books.get("invoice", call.key)["lines"]["data"], call.params)


def _payments(call: Call) -> Words:
    params = call.params
    there = call.books.every("invoice_payment", **({"invoice": params["invoice"]} if params.get("invoice") else {}))
    wanted = (params.get("payment") or {}).get("payment_intent")
    if wanted:
        there = [each for each in there if each["payment"]["payment_intent"] == wanted]
    return page("/v1/invoice_payments", there, params)


ROUTES: Routes = {
    "GET /v1/invoices": _list,
    "GET /v1/invoices/{id}": lambda call: call.books.get("invoice", call.key),
    "GET /v1/invoices/{id}/lines": _lines,
    "POST /v1/invoices/{id}/pay": _pay,
    "POST /v1/invoices/{id}/void": _void,
    "GET /v1/invoice_payments": _payments,
}
