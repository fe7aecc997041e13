"""What happens by itself as time passes: trials end, periods renew, payments are tried again, schedules and cancellations come due.

Objects on a test clock live by it; all others by the world's clock, looked at whenever somebody asks.
"""

from collections.abc import Callable, Iterator
from functools import partial

from sandbox.stripe import invoicing, prorating
from sandbox.stripe.books import Books, Words
from sandbox.stripe.periods import period_end

HOUR, DAY = 3_600, 86_400
INCOMPLETE_SECONDS = 23 * HOUR
TRIAL_WARNING_SECONDS = 3 * DAY
HOLDS = ("trialing", "active", "past_due")
Due = tuple[int, int, Callable[[], None]]


def advance(books: Books, clock: Words | None, until: int) -> None:
    """Everything that comes due until then, one after the other, each at its own moment. None: what hangs on no test clock."""
    while (due := _next(books, clock, until)) is not None:
        moment, _, happen = due
        if clock:
            clock["frozen_time"] = max(moment, clock["frozen_time"])
            happen()
        else:
            with books.catching_up(moment):
                happen()
    if clock:
        clock["frozen_time"] = until


def _next(books: Books, clock: Words | None, until: int) -> Due | None:
    due = [each for each in _all(books, clock) if each[0] <= until]
    return min(due, key=lambda each: each[:2]) if due else None


def _all(books: Books, clock: Words | None) -> Iterator[Due]:
    key = clock["id"] if clock else None
    for each in books.every("subscription", test_clock=key):
        if each["status"] in (*HOLDS, "incomplete"):
            yield from _of_subscription(books, each)
    for each in books.every("checkout.session", status="open", _clock=key):
        yield each["expires_at"], 5, partial(expire, books, each)


def _of_subscription(books: Books, each: Words) -> Iterator[Due]:
    if each["status"] == "incomplete":
        yield each["created"] + INCOMPLETE_SECONDS, 0, lambda: _give_up(books, each)
        return
    if each["status"] == "trialing" and not each.get("_warned"):
        yield each["trial_end"] - TRIAL_WARNING_SECONDS, 0, lambda: _warn(books, each)
    invoice = books.kept.get(each["latest_invoice"] or "")
    if invoice and invoice["status"] == "open" and invoice["next_payment_attempt"]:
        yield invoice["next_payment_attempt"], 1, lambda: _retry(books, each, invoice)
    if each["cancel_at"]:
        yield each["cancel_at"], 2, lambda: end(books, each, reason="cancellation_requested")
    yield each["items"]["data"][0]["current_period_end"], 3, lambda: _renew(books, each)


def expire(books: Books, session: Words) -> None:
    session |= {"status": "expired", "url": None}
    books.tell("checkout.session.expired", session)


def _give_up(books: Books, subscription: Words) -> None:
    invoice = books.kept[subscription["latest_invoice"]]
    invoice |= {"status": "void", "next_payment_attempt": None}
    books.tell("invoice.voided", invoice)
    with books.changing(subscription, "customer.subscription.updated"):
        subscription |= {"status": "incomplete_expired", "ended_at": books.now(subscription)}


def _warn(books: Books, subscription: Words) -> None:
    subscription["_warned"] = True
    books.tell("customer.subscription.trial_will_end", subscription)


def _retry(books: Books, subscription: Words, invoice: Words) -> None:
    refusal = invoicing.collect(books, invoice)
    if refusal is not None and invoice["next_payment_attempt"] is None:
        end(books, subscription, reason="payment_failed")
    else:
        settle(books, subscription)


def settle(books: Books, subscription: Words) -> None:
    """Its status follows its latest invoice."""
    invoice = books.kept[subscription["latest_invoice"]]
    if subscription["status"] not in (*HOLDS, "incomplete"):
        return
    with books.changing(subscription, "customer.subscription.updated"):
        if invoice["status"] == "paid":
            subscription["status"] = "trialing" if _is_in_trial(books, subscription) else "active"
        elif invoice["attempted"] and subscription["status"] != "incomplete":
            subscription["status"] = "past_due"


def _is_in_trial(books: Books, subscription: Words) -> bool:
    return bool(subscription["trial_end"] and books.now(subscription) < subscription["trial_end"])


def end(books: Books, subscription: Words, *, reason: str) -> None:
    """Over."""
    now = books.now(subscription)
    schedule = books.kept.get(subscription["schedule"] or "")
    if schedule:
        schedule |= {"status": "canceled", "canceled_at": now, "current_phase": None}
        books.tell("subscription_schedule.canceled", schedule)
    invoice = books.kept.get(subscription["latest_invoice"] or "")
    if invoice and invoice["status"] == "open":
        invoice |= {"next_payment_attempt": None, "auto_advance": False}
    subscription |= {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now, "schedule": None}
    subscription["cancellation_details"]["reason"] = reason
    books.tell("customer.subscription.deleted", subscription)


def _renew(books: Books, subscription: Words) -> None:
    item = subscription["items"]["data"][0]
    begun = item["current_period_end"]
    with books.changing(subscription, "customer.subscription.updated"):
        _turn_schedule(books, subscription, begun)
        if subscription["status"] == "trialing":
            subscription |= {"status": "active", "billing_cycle_anchor": begun}
        anchor, price = subscription["billing_cycle_anchor"], item["price"]
        item |= {"current_period_start": begun, "current_period_end": period_end(anchor, *prorating.often(price), after=begun)}
    pending, subscription["_pending"] = subscription.get("_pending", []), []
    invoicing.bill(books, subscription, [*pending, prorating.renewal_line(books, subscription)], reason="subscription_cycle")
    settle(books, subscription)


def _turn_schedule(books: Books, subscription: Words, now: int) -> None:
    """The next phase begins; after the last one the schedule lets go."""
    schedule = books.kept.get(subscription["schedule"] or "")
    if not schedule:
        return
    phase = next((each for each in schedule["phases"] if each["start_date"] == now), None)
    if phase:
        item, wanted = subscription["items"]["data"][0], phase["items"][0]
        price = books.get("price", wanted["price"])
        is_other = prorating.often(price) != prorating.often(item["price"])
        prorating.apply(subscription, prorating.Change(price, wanted["quantity"], now, is_other))
        schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
        books.tell("subscription_schedule.updated", schedule)
    elif schedule["phases"][-1]["end_date"] <= now:
        release(books, schedule, subscription)


def release(books: Books, schedule: Words, subscription: Words) -> None:
    """The subscription goes on without it."""
    schedule |= {
        "status": "released", "released_at": books.now(schedule), "released_subscription": subscription["id"], "subscription": None,
        "current_phase": None,
    }  # fmt: skip
    subscription["schedule"] = None
    books.tell("subscription_schedule.released", schedule)
