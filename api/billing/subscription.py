"""What the workspace has, since when, and until when; and having it read anew at the provider."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency

from api.billing.paying import Paying
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs
from domain.billing.standing import month_cents
from domain.billing.states import SubscriptionState
from domain.roles import Action
from services.billing import buying, deciding
from store.billing_lists import SubscriptionChange
from store.database import Database, Entry
from store.work import UnitOfWork

NewestKind = tuple[datetime, UUID]


class SubscriptionOut(msgspec.Struct, frozen=True, kw_only=True):
    """`plan`: by whose limits the workspace works; `bought`: what it pays for. All from `provider` on is null where nothing was bought.

    `status`: pending, trial, active, canceling (to its end), failed (a payment is overdue), canceled, expired. `is_payment_needed`: pay the
    open invoice in the portal; the plan holds until `grace_until`. `scheduled_price`: what it changes to at `period_end`.
    """

    plan: str
    bought: str
    status: str
    is_payment_needed: bool
    grace_until: datetime | None
    ends_at: datetime | None
    provider: str | None
    subscription_id: str | None
    price: str | None
    month_cents: int | None
    currency: str | None
    period_start: datetime | None
    period_end: datetime | None
    trial_end: datetime | None
    scheduled_price: str | None
    scheduled_plan: str | None
    updated_at: datetime

    @classmethod
    def read(cls, uow: UnitOfWork, now: datetime) -> "SubscriptionOut":
        stands, found, offers = uow.billing_lists.standing(), deciding.current(uow, now), uow.billing.offers()
        scheduled = offers.get(found.scheduled_price or "") if found else None
        names = ("subscription_id", "price", "currency", "period_start", "period_end", "trial_end", "scheduled_price")
        facts: dict[str, Any] = {name: getattr(found, name) if found else None for name in names}
        status = found.state if found is not None and stands.subscription_id is None else stands.status
        return cls(
            plan=uow.plans.current()[0], bought=stands.plan, status=status, is_payment_needed=status in _UNPAID,
            grace_until=stands.grace_until, ends_at=stands.ends_at, provider=found.provider if found else None,
            month_cents=month_cents(found) if found else None, scheduled_plan=scheduled.plan if scheduled else None,
            updated_at=stands.updated_at, **facts,
        )  # fmt: skip


_UNPAID = (SubscriptionState.FAILED, SubscriptionState.PENDING)


class SubscriptionChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the workspace had from `changed_at` on. `month_cents`: its price a month; `cause`: how we came to know."""

    change_id: UUID
    changed_at: datetime
    plan: str
    status: str
    provider: str | None
    price: str | None
    month_cents: int
    currency: str | None
    cause: str

    @classmethod
    def of(cls, found: SubscriptionChange) -> "SubscriptionChangeOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class SubscriptionController(Controller):
    """The workspace's subscription."""

    path = "/billing/subscription"
    tags = ["money"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def get_subscription(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> SubscriptionOut:
        """What the workspace has: plan, state, period, what is planned for its end, and whether a payment is needed."""
        with database.begin(entry) as uow:
            return SubscriptionOut.read(uow, datetime.now(UTC))

    @get("/history", sync_to_thread=True)
    def list_subscription_changes(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[SubscriptionChangeOut]:  # fmt: skip
        """List what the workspace had, newest change first. For owners and admins who logged in."""
        before = cursors.read(cursor, "subscription-changes", NewestKind) if cursor else None
        with database.begin(entry) as uow:
            needs(uow, Action.READ_BILLING)
            found = uow.billing_lists.changes(limit=limit + 1, before=before)
        return page(
            found, limit, shape=SubscriptionChangeOut.of, position=lambda each: (each.changed_at, each.change_id), cursors=cursors,
            scope="subscription-changes",
        )  # fmt: skip

    @post("/refresh", sync_to_thread=True, status_code=200)
    def refresh_subscription(self, paying: NamedDependency[Paying]) -> SubscriptionOut:
        """Have all of it read anew at the provider, and changes finished that broke off. For who comes back from a payment."""
        with paying.till() as till:
            buying.read_anew(till)
            with till.work.begin() as uow:
                return SubscriptionOut.read(uow, till.now)
