"""Taking in webhooks: Stripe's events, signed, each a new one, over HTTP by one worker as `whyral up` starts it, on a durable database.

What is timed is a whole call: the signature is checked, the raw body is committed, the answer is there. **One at a time** is one sender.
**Eight at once** are eight, each with a connection of its own. Half the events are of a workspace that is known, for which work is asked
for behind the answer (Dagster is away, so that each asking tries in vain); the others are nobody's. The client shares the machine.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import httpx
import stripe

from bench.harness.rows import Row, Scale
from bench.harness.servers import PLENTY, ours
from bench.harness.stage import Stage, stage
from domain.billing.objects import Customer
from domain.billing.states import Provider
from store.database import Database
from store.ids import new_id

TITLE = "Taking in webhooks"
SECRET, CUSTOMER, BAR_MS, EVENTS = "whsec_of_the_bench_and_of_nobody_else_at_all", "cus_of_the_bench", 20.0, 1_000
KEYS = {"WHYRAL_STRIPE_SECRET_KEY": "sk_test_bench", "WHYRAL_STRIPE_WEBHOOK_SECRET": SECRET}
PATH = "/api/v1/billing/webhooks/stripe"


def run(scale: Scale) -> list[Row]:
    alone, crowd = list[list[float]](), list[list[float]]()
    with stage() as made:
        _workspace(made)
        with ours(made, environment={**PLENTY, **KEYS}) as address:
            _sent(address, 50)
            for _ in range(scale.rounds):
                alone.append(_sent(address, scale.rows(EVENTS)))
                crowd.append(_at_once(address, scale.rows(EVENTS), 8))
    return [_row("one at a time, p95", alone, barred=True), _row("eight at once, p95", crowd, barred=False)]


def _workspace(made: Stage) -> None:
    database, tenant_id = Database(made.urls.app), new_id()
    with database.begin_anonymous() as uow:
        words = {"email": f"{tenant_id}@example.org", "password_hash": "x", "names": (None, "Bench")}
        uow.identity.register(user_id=new_id(), tenant_id=tenant_id, **words)  # type: ignore[arg-type]
    with database.begin(tenant_id) as uow:
        uow.billing.keep_customer(Customer(Provider.STRIPE, CUSTOMER, None, None, str(tenant_id)))
    database.close()


def _at_once(address: str, events: int, senders: int) -> list[float]:
    with ThreadPoolExecutor(senders) as pool:
        parts = [pool.submit(_sent, address, events // senders) for _ in range(senders)]
        return [took for part in parts for took in part.result()]


def _sent(address: str, events: int) -> list[float]:
    """How long each took, in ms."""
    took = []
    with httpx.Client(base_url=address, trust_env=False) as client:
        for number in range(events):
            body = _event(CUSTOMER if number % 2 else f"cus_{number}")
            stamp = int(time.time())
            headers = {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, SECRET, stamp)}
            began = time.perf_counter()
            answer = client.post(PATH, content=body.encode(), headers=headers)
            took.append((time.perf_counter() - began) * 1_000)
            assert answer.json() == {"is_new": True}, answer.text
    return took


def _event(customer: str) -> str:
    """As large as those of invoices are: about 8 kB."""
    thing = {"id": f"in_{new_id().hex}", "object": "invoice", "customer": customer, "metadata": {"words": "x" * 7_500}}
    event = {"object": "event", "type": "invoice.paid", "created": int(time.time()), "livemode": False, "data": {"object": thing}}
    return json.dumps({"id": f"evt_{new_id().hex}", **event}, indent=2)


def _row(name: str, found: list[list[float]], *, barred: bool) -> Row:
    ours_ms, middle = median(quantiles(took, n=20)[-1] for took in found), median(each for took in found for each in took)
    return Row(
        name=name, ours=ours_ms, unit="ms", bar=f"<= {BAR_MS:g} ms" if barred else "", passed=ours_ms <= BAR_MS if barred else None,
        note=f"p50 {middle:.2f} ms; {sum(map(len, found)):,} events in {len(found)} rounds",
    )  # fmt: skip
