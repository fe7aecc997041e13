"""What a shop has at Stripe before it sells anything: products, prices by lookup key, and an endpoint that hears of all events.

Made through the same calls as anybody's. What is there already is brought up to date, so a kept account can be opened again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.addresses import STRIPE_WEBHOOK_SECRET, is_local
from sandbox.stripe import catalogue, telling
from sandbox.stripe.books import Books, Words
from sandbox.stripe.calls import Call, Routes
from sandbox.stripe.params import Params

_ROUTES: Routes = {**catalogue.ROUTES, **telling.ROUTES}
_OURS = {"made_by": "sandbox"}


@dataclass(frozen=True, slots=True)
class Goods:
    """One price: whole cents of US dollars per `interval`, month or year."""

    lookup_key: str
    title: str
    cents: int
    interval: str


@dataclass(frozen=True, slots=True)
class Opening:
    """`webhook_url` is on this machine."""

    goods: Sequence[Goods]
    webhook_url: str


def open_shop(books: Books, opening: Opening) -> None:
    """Raises ValueError where the webhooks would leave this machine."""
    if not is_local(opening.webhook_url):
        raise ValueError(f"{opening.webhook_url} is not on this machine, and the sandbox calls nobody else")
    with books.lock:
        for each in opening.goods:
            _offer(books, each)
        _listen(books, opening.webhook_url)


def _offer(books: Books, goods: Goods) -> None:
    """A developer who changes an amount means the price that is there; at Stripe itself it could not be changed."""
    there = books.every("price", lookup_key=goods.lookup_key)
    if there:
        there[0] |= {"unit_amount": goods.cents, "unit_amount_decimal": str(goods.cents), "active": True}
        return
    product = next(iter(books.every("product", name=goods.title)), None) or _do(books, "POST /v1/products", name=goods.title)
    _do(
        books, "POST /v1/prices", product=product["id"], currency="usd", unit_amount=str(goods.cents), lookup_key=goods.lookup_key,
        nickname=f"{goods.title} ({goods.interval}ly)", recurring={"interval": goods.interval},
    )  # fmt: skip


def _listen(books: Books, url: str) -> None:
    there = books.every("webhook_endpoint", metadata=_OURS)
    key = there[0]["id"] if there else _do(books, "POST /v1/webhook_endpoints", url=url, enabled_events=["*"])["id"]
    books.kept[key] |= {"url": url, "metadata": dict(_OURS), "_secrets": [STRIPE_WEBHOOK_SECRET]}


def _do(books: Books, route: str, **params: Params | str | list[str]) -> Words:
    return _ROUTES[route](Call(books, params))
