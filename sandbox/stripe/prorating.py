"""What a change of a subscription costs, by the time that is left (https://docs.stripe.com/billing/subscriptions/prorations)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.stripe import shapes_billing
from sandbox.stripe.books import Books, Words
from sandbox.stripe.catalogue import price_named
from sandbox.stripe.params import Params, inner, many, whole
from sandbox.stripe.periods import period_end, share
from sandbox.stripe.refusals import invalid


@dataclass(frozen=True, slots=True)
class Change:
    """Another price or quantity. `begins_anew`: the interval differs, so a period begins at the change."""

    price: Words
    quantity: int
    at: int
    begins_anew: bool


def wanted(books: Books, subscription: Words, params: Params, *, at: object = None) -> Change | None:
    """What `items` ask for; None: nothing else than there is."""
    items = many(params, "items")
    if not items:
        return None
    item = subscription["items"]["data"][0]
    if len(items) != 1 or items[0].get("id") != item["id"]:
        raise invalid("The sandbox keeps one item per subscription: name it by its id.", param="items")
    price = price_named(books, items[0]["price"]) if items[0].get("price") else item["price"]
    quantity, now = whole(items[0], "quantity", item["quantity"]), books.now(subscription)
    moment = int(str(at)) if at else now
    if not item["current_period_start"] <= moment <= item["current_period_end"]:
        raise invalid("The proration_date must be within the current period.", param="proration_date")
    if price["id"] == item["price"]["id"] and quantity == item["quantity"]:
        return None
    return Change(price, quantity, moment, often(price) != often(item["price"]))


def often(price: Words) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def lines(books: Books, subscription: Words, change: Change) -> list[Words]:
    """A credit for what was paid and is not used, a charge for what takes its place. Nothing is due during a trial."""
    if subscription["status"] == "trialing":
        return []
    item = subscription["items"]["data"][0]
    begun, end = item["current_period_start"], item["current_period_end"]
    after = {**item, "price": change.price, "quantity": change.quantity}
    left, whole_period = end - change.at, end - begun
    day = datetime.fromtimestamp(change.at, UTC).strftime("%-d %b %Y")
    credit = share(item["price"]["unit_amount"] * item["quantity"], left, whole_period)
    old, new = (f"{each['quantity']} × {_name(books, each['price'])}" for each in (item, after))
    made = [shapes_billing.line(books, subscription, item, amount=-credit, period=(change.at, end), is_proration=True,
                                said=f"Unused time on {old} after {day}")]  # fmt: skip
    full = change.price["unit_amount"] * change.quantity
    if change.begins_anew:
        anew = (change.at, period_end(change.at, *often(change.price), after=change.at))
        return [*made, shapes_billing.line(books, subscription, after, amount=full, period=anew, is_proration=False, said=new)]
    charge = share(full, left, whole_period)
    return [*made, shapes_billing.line(books, subscription, after, amount=charge, period=(change.at, end), is_proration=True,
                                       said=f"Remaining time on {new} after {day}")]  # fmt: skip


def renewal_line(books: Books, subscription: Words, *, is_trial: bool = False) -> Words:
    """What the item's period costs."""
    item = subscription["items"]["data"][0]
    amount = 0 if is_trial else item["price"]["unit_amount"] * item["quantity"]
    period = (item["current_period_start"], item["current_period_end"])
    said = f"Trial period for {_name(books, item['price'])}" if is_trial else f"{item['quantity']} × {_name(books, item['price'])}"
    return shapes_billing.line(books, subscription, item, amount=amount, period=period, is_proration=False, said=said)


def apply(subscription: Words, change: Change) -> None:
    """The item as it is from now on."""
    item = subscription["items"]["data"][0]
    item |= {"price": change.price, "plan": shapes_billing.plan(change.price), "quantity": change.quantity}
    subscription["currency"] = change.price["currency"]
    if change.begins_anew and subscription["status"] != "trialing":
        end = period_end(change.at, *often(change.price), after=change.at)
        subscription["billing_cycle_anchor"] = change.at
        item |= {"current_period_start": change.at, "current_period_end": end}


def preview_params(params: Params) -> tuple[Params, object, str]:
    details = inner(params, "subscription_details")
    return details, details.get("proration_date"), details.get("proration_behavior") or "create_prorations"


def _name(books: Books, price: Words) -> str:
    return str(price["nickname"] or books.kept[price["product"]]["name"])
