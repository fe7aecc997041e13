"""Invoices, payments, refunds and cards, as they are mirrored of the provider. For owners and admins who logged in."""

from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.billing.buying import LineOut
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs
from domain.billing.objects import Invoice, Payment, PaymentMethod, Refund
from domain.roles import Action
from store.database import Database, Entry
from store.keyset import Position

MomentKind = tuple[datetime | None, str]


class InvoiceOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whole cents of `currency`. `due_cents`: the total less what the customer had to their credit. `page_url`: where it can be paid."""

    invoice_id: str
    provider: str
    number: str | None
    subscription_id: str | None
    payment_id: str | None
    state: str
    reason: str | None
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    due_cents: int
    paid_cents: int
    remaining_cents: int
    lines: list[LineOut]
    period_start: datetime | None
    period_end: datetime | None
    created_at: datetime | None
    paid_at: datetime | None
    next_attempt_at: datetime | None
    page_url: str | None
    pdf_url: str | None

    @classmethod
    def of(cls, found: Invoice) -> "InvoiceOut":
        named = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in ("invoice_id", "lines")}
        return cls(invoice_id=found.invoice_id or "", lines=[LineOut.of(each) for each in found.lines], **named)


class PaymentOut(msgspec.Struct, frozen=True, kw_only=True):
    """One try to take money. `needs_action`: the payer's bank waits for them, in the portal. `dispute`: open, won or lost."""

    payment_id: str
    provider: str
    invoice_id: str | None
    subscription_id: str | None
    state: str
    currency: str
    amount_cents: int
    refunded_cents: int
    failure_code: str | None
    failure: str | None
    needs_action: bool
    dispute: str | None
    created_at: datetime | None

    @classmethod
    def of(cls, found: Payment, dispute: str | None) -> "PaymentOut":
        return cls(dispute=dispute, **{name: getattr(found, name) for name in cls.__struct_fields__ if name != "dispute"})


class RefundOut(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back, or there."""

    refund_id: str
    provider: str
    payment_id: str | None
    state: str
    currency: str
    amount_cents: int
    reason: str | None
    created_at: datetime | None

    @classmethod
    def of(cls, found: Refund) -> "RefundOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class MethodOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is paid with, as far as it may be shown."""

    method_id: str
    provider: str
    kind: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    is_default: bool

    @classmethod
    def of(cls, found: PaymentMethod) -> "MethodOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class MethodsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The default one first."""

    items: list[MethodOut]


class PaperController(Controller):
    """What was billed and paid."""

    path = "/billing"
    tags = ["money"]
    guards = [known_caller]
    security = BEARER

    @get("/invoices", sync_to_thread=True)
    def list_invoices(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[InvoiceOut]:  # fmt: skip
        """List invoices, newest first."""
        after = _after(cursors, cursor, "invoices")
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            found = uow.billing_lists.invoices(limit=limit + 1, after=after)
        place = lambda each: (each.created_at, each.invoice_id)  # noqa: E731 - named only to keep the line short
        return page(found, limit, shape=InvoiceOut.of, position=place, cursors=cursors, scope="invoices")

    @get("/invoices/{invoice_id:str}", sync_to_thread=True)
    def get_invoice(self, invoice_id: FromPath[str], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> InvoiceOut:
        """One invoice with its lines."""
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            return InvoiceOut.of(uow.billing_lists.invoice(invoice_id))

    @get("/payments", sync_to_thread=True)
    def list_payments(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[PaymentOut]:  # fmt: skip
        """List payments, those that failed too, newest first."""
        after = _after(cursors, cursor, "payments")
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            found = uow.billing_lists.payments(limit=limit + 1, after=after)
            disputes = uow.billing_lists.disputes([each.payment_id for each in found])
        shape = lambda each: PaymentOut.of(each, disputes.get(each.payment_id))  # noqa: E731 - as the next line
        place = lambda each: (each.created_at, each.payment_id)  # noqa: E731 - named only to keep the line short
        return page(found, limit, shape=shape, position=place, cursors=cursors, scope="payments")

    @get("/refunds", sync_to_thread=True)
    def list_refunds(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[RefundOut]:  # fmt: skip
        """List refunds, newest first."""
        after = _after(cursors, cursor, "refunds")
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            found = uow.billing_lists.refunds(limit=limit + 1, after=after)
        place = lambda each: (each.created_at, each.refund_id)  # noqa: E731 - named only to keep the line short
        return page(found, limit, shape=RefundOut.of, position=place, cursors=cursors, scope="refunds")

    @get("/payment-methods", sync_to_thread=True)
    def list_payment_methods(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> MethodsOut:
        """List what is paid with. Cards are added and removed in the portal."""
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            return MethodsOut(items=[MethodOut.of(each) for each in uow.billing_lists.methods()])


def _after(cursors: Cursors, cursor: str | None, scope: str) -> Position | None:
    return Position(*cursors.read(cursor, scope, MomentKind)) if cursor else None
