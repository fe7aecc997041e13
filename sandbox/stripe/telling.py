"""Events as they are listed (30 days back) and as they are sent to webhook endpoints: signed, tried again, and ill-treated on demand.

Nothing is sent by itself: `Webhooks.pump` sends what is due by the world's clock. The first try is due at once, others after `BACKOFF`.
"""

import hashlib
import hmac
import json
import random
from dataclasses import dataclass, field

from sandbox.addresses import is_local
from sandbox.stripe.books import VERSION, Books, Words, outward
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import many, text
from sandbox.stripe.refusals import invalid, missing

KEPT_SECONDS = 30 * 86_400
# Stripe says: for up to three days, ever more rarely. The steps are ours.
BACKOFF = (60, 300, 1_800, 7_200, 18_000, 36_000, 86_400, 86_400)
PATIENCE_SECONDS = 10.0


@dataclass
class Mischief:
    """What goes wrong with deliveries: shares from 0 to 1 of being sent twice, lost for good, put off; whether the order is shuffled."""

    twice: float = 0.0
    lost: float = 0.0
    late: float = 0.0
    late_seconds: int = 3_600
    is_shuffled: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(0), repr=False)  # noqa: S311 - made-up trouble


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    event: Words
    endpoint: Words
    due: int
    tries: int = 0


class Webhooks:
    """Deliveries that wait. `sent` holds (event id, status) of each try, oldest first; status 0: nobody answered."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.mischief = Mischief()
        self.waiting: list[Delivery] = []
        self.sent: list[tuple[str, int]] = []
        books.tellers.append(self._hear)

    def _hear(self, event: Words) -> None:
        now, mischief = int(self._books.clock.now().timestamp()), self.mischief
        for endpoint in self._books.every("webhook_endpoint", status="enabled"):
            if not {"*", event["type"]} & set(endpoint["enabled_events"]) or mischief.chance.random() < mischief.lost:
                continue
            put_off = mischief.late_seconds if mischief.chance.random() < mischief.late else 0
            event["pending_webhooks"] += 1
            self.waiting.append(Delivery(event, endpoint, now + put_off))
            if mischief.chance.random() < mischief.twice:
                self.waiting.append(Delivery(event, endpoint, now + put_off))

    def pump(self) -> int:
        """Sends what is due; how many were taken."""
        now = int(self._books.clock.now().timestamp())
        with self._books.lock:
            due = [each for each in self.waiting if each.due <= now]
            self.waiting = [each for each in self.waiting if each.due > now]
        if self.mischief.is_shuffled:
            self.mischief.chance.shuffle(due)
        return sum(self._send(each, now) for each in due)

    def resend(self, event_id: str) -> None:
        """As the button of the dashboard does."""
        event = self._books.get("event", event_id)
        now = int(self._books.clock.now().timestamp())
        self.waiting += [Delivery(event, endpoint, now) for endpoint in self._books.every("webhook_endpoint", status="enabled")]

    def _send(self, delivery: Delivery, now: int) -> bool:
        event = delivery.event
        body = json.dumps(outward(event), indent=2).encode()
        status = _post(delivery.endpoint["url"], body, signed(body, delivery.endpoint["_secrets"], now))
        self.sent.append((event["id"], status))
        if 200 <= status < 300:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
            return True
        if delivery.tries < len(BACKOFF):
            wait = BACKOFF[delivery.tries]
            self.waiting.append(Delivery(event, delivery.endpoint, now + wait, delivery.tries + 1))
        return False


def signed(body: bytes, secrets: list[str], now: int) -> str:
    """The header `Stripe-Signature`; one signature for each secret while an endpoint has two."""
    made = (hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={now}", *(f"v1={each}" for each in made)])


def _post(url: str, body: bytes, signature: str) -> int:
    import httpx

    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature, "User-Agent": "Stripe/1.0"}
    try:
        with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            return client.post(url, content=body, headers=headers).status_code
    except httpx.HTTPError:
        return 0


def _create(call: Call) -> Words:
    url = text(call.params, "url")
    if not is_local(url):
        raise invalid("The sandbox calls nobody but this machine.", param="url")
    key = call.books.new_id("we")
    secret = f"whsec_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    made = call.books.put({
        "id": key, "object": "webhook_endpoint", "api_version": VERSION, "application": None, "created": call.books.now(),
        "description": None, "enabled_events": many(call.params, "enabled_events"), "livemode": False, "metadata": {},
        "status": "enabled", "url": url, "_secrets": [secret],
    })  # fmt: skip
    return {**made, "secret": secret}


def _delete(call: Call) -> Words:
    call.books.get("webhook_endpoint", call.key)
    call.books.drop(call.key)
    return {"id": call.key, "object": "webhook_endpoint", "deleted": True}


def roll(books: Books, endpoint: Words) -> str:
    """A new secret; the old one signs beside it until it is dropped from `_secrets`."""
    secret = f"whsec_{hashlib.sha256(endpoint['_secrets'][-1].encode()).hexdigest()[:32]}"
    with books.lock:
        endpoint["_secrets"].append(secret)
    return secret


def _is_kept(books: Books, event: Words) -> bool:
    return bool(event["created"] > books.now(books.kept.get(event["_customer"] or "")) - KEPT_SECONDS)


def _events(call: Call) -> Words:
    there = [each for each in call.books.every("event") if _is_kept(call.books, each)]
    types = [call.params["type"]] if call.params.get("type") else many(call.params, "types")
    if types:
        there = [each for each in there if each["type"] in types]
    there.sort(key=lambda each: each["created"], reverse=True)
    return page("/v1/events", there, call.params)


def _event(call: Call) -> Words:
    event = call.books.get("event", call.key)
    if not _is_kept(call.books, event):
        raise missing("event", call.key)
    return event


ROUTES: Routes = {
    "GET /v1/events": _events,
    "GET /v1/events/{id}": _event,
    "POST /v1/webhook_endpoints": _create,
    "GET /v1/webhook_endpoints": lambda call: page("/v1/webhook_endpoints", call.books.every("webhook_endpoint"), call.params),
    "DELETE /v1/webhook_endpoints/{id}": _delete,
}
