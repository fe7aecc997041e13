"""Lists in pages (https://docs.stripe.com/api/pagination), and ids that are replaced by what they name (`expand`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.stripe.books import Books, Words, outward
from sandbox.stripe.params import Params, inner, many, whole
from sandbox.stripe.refusals import invalid

MOST = 100
DEEPEST = 4
COMPARED = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


def listed(url: str, things: Sequence[Words], **more: Any) -> Words:
    return {"object": "list", "data": list(things), "has_more": False, "url": url, **more}


def page(url: str, things: Sequence[Words], params: Params) -> Words:
    """Of things that stand newest first."""
    limit = whole(params, "limit", 10)
    if not 1 <= limit <= MOST:
        raise invalid(f"This value must be between 1 and {MOST}", param="limit", code="parameter_invalid_integer")
    kept = [each for each in things if _is_created(each, params)]
    places = {each["id"]: place for place, each in enumerate(kept)}
    if params.get("ending_before"):
        end = _place(places, params["ending_before"], "ending_before")
        begin = max(0, end - limit)
        return listed(url, kept[begin:end]) | {"has_more": begin > 0}
    begin = _place(places, params["starting_after"], "starting_after") + 1 if params.get("starting_after") else 0
    return listed(url, kept[begin : begin + limit]) | {"has_more": len(kept) > begin + limit}


def _place(places: Mapping[str, int], key: str, param: str) -> int:
    if key not in places:
        raise invalid(f"No such object: '{key}'", param=param, code="resource_missing")
    return places[key]


def _is_created(thing: Words, params: Params) -> bool:
    wanted = params.get("created")
    if isinstance(wanted, str):
        return bool(thing["created"] == int(wanted))
    return all(COMPARED[word](thing["created"], whole(inner(params, "created"), word)) for word in wanted or {} if word in COMPARED)


def _payments_of(books: Books, invoice: Words) -> Words:
    return listed("/v1/invoice_payments", books.every("invoice_payment", invoice=invoice["id"])[::-1])


def _subscriptions_of(books: Books, customer: Words) -> Words:
    there = [each for each in books.every("subscription", customer=customer["id"]) if each["status"] != "canceled"]
    return listed(f"/v1/customers/{customer['id']}/subscriptions", there)


def _refunds_of(books: Books, charge: Words) -> Words:
    return listed(f"/v1/charges/{charge['id']}/refunds", books.every("refund", charge=charge["id"]))


def _lines_of(_: Books, session: Words) -> Words:
    return listed(f"/v1/checkout/sessions/{session['id']}/line_items", session["_lines"])


# Fields that are there only when they are asked for.
INCLUDED: Mapping[tuple[str, str], Callable[[Books, Words], Words]] = {
    ("invoice", "payments"): _payments_of,
    ("customer", "subscriptions"): _subscriptions_of,
    ("charge", "refunds"): _refunds_of,
    ("checkout.session", "line_items"): _lines_of,
}


def answered(books: Books, thing: Words, params: Params) -> Words:
    """What leaves: a copy, with what `expand` names."""
    out: Words = outward(thing)
    for path in many(params, "expand"):
        steps = str(path).split(".")
        if len(steps) > DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand")
        _expand(books, out, steps, str(path))
    return out


def _expand(books: Books, thing: Any, steps: list[str], path: str) -> None:
    if isinstance(thing, list):
        for each in thing:
            _expand(books, each, steps, path)
        return
    if not steps or not isinstance(thing, dict):
        return
    name, include = steps[0], INCLUDED.get((thing.get("object", ""), steps[0]))
    if include and name not in thing:
        thing[name] = outward(include(books, books.kept.get(thing.get("id", ""), thing)))
    if name not in thing:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(thing[name], str) and thing[name] in books.kept:
        thing[name] = outward(books.kept[thing[name]])
    _expand(books, thing[name], steps[1:], path)
