"""A workspace that pays at the sandbox's Stripe, and what it is told of it."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa

from domain.billing.events import BillingEvent
from domain.billing.news import Stood
from domain.billing.objects import Customer, Subscription
from domain.billing.orders import CheckoutOrder, NewCustomer
from domain.billing.standing import Standing
from domain.billing.states import Provider
from domain.ports import Shops
from services.billing import hearing, mirroring
from services.billing.hearing import Heard
from store.database import Database
from store.work import UnitOfWork
from tests.conftest import Member
from tests.gateways.shops import VISA, Shop, plan_prices, shop

STRIPE = Provider.STRIPE


@dataclass
class Payer:
    """A workspace at a shop whose clock stands still until it is moved."""

    database: Database
    member: Member
    shop: Shop

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.member.tenant_id)

    @property
    def shops(self) -> Shops:
        return Shops(MappingProxyType({STRIPE: self.shop.payments}))

    def customer(self, *, is_kept: bool = True) -> Customer:
        wanted = NewCustomer(str(self.member.tenant_id), self.member.email, "Payer")
        made = self.shop.payments.customer(wanted, key=f"customer-{self.member.tenant_id}")
        if is_kept:
            with self.begin() as uow:
                uow.billing.keep_customer(made)
        return made

    def buy(self, price: str = "starter_monthly", *, card: str = VISA, trial_days: int = 0, is_kept: bool = True) -> Subscription:
        customer = self.customer(is_kept=is_kept).customer_id
        order = CheckoutOrder(
            str(self.member.tenant_id), customer, price, "https://us.example/ok", "https://us.example/no", trial_days
        )  # fmt: skip
        page = self.shop.payments.checkout(order, key=self.shop.key())
        assert self.shop.pay(page, card).status_code == 200
        return self.shop.payments.subscriptions(customer)[0]

    def refresh(self) -> Standing:
        return mirroring.refresh(self, self.shops, STRIPE, now=self.shop.now, cause="test")

    def listen(self) -> None:
        listen(self.shop)

    def told(self) -> list[BillingEvent]:
        """What was told since, in the order of arrival."""
        self.shop.service.webhooks.pump()
        got, self.shop.inbox.got = self.shop.inbox.got, []
        found = [(self.shop.payments.heard(body, headers, now=self.shop.now), body) for body, headers in got]
        return [replace(event, body=body) for event, body in found]

    def keep(self, events: Iterable[BillingEvent]) -> list[tuple[bool, UUID | None]]:
        """Into the inbox, as the route does."""
        with self.database.begin_anonymous() as uow:
            return [uow.billing_events.keep(each, each.body) for each in events]

    def hear(self) -> Heard:
        return hearing.hear(self, self.shops, lambda: self.shop.now)

    def due(self) -> None:
        """What waits to be tried again is due now."""
        with self.database.begin_system() as system:
            system.connection.execute(sa.text("update billing_events set next_try_at = clock_timestamp() where state = 'kept'"))

    def events(self) -> dict[str, int]:
        """How many events of this workspace there are, by state."""
        with self.database.begin_system() as system:
            found = system.connection.execute(
                sa.text("select state, count(*) as events from billing_events where tenant_id = :tenant group by state"),
                {"tenant": self.member.tenant_id},
            )
            return {row.state: row.events for row in found}

    def alerts(self) -> list[str]:
        """The kinds of those that are open."""
        with self.begin() as uow:
            return [each.kind for each in uow.trust.alerts() if each.resolved_at is None]

    def stood(self) -> Stood:
        with self.begin() as uow:
            return uow.billing.stood()

    def mails(self) -> list[str]:
        """Their subjects, the oldest first."""
        with self.begin() as uow:
            found = uow.connection.execute(
                sa.text("select subject from outbox where dedupe_key like 'billing%' order by created_at, message_id")
            )
            return [each.removeprefix("Whyral: ") for each in found.scalars()]

    def notes(self) -> int:
        with self.begin() as uow:
            found = uow.connection.execute(sa.text("select count(*) from audit_log where action = 'subscription.changed'"))
            return int(found.scalar_one())


def opened() -> AbstractContextManager[Shop]:
    """A shop whose clock stands at the database's, so that what is borne with until a moment is."""
    return shop(epoch=datetime.now(UTC).replace(microsecond=0), prices=plan_prices())


def listen(there: Shop) -> None:
    """From now on what happens at the shop is told, signed with the endpoint's own secret."""
    secret = there.endpoint().secret
    assert secret
    there.payments.access = replace(there.payments.access, webhook_secrets=(secret,))


@contextmanager
def payer(database: Database, member: Member) -> Iterator[Payer]:
    with opened() as made:
        yield Payer(database, member, made)
