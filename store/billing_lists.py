"""What payers look at: how the workspace stands, its invoices, payments and refunds, and every change. Keeping them is `store.billing`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from domain.billing.objects import Invoice, Payment, PaymentMethod, Refund
from domain.billing.refunds import after_bounces
from domain.billing.states import Provider, SubscriptionState
from domain.errors import NotFound
from store import keyset
from store.keyset import Position
from store.repository import Repository

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class KeptStanding:
    """The row of `subscriptions`, in plain words: what was bought, not what an administrator allowed besides."""

    plan: str
    status: SubscriptionState
    provider: Provider | None
    subscription_id: str | None
    grace_until: datetime | None
    ends_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """What the workspace had from `changed_at` on. `month_cents`: what it brings in a month."""

    change_id: UUID
    changed_at: datetime
    plan: str
    status: SubscriptionState
    provider: Provider | None
    subscription_id: str | None
    price: str | None
    month_cents: int
    currency: str | None
    cause: str


class BillingLists(Repository):
    """One workspace's."""

    def standing(self) -> KeptStanding:
        (row,) = self._read(
            "select plan, status, provider, subscription_id, grace_until, ends_at, updated_at from subscriptions where tenant_id = %(tenant)s"
        )
        return KeptStanding(**{**row._mapping, "status": SubscriptionState(row.status), "provider": _provider(row.provider)})

    def changes(self, *, limit: int, before: tuple[datetime, UUID] | None) -> list[SubscriptionChange]:
        """Newest first."""
        at, last = before or (None, None)
        rows = self._read(
            "select change_id, changed_at, plan, status, provider, subscription_id, price, month_cents, currency, cause"
            " from subscription_changes where tenant_id = %(tenant)s"
            " and (%(at)s::timestamptz is null or (changed_at, change_id) < (%(at)s::timestamptz, %(last)s::uuid))"
            " order by changed_at desc, change_id desc limit %(limit)s",
            at=at, last=last, limit=limit,
        )  # fmt: skip
        return [
            SubscriptionChange(**{**row._mapping, "status": SubscriptionState(row.status), "provider": _provider(row.provider)})
            for row in rows
        ]

    def methods(self) -> list[PaymentMethod]:
        """What is paid with; the default one first."""
        rows = self._read("select data from billing_methods where tenant_id = %(tenant)s order by is_default desc, method_id limit 100")
        return [msgspec.convert(row.data, PaymentMethod) for row in rows]

    def invoice(self, invoice_id: str) -> Invoice:
        """Raises NotFound."""
        rows = self._read("select data from billing_invoices where tenant_id = %(tenant)s and invoice_id = %(id)s", id=invoice_id)
        if not rows:
            raise NotFound("invoice", invoice_id)
        return msgspec.convert(rows[0].data, Invoice)

    def invoices(self, *, limit: int, after: Position | None) -> list[Invoice]:
        """Newest first, as in all of these lists; those without a moment come last."""
        return self._page("billing_invoices", ("invoiced_at", "invoice_id"), Invoice, limit, after)

    def payments(self, *, limit: int, after: Position | None) -> list[Payment]:
        """With the invoice that each is of, where the provider says that of the invoice only; without refunds that bounced."""
        found = self._page("billing_payments", ("paid_at", "payment_id"), Payment, limit, after)
        refunds = self._refunds_of([each.payment_id for each in found])
        rows = self._read(
            "select data ->> 'payment_id' as payment_id, invoice_id, subscription_id from billing_invoices"
            " where tenant_id = %(tenant)s and data ->> 'payment_id' = any(%(ids)s)",
            ids=[each.payment_id for each in found],
        )
        billed = {row.payment_id: (row.invoice_id, row.subscription_id) for row in rows}
        stands = [after_bounces(each, [one for one in refunds if one.payment_id == each.payment_id]) for each in found]
        return [_of_invoice(each, *billed.get(each.payment_id, (None, None))) for each in stands]

    def disputes(self, payment_ids: Sequence[str]) -> dict[str, str]:
        """How the dispute about each of these payments stands, where there is one."""
        rows = self._read(
            "select payment_id, state from billing_disputes where tenant_id = %(tenant)s and payment_id = any(%(ids)s) order by disputed_at",
            ids=list(payment_ids),
        )
        return {row.payment_id: row.state for row in rows}

    def refunds(self, *, limit: int, after: Position | None) -> list[Refund]:
        return self._page("billing_refunds", ("refunded_at", "refund_id"), Refund, limit, after)

    def _refunds_of(self, payment_ids: Sequence[str]) -> list[Refund]:
        rows = self._read(
            "select data from billing_refunds where tenant_id = %(tenant)s and payment_id = any(%(ids)s)", ids=list(payment_ids)
        )
        return [msgspec.convert(row.data, Refund) for row in rows]

    def _page(self, table: str, keys: tuple[str, str], kind: type[Thing], limit: int, after: Position | None) -> list[Thing]:
        return [msgspec.convert(row[0], kind) for row in keyset.read(self._part(table, keys), after, limit)]

    def _part(self, table: str, keys: tuple[str, str]) -> Callable[[bool, bool, int, Mapping[str, object]], keyset.Rows]:
        def read(is_known: bool, is_after: bool, limit: int, words: Mapping[str, Any]) -> keyset.Rows:
            part = keyset.known if is_known else keyset.unknown
            clauses = part(*keys, is_descending=True, is_after=is_after)
            statement = (
                f"select data from {table} where tenant_id = %(tenant)s and {clauses.where} order by {clauses.order} limit %(limit)s"
            )
            return self._read(statement, limit=limit, **words)

        return read


def _of_invoice(found: Payment, invoice_id: str | None, subscription_id: str | None) -> Payment:
    return replace(found, invoice_id=found.invoice_id or invoice_id, subscription_id=found.subscription_id or subscription_id)


def _provider(name: str | None) -> Provider | None:
    return Provider(name) if name else None
