"""What a payer sees and does, and the sandbox's own door: pages for people, the same as JSON for tests.

| call | does |
|---|---|
| `GET /c/pay/{session}` | a form for a card |
| `POST /c/pay/{session}` `card`, `email`, `authenticate=yes` | pays; a declined card leaves the session open (402) |
| `GET /p/session/{session}` | the portal |
| `GET /i/{invoice}`, `/i/{invoice}/pdf` | an invoice |
| `POST /p/session/{session}` `do` = `change` (`price`), `cancel`, `resume`, `card` (`card`) | a click there |
| `POST /_stripe/intents/{id}` `{"outcome": "succeed"}` or `fail` | the payer's bank after `requires_action` |
| `POST /_stripe/disputes` `{"charge"}`, `{"dispute", "outcome": "won"}` | a dispute begins, ends |
| `POST /_stripe/clock` `{"customer", "frozen_time"}` | puts a customer on a new test clock (Stripe itself does so only when one is made) |
| `POST /_stripe/pump` | sends the webhooks that are due; answers how many were taken |
| `POST /_stripe/mischief` `{"twice", "lost", "late", "late_seconds", "is_shuffled"}` | what goes wrong with webhooks from now on |
| `POST /_stripe/troubles` `{"where", "kind", "times", "skip"}`, `DELETE` | see `troubles` |

A form is answered with the way on (303): back to the shop after checkout, to the portal after a click there; what is refused, with the page
and the reason. JSON is answered with what came of it.
"""

from collections.abc import Callable
from dataclasses import replace

from sandbox.serving import Answered, Asked
from sandbox.stripe import charging, checkout, clocks, dressed, invoicing, portal
from sandbox.stripe.books import Books, Words, outward
from sandbox.stripe.params import Params, text
from sandbox.stripe.printing import pdf
from sandbox.stripe.refusals import Refusal
from sandbox.stripe.renewing import settle
from sandbox.stripe.telling import Webhooks
from sandbox.stripe.troubles import Trouble, Troubles

Does = Callable[[Books, Words, Params], Words]
Dress = Callable[[Books, Words, str], str]


class Pages:
    """The pages and the door over one set of books."""

    def __init__(self, books: Books, webhooks: Webhooks, troubles: Troubles) -> None:
        self._books, self._webhooks, self._troubles = books, webhooks, troubles
        self._doors: dict[str, Callable[[Params], Words]] = {
            "disputes": self._dispute, "pump": lambda _: {"taken": webhooks.pump()}, "mischief": self._mischief, "troubles": self._trouble,
            "clock": lambda sent: clocks.put_on(books, sent),
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answered | None:
        try:
            return self._answer(asked)
        except Refusal as refusal:
            return Answered.of_json({"error": refusal.error}, status=refusal.status)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return Answered.of_json({"error": {"message": f"{asked.path}: {error}"}}, status=400)

    def _answer(self, asked: Asked) -> Answered | None:
        head, _, key = asked.path.rpartition("/")
        if head == "/c/pay":
            return self._checkout(asked, self._books.get("checkout.session", key))
        if head == "/p/session":
            return self._portal(asked, self._books.get("billing_portal.session", key))
        if asked.path.startswith("/i/") and asked.method == "GET":
            return self._invoice(asked.path.removeprefix("/i/"))
        if head == "/_stripe/intents" and asked.method == "POST":
            return Answered.of_json(outward(self._authenticate(key, _sent(asked))))
        if asked.path == "/_stripe/troubles" and asked.method == "DELETE":
            self._troubles.clear()
            return Answered.of_json({})
        door = self._doors.get(key) if head == "/_stripe" and asked.method == "POST" else None
        return Answered.of_json(outward(door(_sent(asked)))) if door else None

    def _invoice(self, key: str) -> Answered:
        found = self._books.get("invoice", key.removesuffix("/pdf"))
        if key.endswith("/pdf"):
            return Answered(200, pdf(found), {"Content-Type": "application/pdf"})
        return Answered.of_html(dressed.invoice(found))

    def _checkout(self, asked: Asked, session: Words) -> Answered:
        if asked.method == "GET":
            return Answered.of_html(dressed.checkout(self._books, session))
        back = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return self._clicked(asked, session, checkout.complete, dressed.checkout, back)

    def _portal(self, asked: Asked, session: Words) -> Answered:
        if asked.method == "GET":
            return Answered.of_html(dressed.portal(self._books, session))
        return self._clicked(asked, session, portal.click, dressed.portal, asked.path)

    def _clicked(self, asked: Asked, session: Words, does: Does, dress: Dress, on: str) -> Answered:
        if _is_json(asked):
            return Answered.of_json(outward(does(self._books, session, _sent(asked))))
        try:
            does(self._books, session, _sent(asked))
        except Refusal as refusal:
            return Answered.of_html(dress(self._books, session, refusal.error["message"]), status=refusal.status)
        return Answered(303, b"", {"Location": on})

    def _authenticate(self, key: str, sent: Params) -> Words:
        """The bank of the payer says yes or no; what the intent pays for follows."""
        books, intent = self._books, self._books.get("payment_intent", key)
        method = books.kept.get(intent["payment_method"] or "")
        is_passed = text(sent, "outcome") == "succeed"
        paid = [each for each in books.every("invoice_payment") if each["payment"]["payment_intent"] == key]
        if not is_passed:
            intent |= {"status": "requires_payment_method", "next_action": None}
            books.tell("payment_intent.payment_failed", intent)
        elif paid:
            invoice = books.kept[paid[0]["invoice"]]
            invoicing.collect(books, invoice, method=method, is_authenticated=True)
            settle(books, invoicing.subscription_of(books, invoice) or {})
        else:
            charging.attempt(books, intent, method, is_authenticated=True)
        return intent

    def _dispute(self, sent: Params) -> Words:
        if sent.get("dispute"):
            return charging.close_dispute(self._books, self._books.get("dispute", sent["dispute"]), is_won=sent.get("outcome") == "won")
        return charging.dispute(self._books, self._books.get("charge", text(sent, "charge")))

    def _mischief(self, sent: Params) -> Words:
        self._webhooks.mischief = replace(self._webhooks.mischief, **sent)
        return dict(sent)

    def _trouble(self, sent: Params) -> Words:
        self._troubles.add(Trouble(**sent))
        return dict(sent)


def _sent(asked: Asked) -> Params:
    return (asked.json() or {}) if _is_json(asked) else dict(asked.form())


def _is_json(asked: Asked) -> bool:
    """Also of those who do not say so."""
    return "json" in asked.headers.get("content-type", "") or asked.body.lstrip().startswith(b"{")
