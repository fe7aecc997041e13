"""Buying, changing, canceling, resuming. Every change takes an `Idempotency-Key`, which is kept before the provider is asked."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from api.billing.paying import Paying, answered, operation_named
from api.idempotency import IdempotencyKey
from api.security import BEARER, known_caller
from domain.billing.changes import LATER
from domain.billing.objects import InvoiceLine
from domain.errors import FieldProblem, Unacceptable
from domain.roles import Action
from services.billing import buying
from services.billing.buying import Quote

# A preview is good for so long; clocks of two machines differ by so much.
QUOTED, AHEAD = timedelta(minutes=15), timedelta(seconds=5)
PriceName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Address = Annotated[str, msgspec.Meta(max_length=2000)]
PriceParam = Annotated[str, QueryParameter(name="price", max_length=100, description="the lookup key of a price of `GET /billing/plans`")]


class CheckoutIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`price`: the lookup key of a price of `GET /billing/plans`. Addresses of yours only on origins that the operator named."""

    price: PriceName
    success_url: Address | None = None
    cancel_url: Address | None = None


class CheckoutOut(msgspec.Struct, frozen=True, kw_only=True):
    """Send the browser to `url`. The plan begins once it was paid for there."""

    checkout_id: str
    url: str
    provider: str
    price: str
    plan: str
    trial_days: int
    expires_at: datetime | None


class PortalIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`return_url`: where the portal leads back to; only on origins that the operator named."""

    return_url: Address | None = None


class PortalOut(msgspec.Struct, frozen=True, kw_only=True):
    """Send the browser to `url` at once: it is good for minutes, for whoever has it."""

    url: str


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an invoice; a credit is negative."""

    description: str | None
    amount_cents: int
    quantity: int | None
    is_proration: bool
    period_start: datetime | None
    period_end: datetime | None

    @classmethod
    def of(cls, line: InvoiceLine) -> "LineOut":
        return cls(**{name: getattr(line, name) for name in cls.__struct_fields__})


class PreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the change costs now: `charge_cents` less `credit_cents`, of which `due_cents` is taken at once. Hand `at` to the upgrade.

    `effect`: `at_once`, or `at_period_end`, which costs nothing now.
    """

    effect: str
    effective_at: datetime | None
    price: str
    plan: str
    due_cents: int
    credit_cents: int
    charge_cents: int
    currency: str | None
    lines: list[LineOut]
    at: datetime | None

    @classmethod
    def of(cls, quote: Quote) -> "PreviewOut":
        found = quote.preview
        return cls(
            effect="at_period_end" if quote.deed in LATER else "at_once", effective_at=quote.effective_at,
            price=quote.price, plan=quote.plan, due_cents=found.due_cents if found else 0, credit_cents=found.credit_cents if found else 0,
            charge_cents=found.charge_cents if found else 0, currency=quote.currency,
            lines=[LineOut.of(each) for each in found.lines] if found else [], at=found.at if found else None,
        )  # fmt: skip


class ChangeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: that of a preview of the last 15 minutes, so that the change costs what was previewed to the cent."""

    price: PriceName
    at: datetime | None = None


class ChangedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The subscription after the call. `effect`: `at_once` or `at_period_end`; `invoice_id` to `paid_cents`: what was billed for it."""

    effect: str
    effective_at: datetime | None
    subscription_id: str
    plan: str | None
    price: str | None
    status: str
    scheduled_price: str | None
    ends_at: datetime | None
    invoice_id: str | None
    total_cents: int | None
    paid_cents: int | None
    currency: str | None


class BuyingController(Controller):
    """Plans, bought and changed. For the owner, who logged in."""

    path = "/billing"
    tags = ["money"]
    guards = [known_caller]
    security = BEARER

    @post("/checkout", sync_to_thread=True, status_code=201)
    def open_checkout(
        self, data: JSONBody[CheckoutIn], paying: NamedDependency[Paying], idempotency_key: IdempotencyKey = None
    ) -> Response[bytes]:
        """Open a page to buy a plan on, for 24 hours; the page before is closed. 409 where a plan is paid for already."""
        operation, pages = operation_named(idempotency_key), paying.returns.after_checkout(data.success_url, data.cancel_url)
        with paying.till() as till:
            return answered(buying.checkout(till, operation, data.price, pages), CheckoutOut, 201)

    @post("/portal", sync_to_thread=True, status_code=200)
    def open_portal(self, data: JSONBody[PortalIn], paying: NamedDependency[Paying]) -> Response[PortalOut]:
        """Open the provider's portal: cards, addresses, invoices, and paying what is open. 409 where nothing was ever bought."""
        return_url = paying.returns.after_portal(data.return_url)
        with paying.till() as till:
            return Response(PortalOut(url=buying.portal(till, return_url).url), headers={"Cache-Control": "no-store"})

    @get("/upgrade/preview", sync_to_thread=True)
    def preview_upgrade(self, price: PriceParam, paying: NamedDependency[Paying]) -> PreviewOut:
        """What a change of plan would cost now, to the cent, and when it takes effect. For owners and admins."""
        with paying.till(Action.READ_BILLING) as till:
            return PreviewOut.of(buying.preview(till, price))

    @post("/upgrade", sync_to_thread=True, status_code=200)
    def upgrade(
        self, data: JSONBody[ChangeIn], paying: NamedDependency[Paying], idempotency_key: IdempotencyKey = None
    ) -> Response[bytes]:  # fmt: skip
        """Change the plan: more at once, prorated and paid; less when the period ends. 402 where the card is declined: all is as before."""
        operation, at = operation_named(idempotency_key), _quoted(data.at)
        with paying.till() as till:
            return answered(buying.change(till, operation, data.price, at=at), ChangedOut, 200)

    @post("/cancel", sync_to_thread=True, status_code=200)
    def cancel(self, paying: NamedDependency[Paying], idempotency_key: IdempotencyKey = None) -> Response[bytes]:
        """Cancel when the period that is paid for ends; one whose payment is overdue is owed still. 409 where it is to end already."""
        operation = operation_named(idempotency_key)
        with paying.till() as till:
            return answered(buying.cancel(till, operation), ChangedOut, 200)

    @post("/resume", sync_to_thread=True, status_code=200)
    def resume(self, paying: NamedDependency[Paying], idempotency_key: IdempotencyKey = None) -> Response[bytes]:
        """Take back what was to happen when the period ends: a cancellation, or a smaller plan. 409 where nothing was."""
        operation = operation_named(idempotency_key)
        with paying.till() as till:
            return answered(buying.resume(till, operation), ChangedOut, 200)


def _quoted(at: datetime | None) -> datetime | None:
    """An earlier moment costs more, a later one less than is due: neither is the caller's to choose. Raises Unacceptable."""
    now = datetime.now(UTC)
    if at is not None and (at.tzinfo is None or not now - QUOTED <= at <= now + AHEAD):
        problem = FieldProblem("/at", "take it from a preview of the last 15 minutes, or leave it out")
        raise Unacceptable("the moment of the preview cannot be accepted", (problem,))
    return at
