"""A workspace that pays at the sandbox's Stripe, and what it is told of it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import sqlalchemy as sa

from domain.billing.news import Stood
from domain.billing.objects import Customer, Subscription
from domain.billing.orders import CheckoutOrder, NewCustomer
from domain.billing.standing import Standing
from domain.billing.states import Provider
from domain.ports import Shops
from services.billing import mirroring
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


@contextmanager
def payer(database: Database, member: Member) -> Iterator[Payer]:
    """The shop's clock stands at the database's, so that what is borne with until a moment is."""
    with shop(epoch=datetime.now(UTC).replace(microsecond=0), prices=plan_prices()) as made:
        yield Payer(database, member, made)
