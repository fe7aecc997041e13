"""Cards of Stripe's test numbers (https://docs.stripe.com/testing) and how paying by them ends."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.stripe import shapes
from sandbox.stripe.books import Books, Words
from sandbox.stripe.refusals import Refusal, declined, invalid


@dataclass(frozen=True, slots=True)
class Card:
    """`decline`: what charges end with. `is_refused`: it cannot even be attached. `asks`: the payer must authenticate."""

    brand: str = "visa"
    decline: str | None = None
    is_refused: bool = False
    asks: bool = False
    is_disputed: bool = False


CARDS = {
    "4242424242424242": Card(),
    "5555555555554444": Card("mastercard"),
    "4000000000000002": Card(decline="generic_decline", is_refused=True),
    "4000000000009995": Card(decline="insufficient_funds", is_refused=True),
    "4000000000000069": Card(decline="expired_card", is_refused=True),
    "4000000000000341": Card(decline="generic_decline"),
    "4000002500003155": Card(asks=True),
    "4000000000000259": Card(is_disputed=True),
}
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
}
SAID = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
}


def new_method(books: Books, number: str, customer: Words | None) -> Words:
    """A payment method of a card's number. Not attached yet; the customer only says whose clock counts."""
    number = number.replace(" ", "")
    if number not in CARDS:
        raise Refusal(402, "card_error", "Your card number is incorrect.", code="incorrect_number", param="number")
    now = books.now(customer)
    year = datetime.fromtimestamp(now, UTC).year + 3
    return books.put(shapes.payment_method(books, now, card=shapes.card(number, CARDS[number].brand, year), _number=number))


def attach(books: Books, method: Words, customer: Words) -> Words:
    """Raises Refusal (402) where the bank refuses the card itself."""
    card = CARDS[method["_number"]]
    if method["customer"] == customer["id"]:
        return method
    if method["customer"]:
        raise invalid("The payment method you provided has already been attached to a customer.")
    if card.is_refused:
        raise _declined(card.decline)
    method["customer"] = customer["id"]
    books.tell("payment_method.attached", method)
    return method


def by_key(books: Books, key: str, customer: Words | None = None) -> Words:
    """A payment method by its id, or by one of Stripe's names for test cards, of which each use makes a new one."""
    return new_method(books, TOKENS[key], customer) if key in TOKENS else books.get("payment_method", key)


def refusal(method: Words | None) -> Refusal | None:
    """How a charge would end, authentication aside; None: well."""
    if method is None:
        return invalid("This customer has no attached payment source or default payment method.", code="resource_missing")
    card = CARDS[method["_number"]]
    return _declined(card.decline) if card.decline else None


def asks(method: Words) -> bool:
    return CARDS[method["_number"]].asks


def _declined(word: str | None) -> Refusal:
    code = "expired_card" if word == "expired_card" else "card_declined"
    return declined(code, word, SAID.get(word or "", "Your card was declined."))


def paying_method(books: Books, customer: Words, subscription: Words | None = None) -> Words | None:
    """What is charged: the subscription's own, else the customer's default."""
    key = (subscription or {}).get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]
    return books.kept.get(key) if key else None
