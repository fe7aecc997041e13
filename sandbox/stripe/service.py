"""Stripe on the wire: the API under /v1/, the payer's pages under /c/pay/, /p/session/ and /i/, the sandbox's own door under /_stripe/.

The key is any bearer or basic user but an empty one or "revoked". Calls of another version of the API than `books.VERSION` are refused.
"""

import base64
import binascii
import json
from collections import ChainMap
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from sandbox.faults import Fault
from sandbox.misbehaving import Spoiled
from sandbox.serving import Answered, Asked
from sandbox.stripe import (
    catalogue,
    charging,
    checkout,
    clocks,
    customers,
    invoicing,
    portal,
    refunding,
    schedules,
    subscriptions,
    telling,
)
from sandbox.stripe.books import VERSION, Books
from sandbox.stripe.calls import Call, Routes, found
from sandbox.stripe.keys import Keys
from sandbox.stripe.lists import answered
from sandbox.stripe.pages import Pages
from sandbox.stripe.params import decoded
from sandbox.stripe.refusals import Refusal, invalid
from sandbox.stripe.renewing import advance
from sandbox.stripe.troubles import Troubles, before
from sandbox.world import Clock

ROUTES: Routes = ChainMap(*(dict(part.ROUTES) for part in (
    catalogue, customers, charging, refunding, subscriptions, invoicing, schedules, checkout, portal, clocks, telling,
)))  # fmt: skip


class Lost(Exception):
    """Done, and nobody is told."""

    def __init__(self, answer: Answered) -> None:
        super().__init__("the answer is lost")
        self.answer = answer


class Stripe:
    """The service. `books` is what it keeps, `webhooks` what it sends, `troubles` what goes wrong. `on_change`: before an answer."""

    hosts = ("api.stripe.com", "checkout.stripe.com", "billing.stripe.com", "invoice.stripe.com")
    paths = ("/v1/", "/c/pay/", "/p/session/", "/i/", "/_stripe/")

    def __init__(self, clock: Clock) -> None:
        self.books, self.keys, self.troubles = Books(clock), Keys(clock), Troubles()
        self.webhooks = telling.Webhooks(self.books)
        self._pages = Pages(self.books, self.webhooks, self.troubles)
        self.on_change: Callable[[], None] = lambda: None
        self._looked = 0

    def tick(self) -> None:
        """What happens without being asked."""
        with self.books.lock:
            self._catch_up()
        self.webhooks.pump()
        self.on_change()

    def answer(self, asked: Asked) -> "Answered | Spoiled | None":
        answer = self._answer(asked)
        if asked.method != "GET":
            self.on_change()
        return answer

    def _answer(self, asked: Asked) -> "Answered | Spoiled | None":
        if not asked.path.startswith("/v1/"):
            with self.books.lock:
                self._catch_up()
                return self._pages.answer(asked)
        try:
            return self._api(asked)
        except Refusal as refusal:
            return _refused(refusal, self.books.new_id("req"))
        except Lost as lost:
            return Spoiled(Fault(where="", kind="cut"), lost.answer)

    def _api(self, asked: Asked) -> Answered:
        owner, request_id = _owner(asked), self.books.new_id("req")
        if asked.headers.get("stripe-version", VERSION) != VERSION:
            raise invalid(f"Invalid Stripe API version: {asked.headers['stripe-version']}. The sandbox speaks {VERSION}.")
        trouble = self.troubles.next_for(f"{asked.method} {asked.path}")
        before(trouble)
        key = asked.headers.get("idempotency-key", "") if asked.method != "GET" else ""
        kept = self.keys.begin(owner, key, _print(asked)) if key else None
        return kept or self._tried(asked, (owner, key), request_id, trouble)

    def _tried(self, asked: Asked, keyed: tuple[str, str], request_id: str, trouble: str | None) -> Answered:
        """Done under its key, which keeps the answer, or is free again."""
        if trouble == "hold":
            self.troubles.hold()
        owner, key = keyed
        try:
            answer = self._done(asked, request_id, key or None)
        except Refusal as refusal:
            answer = _refused(refusal, request_id)
            if key:
                self.keys.keep(owner, key, answer) if refusal.is_kept else self.keys.drop(owner, key)
            return answer
        if trouble == "error_after":
            answer = _refused(Refusal(500, "api_error", "An unknown error occurred"), request_id)
        if key:
            self.keys.keep(owner, key, answer)
        if trouble == "lost":
            raise Lost(answer)
        return answer

    def _done(self, asked: Asked, request_id: str, key: str | None) -> Answered:
        routed = found(ROUTES, asked.method, asked.path)
        if routed is None:
            raise Refusal(404, "invalid_request_error", f"Unrecognized request URL ({asked.method}: {asked.path}).")
        does, name = routed
        params = decoded(asked.body.decode("utf-8") or _query(asked))
        with self.books.lock:
            self._catch_up()
            self.books.requested = (request_id, key) if asked.method != "GET" else (None, None)
            self.books.site = _site(asked)
            try:
                made = does(Call(self.books, params, name, self.books.site))
                return Answered.of_json(answered(self.books, made, params), headers={"Request-Id": request_id, "Stripe-Version": VERSION})
            finally:
                self.books.requested = (None, None)

    def _catch_up(self) -> None:
        now = self.books.now()
        if now != self._looked:
            self._looked = now
            advance(self.books, None, now)


def _refused(refusal: Refusal, request_id: str) -> Answered:
    headers = {"Request-Id": request_id, "Stripe-Version": VERSION, **refusal.headers}
    if refusal.status >= 500:
        # The key would only tell the same again.
        headers["Stripe-Should-Retry"] = "false"
    return Answered.of_json({"error": {**refusal.error, "request_log_url": f"https://dashboard.stripe.com/logs/{request_id}"}},
                            status=refusal.status, headers=headers)  # fmt: skip


def _owner(asked: Asked) -> str:
    kind, _, word = asked.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        try:
            word = base64.b64decode(word).decode("utf-8").partition(":")[0]
        except (binascii.Error, ValueError):
            word = ""
    if word in ("", "revoked"):
        raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")
    return word


def _print(asked: Asked) -> str:
    return json.dumps([asked.method, asked.path, sorted(parse_qsl(asked.body.decode("utf-8"), keep_blank_values=True))])


def _query(asked: Asked) -> str:
    return urlencode([(name, value) for name, values in asked.every.items() for value in values])


def _site(asked: Asked) -> str:
    """Where the payer's pages are: on this machine, unless the client came by the real host's name."""
    return "" if asked.host in Stripe.hosts else f"http://{asked.headers.get('host', '')}"
