"""Products and prices. A lookup key belongs to one active price; `transfer_lookup_key` takes it over."""

from sandbox.stripe import shapes
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.lists import page
from sandbox.stripe.params import Params, flag, inner, many, metadata, text, whole
from sandbox.stripe.periods import DAYS, MONTHS
from sandbox.stripe.refusals import invalid


def price_named(books: Books, key: str) -> Words:
    """An active price."""
    price = books.get("price", key)
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", param="price")
    return price


def _product(call: Call) -> Words:
    given = {"name": text(call.params, "name"), "description": call.params.get("description"), "metadata": metadata(call.params)}
    made = call.books.put(shapes.product(call.books, call.books.now(), **given))
    call.books.tell("product.created", made)
    return made


def _price(call: Call) -> Words:
    books, params = call.books, call.params
    product = books.get("product", text(params, "product"))
    often, key, amount = inner(params, "recurring"), params.get("lookup_key"), whole(params, "unit_amount")
    if often and often.get("interval") not in {*MONTHS, *DAYS}:
        raise invalid("Invalid recurring[interval]", param="recurring[interval]")
    if key:
        _free(books, key, is_taken_over=flag(params, "transfer_lookup_key"))
    made = books.put(shapes.price(
        books, books.now(), currency=text(params, "currency").lower(), lookup_key=key or None, metadata=metadata(params),
        nickname=params.get("nickname"), product=product["id"], type="recurring" if often else "one_time", unit_amount=amount,
        unit_amount_decimal=str(amount), recurring=_recurring(often),
    ))  # fmt: skip
    books.tell("price.created", made)
    return made


def _recurring(often: Params) -> Words | None:
    return shapes.recurring(often["interval"], whole(often, "interval_count", 1)) if often else None


def _free(books: Books, key: str, *, is_taken_over: bool) -> None:
    for other in books.every("price", lookup_key=key):
        if not is_taken_over:
            said = f"A price ({other['id']}) already uses that lookup key."
            raise invalid(said, param="lookup_key", code="resource_already_exists")
        other["lookup_key"] = None


def _update_price(call: Call) -> Words:
    price, params = call.books.get("price", call.key), call.params
    with call.books.changing(price, "price.updated"):
        price["active"] = flag(params, "active", otherwise=price["active"])
        price["metadata"] = metadata(params, price["metadata"])
        if "lookup_key" in params:
            if params["lookup_key"] and params["lookup_key"] != price["lookup_key"]:
                _free(call.books, params["lookup_key"], is_taken_over=flag(params, "transfer_lookup_key"))
            price["lookup_key"] = params["lookup_key"] or None
    return price


def _prices(call: Call) -> Words:
    params, keys = call.params, many(call.params, "lookup_keys")
    found = call.books.every("price")
    if keys:
        found = [each for each in found if each["lookup_key"] in keys]
    if "active" in params:
        found = [each for each in found if each["active"] == flag(params, "active")]
    if params.get("product"):
        found = [each for each in found if each["product"] == params["product"]]
    return page("/v1/prices", found, params)


ROUTES: Routes = {
    "POST /v1/products": _product,
    "GET /v1/products": lambda call: page("/v1/products", call.books.every("product"), call.params),
    "GET /v1/products/{id}": lambda call: call.books.get("product", call.key),
    "POST /v1/prices": _price,
    "GET /v1/prices": _prices,
    "GET /v1/prices/{id}": lambda call: call.books.get("price", call.key),
    "POST /v1/prices/{id}": _update_price,
}
