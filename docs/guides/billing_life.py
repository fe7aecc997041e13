"""The life of a subscription, over HTTP against the sandbox's Stripe: bought, changed, failed, recovered, refunded, ended.

    .venv/bin/python docs/guides/billing_life.py                     stands up a Whyral of its own, and removes it again
    .venv/bin/python docs/guides/billing_life.py --api http://127.0.0.1:8000 --sandbox http://127.0.0.1:8900 --mails .whyral/mail

It calls the API as a browser would and asks Stripe's real SDK what stands there. Each line holds an amount of ours against Stripe's, in
cents. Exit code 1: they differ somewhere, or something did not come about in time.

Only one customer's clock moves (a test clock), so Whyral and the rest of the sandbox stay in the present. Stripe takes a test clock only
for a new customer; the sandbox puts one on a clock later, through its own door.
"""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs.guides.billing_place import (
    Amiss,
    Payer,
    Place,
    Row,
    Words,
    newcomer,
    own_whyral,
    sdk,
    subjects,
)

VISA, MASTERCARD, LATER_CHARGES_FAIL = "4242424242424242", "5555555555554444", "4000000000000341"
REFUNDED_CENTS = 1_000


def live(place: Place, tenant_id: str) -> None:
    """The whole life; `place.rows` tells it."""
    now = datetime.now(UTC)
    payer = _buy(place, tenant_id, begun=now - timedelta(days=13, hours=5, minutes=7))
    _change_card(place, payer)
    payer.live_until(now)
    _upgrade(place, payer)
    _downgrade(place, payer)
    _cancel_and_resume(place)
    _fail_and_recover(place, payer)
    _refund(place)
    _end(place, payer)
    _hold_against_each_other(place, payer)


def _buy(place: Place, tenant_id: str, *, begun: datetime) -> Payer:
    plans = place.get("/billing/plans")["items"]
    ours = {price["lookup_key"]: price["cents"] for plan in plans for price in plan["prices"]}
    theirs = {each.lookup_key: each.unit_amount for each in place.stripe.prices.list({"lookup_keys": list(ours), "limit": 100}).data}
    for key in ("starter_monthly", "growth_monthly"):
        place.note(f"price {key}", ours[key], theirs[key])
    page = place.post("/billing/checkout", price="starter_monthly")
    payer = Payer.found(place, tenant_id, at=begun)
    paid = httpx.post(page["url"], data={"card": VISA}, follow_redirects=True, trust_env=False)
    if paid.status_code != httpx.codes.OK:
        raise Amiss(f"after paying, the browser was answered {paid.status_code} at {paid.url}")
    place.stands(plan="starter", status="active")
    place.note("checkout: the first invoice", _newest(place)["paid_cents"], payer.newest().amount_paid)
    return payer


def _change_card(place: Place, payer: Payer) -> None:
    payer.click(do="card", card=MASTERCARD)
    place.until(lambda: _card(place) == "mastercard", "the other card")
    place.note("portal: another card pays from now on")


def _upgrade(place: Place, payer: Payer) -> None:
    """A little over half of the month is left: the change costs the difference of what is left, to the cent what was previewed."""
    quoted = place.get("/billing/upgrade/preview", price="growth_monthly")
    changed = place.post("/billing/upgrade", price="growth_monthly", at=quoted["at"])
    place.stands(plan="growth", status="active")
    place.note("upgrade: preview, and what was taken", quoted["due_cents"], payer.newest().amount_paid)
    place.note("upgrade: our answer, and the invoice", changed["total_cents"], payer.newest().total)
    lines = {each["is_proration"]: 0 for each in quoted["lines"]}
    if not lines or quoted["credit_cents"] <= 0:
        raise Amiss("the preview shows no proration")


def _downgrade(place: Place, payer: Payer) -> None:
    """Nothing now; the smaller plan with the next period."""
    before = len(payer.invoices())
    planned = place.post("/billing/upgrade", price="starter_monthly")
    place.stands(plan="growth", scheduled_plan="starter")
    place.note("downgrade planned: new invoices", 0, len(payer.invoices()) - before)
    payer.live_until(_moment(planned["effective_at"]) + timedelta(hours=2))
    place.stands(plan="starter", status="active", scheduled_plan=None)
    place.until(lambda: len(place.get("/billing/invoices")["items"]) == before + 1, "the next invoice")
    place.note("downgrade: the next period", _newest(place)["paid_cents"], payer.newest().amount_paid)


def _cancel_and_resume(place: Place) -> None:
    place.post("/billing/cancel")
    place.stands(plan="starter", status="canceling")
    place.post("/billing/resume")
    place.stands(plan="starter", status="active", ends_at=None)
    place.note("canceled for the period's end, and resumed")


def _fail_and_recover(place: Place, payer: Payer) -> None:
    """The plan is kept while a payment is overdue, for some days; the owner gets a mail."""
    payer.click(do="card", card=LATER_CHARGES_FAIL)
    due = _moment(place.get("/billing/subscription")["period_end"])
    payer.live_until(due + timedelta(hours=2))
    found = place.stands(plan="starter", status="failed")
    place.note("a payment failed: what is owed", _newest(place)["remaining_cents"], payer.newest().amount_remaining)
    if found["grace_until"] is None or not found["is_payment_needed"]:
        raise Amiss("an overdue payment is not told")
    subject = place.until(lambda: next((each for each in place.mails() if "pay" in each.lower()), None), "a mail about the payment")
    place.note(f"mail: {subject}")
    payer.click(do="card", card=VISA)
    payer.live_until(due + timedelta(days=4))
    place.stands(plan="starter", status="active")
    place.note("recovered: the invoice that was owed", _newest(place)["paid_cents"], payer.newest().amount_paid)


def _refund(place: Place) -> None:
    """As an operator gives money back, at Stripe."""
    payments = place.until(lambda: place.get("/billing/payments")["items"], "a payment")
    payment = next(each for each in payments if each["state"] == "succeeded")
    made = place.stripe.refunds.create({"payment_intent": payment["payment_id"], "amount": REFUNDED_CENTS})
    place.until(lambda: place.get("/billing/refunds")["items"], "the refund")
    place.note("refund", place.get("/billing/refunds")["items"][0]["amount_cents"], made.amount)


def _end(place: Place, payer: Payer) -> None:
    canceled = place.post("/billing/cancel")
    payer.live_until(_moment(canceled["ends_at"]) + timedelta(hours=2))
    place.stands(plan="free", bought="free")
    place.note("canceled, and over: the plan is free again")


def _hold_against_each_other(place: Place, payer: Payer) -> None:
    """Every invoice, every payment, every refund."""
    theirs, ours = payer.invoices(), {each["invoice_id"]: each for each in place.get("/billing/invoices", limit="100")["items"]}
    place.note("invoices: how many", len(ours), len(theirs))
    for key, invoice in reversed(theirs.items()):
        mine = ours.get(key)
        place.note(f"invoice {invoice.number}: total", mine["total_cents"] if mine else None, invoice.total)
        place.note(f"invoice {invoice.number}: paid", mine["paid_cents"] if mine else None, invoice.amount_paid)
    charges = [each for each in place.stripe.charges.list({"customer": payer.customer, "limit": 100}).auto_paging_iter() if each.paid]
    paid = [
        each for each in place.get("/billing/payments", limit="100")["items"] if each["state"] in ("succeeded", "refunded", "part_refunded")
    ]
    back = place.get("/billing/refunds", limit="100")["items"]
    place.note("all payments", sum(each["amount_cents"] for each in paid), sum(each.amount for each in charges))
    place.note("all refunds", sum(each["amount_cents"] for each in back), sum(each.amount_refunded for each in charges))


def _newest(place: Place) -> Words:
    found: Words = place.until(lambda: place.get("/billing/invoices")["items"], "an invoice")[0]
    return found


def _card(place: Place) -> str | None:
    return next((each["brand"] for each in place.get("/billing/payment-methods")["items"] if each["is_default"]), None)


def _moment(words: str) -> datetime:
    return datetime.fromisoformat(words)


def told(rows: list[Row]) -> tuple[list[str], bool]:
    """The table, and whether both sides agree everywhere."""
    width = max(len(step) for step, _, _ in rows)
    lines = [f"{'step':<{width}}  {'ours':>8}  {'Stripe':>8}"]
    for step, ours, theirs in rows:
        cells = ["" if each is None else str(each) for each in (ours, theirs)]
        lines.append(f"{step:<{width}}  {cells[0]:>8}  {cells[1]:>8}  {'' if ours == theirs else 'DIFFERS'}".rstrip())
    return lines, all(ours == theirs for _, ours, theirs in rows)


def run(api: str, sandbox: str, mails: Path) -> bool:
    with httpx.Client(base_url=f"{api}/api/v1", timeout=30, trust_env=False) as client:
        place = Place(client, sdk(sandbox), sandbox, mails=lambda: subjects(mails))
        try:
            live(place, newcomer(client))
        finally:
            if place.rows:
                lines, is_equal = told(place.rows)
                sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(f"{len(place.rows)} steps, {'all equal to the cent' if is_equal else 'NOT all equal'}\n")
    return is_equal


def main() -> int:
    parser = argparse.ArgumentParser(description="The life of a subscription against the sandbox's Stripe.")
    parser.add_argument("--api", help="of a running Whyral; without it one is stood up")
    parser.add_argument("--sandbox", default="http://127.0.0.1:8900", help="its sandbox")
    parser.add_argument("--mails", type=Path, default=Path(".whyral/mail"), help="where its mails become files")
    given = parser.parse_args()
    try:
        if given.api:
            return 0 if run(given.api, given.sandbox, given.mails) else 1
        with own_whyral() as (api, sandbox, mails):
            return 0 if run(api, sandbox, mails) else 1
    except Amiss as error:
        sys.stderr.write(f"billing life: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
