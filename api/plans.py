"""The plans that are offered. Choosing and paying is not here; what a workspace used of its plan is in `api.usage`."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from api.owner.shapes import exact
from api.security import PUBLIC
from domain.plans import Limit, Plan, PlanPrice
from store.database import Database


class LimitOut(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a meter in a period of UTC (`day`, `month`, `total`); null: no limit. Of that, by one member, for one platform."""

    limit: int | None
    period: str
    per_user: int | None
    per_platform: int | None

    @classmethod
    def of(cls, rule: Limit) -> "LimitOut":
        return cls(limit=rule.limit, period=rule.period, per_user=rule.per_user, per_platform=rule.per_platform)


class PlanPriceOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whole cents before tax, for a month or a year."""

    lookup_key: str
    cents: int
    currency: str
    interval: str

    @classmethod
    def of(cls, price: PlanPrice) -> "PlanPriceOut":
        return cls(lookup_key=price.lookup_key, cents=price.cents, currency="usd", interval=price.interval)


class PlanOut(msgspec.Struct, frozen=True, kw_only=True):
    """A plan. `day_usd` and `month_usd`: what paid calls to the outside may cost for the workspace, all included in the price."""

    plan: str
    title: str
    features: list[str]
    limits: dict[str, LimitOut]
    prices: list[PlanPriceOut]
    day_usd: str | None
    month_usd: str | None

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        limits = {meter: LimitOut.of(rule) for meter, rule in plan.limits.items()}
        return cls(
            plan=plan.plan, title=plan.title, features=list(plan.features), limits=limits,
            prices=[PlanPriceOut.of(each) for each in plan.prices if each.is_sold],
            day_usd=exact(plan.day_usd), month_usd=exact(plan.month_usd),
        )  # fmt: skip


class PlansOut(msgspec.Struct, frozen=True, kw_only=True):
    """From the smallest to the largest."""

    items: list[PlanOut]


class OfferController(Controller):
    """Plans."""

    path = "/billing/plans"
    tags = ["money"]
    security = PUBLIC

    @get("/", sync_to_thread=True)
    def list_plans(self, database: NamedDependency[Database]) -> PlansOut:
        """The plans: what each includes, and what it is sold for."""
        with database.begin_anonymous() as uow:
            return PlansOut(items=[PlanOut.of(each) for each in uow.plans.offered()])
