"""Plans: what each includes, what it is sold for, and what it costs us at full use. Reading the packaged file is in `store.plans`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from domain import prices
from domain.prices import Own
from domain.usage import Period

LEAST_MARGIN = Decimal("0.50")
# The longest month; a limit of a month or for ever counts once in it.
_TIMES = {Period.DAY: 31, Period.MONTH: 1, Period.TOTAL: 1}
_MONTHS = {"month": 1, "year": 12}
# What one unit of a meter takes of our own machines; outside calls are under the plan's cap.
_OWN = {
    "media_per_day": Own.MEDIA, "clips_per_day": Own.CLIP, "imports_per_day": Own.IMPORT, "requests_per_day": Own.REQUEST,
    "trackings": Own.TRACKING, "urls_per_day": Own.REQUEST, "searches_per_day": Own.REQUEST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a meter in a period; None: no limit. `per_user`, `per_platform`: of that, by one member or for one platform."""

    limit: int | None
    period: Period
    per_user: int | None = None
    per_platform: int | None = None


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """Whole cents of US dollars for a month or a year, before tax. The lookup key is the name of the price in Stripe.

    `is_sold` false: nobody buys it any more, but whoever pays it has the plan.
    """

    lookup_key: str
    cents: int
    interval: str
    is_sold: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """`day_usd` and `month_usd` are what outside calls may cost us for one workspace; None: the defaults of `domain.money`."""

    plan: str
    title: str
    features: tuple[str, ...]
    limits: Mapping[str, Limit]
    prices: tuple[PlanPrice, ...]
    day_usd: Decimal | None = None
    month_usd: Decimal | None = None
    clip_watermark: str | None = None


def with_more(plans: Sequence[Plan], current: str, meter: str, *, than: int | None) -> str | None:
    """The first plan after the current one that has the meter, and more of it than so much. None: there is none."""
    names = [each.plan for each in plans]
    later = plans[names.index(current) + 1 :] if current in names else ()
    return next((each.plan for each in later if _has_more(each.limits.get(meter), than)), None)


def _has_more(limit: Limit | None, than: int | None) -> bool:
    return limit is not None and (than is None or limit.limit is None or limit.limit > than)


def own_usd(meter: str, *, on: date) -> Decimal:
    """What one unit of a meter takes of our machines, in USD. Raises NoPrice."""
    return prices.unit_usd(_OWN[meter], on=on) if meter in _OWN else Decimal(0)


def full_use_usd(plan: Plan, *, on: date) -> Decimal:
    """What a month costs us at most: all limits used up on each of 31 days, outside calls up to the plan's cap. Raises NoPrice."""
    own = sum((own_usd(meter, on=on) * (rule.limit or 0) * _TIMES[rule.period] for meter, rule in plan.limits.items()), Decimal(0))
    return own + (plan.month_usd or Decimal(0))


def margin(plan: Plan, price: PlanPrice, *, on: date) -> Decimal:
    """The share of a month's price that is left at full use, after what the payment itself costs. Raises NoPrice."""
    months = _MONTHS[price.interval]
    paid = Decimal(price.cents) / 100 / months
    fee = paid * prices.unit_usd(Own.PAYMENT_SHARE, on=on) + prices.unit_usd(Own.PAYMENT, on=on) / months
    return 1 - (full_use_usd(plan, on=on) + fee) / paid


def described(plans: Sequence[Plan], *, on: date) -> str:
    """The tables of docs/reference/plans.md."""
    meters = sorted({meter for plan in plans for meter in plan.limits})
    head = ["meter", *(each.title for each in plans), "our machines, USD a unit"]
    rows = [[f"`{meter}`", *(_limit(each.limits.get(meter)) for each in plans), _usd(own_usd(meter, on=on))] for meter in meters]
    money = [["outside calls, USD a day / month", *(f"{each.day_usd} / {each.month_usd}" for each in plans), ""]]
    used = [["at full use, USD a month", *(f"{full_use_usd(each, on=on):.2f}" for each in plans), ""]]
    sold = [[f"`{p.lookup_key}`", each.title, f"{p.cents / 100:,.2f} a {p.interval}", f"{margin(each, p, on=on) * 100:.1f} %"]
            for each in plans for p in each.prices if p.is_sold]  # fmt: skip
    return _table(head, [*rows, *money, *used]) + "\n\n" + _table(["lookup key", "plan", "USD", "margin at full use"], sold)


def _limit(rule: Limit | None) -> str:
    if rule is None:
        return "not included"
    most = "no limit" if rule.limit is None else f"{rule.limit:,}"
    return f"{most} in all" if rule.period is Period.TOTAL else f"{most} a {rule.period}"


def _usd(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
