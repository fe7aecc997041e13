"""What is mirrored of payment providers, for one workspace: customers, subscriptions, invoices, payments. And what it stands at.

The inbox of events is in `store.billing_events`, calls that change something at a provider in `store.billing_calls`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from domain.billing.news import Stood
from domain.billing.objects import Customer, Dispute, Invoice, Payment, PaymentMethod, Refund, Subscription
from domain.billing.standing import Mirror, Offer, Standing, month_cents
from domain.billing.states import Provider, SubscriptionState
from domain.errors import Conflict, NotFound
from store.ids import new_id
from store.repository import Repository

Thing = TypeVar("Thing")
_NEWER = "on conflict (tenant_id, provider, {key}) do update set {sets}, data = excluded.data, read_at = excluded.read_at, version = t.version + 1 where t.read_at <= excluded.read_at or :overwrites"
_STAND = """
update subscriptions set plan = :plan, status = :status, provider = :provider, subscription_id = :subscription, grace_until = :grace,
  ends_at = :ends, updated_at = clock_timestamp()
where tenant_id = :tenant and (plan, status, provider, subscription_id, grace_until, ends_at)
  is distinct from (:plan, :status, cast(:provider as text), cast(:subscription as text), cast(:grace as timestamptz), cast(:ends as timestamptz))"""


@dataclass(frozen=True, slots=True)
class Seen:
    """How often and when last the mirrored subscriptions of a provider were written: whoever sees the same twice was alone in between."""

    writes: int
    read_at: datetime | None


class Billing(Repository):
    """One workspace's."""

    # Whether also an older reading is kept.
    _overwrites = False

    def lock(self) -> None:
        """Nobody else changes what this workspace stands at until the transaction ends."""
        self._run("select from subscriptions where tenant_id = :tenant for update")

    def customer(self, provider: Provider) -> str | None:
        """Its id at the provider."""
        return self.payer(provider)[0]

    def payer(self, provider: Provider) -> tuple[str | None, str | None]:
        """Its id at the provider, and the address that we gave there."""
        row = self._run(
            "select customer_id, email from billing_customers where tenant_id = :tenant and provider = :provider", provider=provider
        ).first()
        return (row.customer_id, row.email) if row else (None, None)

    def readdress(self, provider: Provider, email: str) -> None:
        self._run(
            "update billing_customers set email = :email where tenant_id = :tenant and provider = :provider", provider=provider, email=email
        )  # fmt: skip

    def keep_customer(self, made: Customer) -> str:
        """The first one stays. Returns the one that is kept. Raises Conflict where it is another workspace's."""
        self._run(
            "insert into billing_customers (tenant_id, provider, customer_id, email) values (:tenant, :provider, :customer, :email)"
            " on conflict do nothing",
            provider=made.provider, customer=made.customer_id, email=made.email,
        )  # fmt: skip
        kept = self.customer(made.provider)
        if kept is None:
            raise Conflict(f"{made.customer_id} pays for another workspace")
        return kept

    def replace_customer(self, made: Customer, *, gone: str) -> str:
        """One that was deleted at the provider makes way, unless somebody else replaced it. Returns the one that is kept."""
        self._run(
            "update billing_customers set customer_id = :customer, email = :email"
            " where tenant_id = :tenant and provider = :provider and customer_id = :gone",
            provider=made.provider, customer=made.customer_id, email=made.email, gone=gone,
        )  # fmt: skip
        return self.keep_customer(made)

    def offers(self) -> dict[str, Offer]:
        """Which plan each price buys, by lookup key."""
        rows = self._run(
            "select p.plan, p.position, q.price ->> 'lookup_key' as price, q.price ->> 'interval' as every,"
            " p.is_public and coalesce((q.price ->> 'is_sold')::boolean, true) as is_sold from plans p"
            " cross join lateral jsonb_array_elements(p.prices) q(price)"
        )
        return {row.price: Offer(row.plan, row.position, row.every, row.is_sold) for row in rows}

    def mirrors(self) -> list[Mirror]:
        """All subscriptions that it ever had, newest first."""
        rows = self._run(
            "select data, read_at, failing_since, reminders from billing_subscriptions where tenant_id = :tenant"
            " order by began_at desc nulls last, subscription_id"
        )
        return [Mirror(_thing(row.data, Subscription), row.read_at, row.failing_since, row.reminders) for row in rows]

    def seen(self, provider: Provider) -> Seen:
        row = self._run(
            "select coalesce(sum(version + 1), 0)::bigint as writes, max(read_at) as read_at from billing_subscriptions"
            " where tenant_id = :tenant and provider = :provider",
            provider=provider,
        ).one()
        return Seen(row.writes, row.read_at)

    def reminded(self, provider: Provider, subscription_id: str, reminders: int) -> None:
        """So many reminders of an overdue payment went out by now."""
        self._run(
            "update billing_subscriptions set reminders = :reminders"
            " where tenant_id = :tenant and provider = :provider and subscription_id = :id",
            provider=provider, id=subscription_id, reminders=reminders,
        )  # fmt: skip

    def stood(self) -> Stood:
        """What the workspace has, as it is kept."""
        row = self._run("select plan, status, subscription_id, ends_at from subscriptions where tenant_id = :tenant").one()
        return Stood(row.plan, SubscriptionState(row.status), row.subscription_id, row.ends_at)

    def changes(self) -> int:
        """How often what the workspace has changed."""
        return int(self._run("select count(*) from subscription_changes where tenant_id = :tenant").scalar_one())

    def keep(self, mirror: Mirror, offers: dict[str, Offer]) -> None:
        """A subscription as `domain.billing.standing.mirrored` says it is now."""
        found = mirror.subscription
        offer = offers.get(found.price or "")
        self._mirror("billing_subscriptions", "subscription_id", found, mirror.read_at, {
            "subscription_id": found.subscription_id, "state": found.state, "plan": offer.plan if offer else None, "price": found.price,
            "month_cents": month_cents(found), "currency": found.currency, "began_at": found.created_at, "ends_at": found.ends_at,
            "ended_at": found.ended_at, "failing_since": mirror.failing_since, "reminders": mirror.reminders,
        })  # fmt: skip

    def keep_invoice(self, found: Invoice, *, at: datetime) -> None:
        if found.invoice_id is not None:
            self._mirror("billing_invoices", "invoice_id", found, at, {
                "invoice_id": found.invoice_id, "subscription_id": found.subscription_id, "state": found.state, "currency": found.currency,
                "total_cents": found.total_cents, "paid_cents": found.paid_cents, "invoiced_at": found.created_at,
            })  # fmt: skip

    def keep_payment(self, found: Payment, *, at: datetime) -> None:
        self._mirror("billing_payments", "payment_id", found, at, {
            "payment_id": found.payment_id, "invoice_id": found.invoice_id, "state": found.state, "currency": found.currency,
            "amount_cents": found.amount_cents, "refunded_cents": found.refunded_cents, "paid_at": found.created_at,
        })  # fmt: skip

    def keep_refund(self, found: Refund, *, at: datetime) -> None:
        self._mirror("billing_refunds", "refund_id", found, at, {
            "refund_id": found.refund_id, "payment_id": found.payment_id, "state": found.state, "currency": found.currency,
            "amount_cents": found.amount_cents, "refunded_at": found.created_at,
        })  # fmt: skip

    def keep_dispute(self, found: Dispute, *, at: datetime) -> None:
        self._mirror("billing_disputes", "dispute_id", found, at, {
            "dispute_id": found.dispute_id, "payment_id": found.payment_id, "state": found.state, "currency": found.currency,
            "amount_cents": found.amount_cents, "disputed_at": found.created_at,
        })  # fmt: skip

    def keep_methods(self, provider: Provider, found: Sequence[PaymentMethod], *, at: datetime) -> None:
        """All that there are: others are gone."""
        self._run(
            "delete from billing_methods where tenant_id = :tenant and provider = :provider and read_at <= :at", provider=provider, at=at
        )
        for each in found:
            self._mirror("billing_methods", "method_id", each, at, {"method_id": each.method_id, "is_default": each.is_default})

    def invoices(self, *, limit: int = 100) -> list[Invoice]:
        """Newest first."""
        rows = self._run(
            "select data from billing_invoices where tenant_id = :tenant order by invoiced_at desc nulls last, invoice_id limit :limit",
            limit=limit,
        )
        return [_thing(row.data, Invoice) for row in rows]

    def payment(self, payment_id: str) -> Payment:
        """Raises NotFound."""
        row = self._run("select data from billing_payments where tenant_id = :tenant and payment_id = :id", id=payment_id).first()
        if row is None:
            raise NotFound("payment", payment_id)
        return _thing(row.data, Payment)

    def refunds_of(self, payment_id: str) -> list[Refund]:
        """Newest first."""
        rows = self._run(
            "select data from billing_refunds where tenant_id = :tenant and payment_id = :id order by refunded_at desc nulls last, refund_id",
            id=payment_id,
        )
        return [_thing(row.data, Refund) for row in rows]

    def lost_cents(self, payment_id: str) -> int:
        """What the payer's bank took back of it: disputes that were lost."""
        found = (
            "select coalesce(sum(amount_cents), 0) from billing_disputes where tenant_id = :tenant and payment_id = :id and state = 'lost'"
        )
        return int(self._run(found, id=payment_id).scalar_one())

    def stand(self, found: Standing, *, now: datetime, cause: str) -> bool:
        """What the workspace has from now on. Returns whether that is a change, which is noted down."""
        words = {
            "plan": found.plan, "status": found.status, "provider": found.provider, "subscription": found.subscription_id,
            "grace": found.grace_until, "ends": found.ends_at,
        }  # fmt: skip
        if self._run(_STAND, **words).rowcount == 0:
            return False
        self._run(
            "insert into subscription_changes (tenant_id, change_id, changed_at, plan, status, provider, subscription_id, price, month_cents,"
            " currency, cause, grace_until, ends_at)"
            " values (:tenant, :id, :now, :plan, :status, :provider, :subscription, :price, :cents, :currency, :cause, :grace, :ends)",
            **words, id=new_id(), now=now, price=found.price, cents=found.month_cents, currency=found.currency, cause=cause,
        )  # fmt: skip
        return True

    def _mirror(self, table: str, key: str, thing: Any, at: datetime, columns: dict[str, object]) -> None:
        """Insert or overwrite; a reading that is older than what is there changes nothing."""
        names = list(columns)
        newer = _NEWER.format(key=key, sets=", ".join(f"{each} = excluded.{each}" for each in names if each != key))
        self._run(
            f"insert into {table} as t (tenant_id, provider, {', '.join(names)}, data, read_at)"
            f" values (:tenant, :provider, {', '.join(f':{each}' for each in names)}, cast(:data as jsonb), :at) {newer}",
            provider=thing.provider, data=msgspec.json.encode(thing).decode(), at=at, overwrites=self._overwrites, **columns,
        )  # fmt: skip


def _thing(data: Any, kind: type[Thing]) -> Thing:
    return msgspec.convert(data, kind)
