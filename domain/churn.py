"""How much of the revenue of some days was lost, as shares. Pure; the days are `domain.revenue`'s."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from domain.revenue import FIGURES, Change, RevenueDay, worth
from domain.usage import utc_day

_PLACES = Decimal("0.0001")
_STANDING = ("mrr_cents", "subscribers")


@dataclass(frozen=True, slots=True)
class Churn:
    """Of one currency, over the days of a report; shares of what stood when the first of them began, None where nothing stood.

    `subscribers_share = churned / subscribers`, `gross_share = (churned + contraction) / mrr`, `net_share = (churned + contraction -
    expansion) / mrr`. A net share below 0 is growth of those that stayed. What is new or came back is in none of them.
    """

    currency: str
    start_mrr_cents: int
    start_subscribers: int
    subscribers_share: Decimal | None
    gross_share: Decimal | None
    net_share: Decimal | None


def by_day(rows: Iterable[RevenueDay]) -> list[RevenueDay]:
    """All plans of a currency together; `plan` is empty. Newest first."""
    return _summed(rows, lambda each: (each.day, "", each.currency))


def by_plan(rows: Iterable[RevenueDay], *, on: date) -> list[RevenueDay]:
    """Movements of all days, and what stood at the end of `on`."""
    moved = _summed(rows, lambda each: (on, each.plan, each.currency), standing_of=on)
    return [each for each in moved if any(getattr(each, name) for name in FIGURES)]


def churn(rows: Sequence[RevenueDay], *, since: date) -> list[Churn]:
    """`rows` are of whole days from the one before `since` on."""
    currencies = sorted({each.currency for each in rows})
    return [_churn([each for each in rows if each.currency == currency], currency, since) for currency in currencies]


def _churn(rows: Sequence[RevenueDay], currency: str, since: date) -> Churn:
    before = [each for each in rows if each.day == since - timedelta(days=1)]
    inside = [each for each in rows if each.day >= since]
    mrr, subscribers = sum(each.mrr_cents for each in before), sum(each.subscribers for each in before)
    lost = sum(each.churned_cents + each.contraction_cents for each in inside)
    return Churn(
        currency, mrr, subscribers, _share(sum(each.churned_subscribers for each in inside), subscribers), _share(lost, mrr),
        _share(lost - sum(each.expansion_cents for each in inside), mrr),
    )  # fmt: skip


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_EVEN) if whole else None


def _summed(
    rows: Iterable[RevenueDay], key: Callable[[RevenueDay], tuple[date, str, str]], *, standing_of: date | None = None
) -> list[RevenueDay]:
    found: dict[tuple[date, str, str], dict[str, int]] = {}
    for each in rows:
        row = found.setdefault(key(each), dict.fromkeys(FIGURES, 0))
        for name in FIGURES:
            if name not in _STANDING or standing_of in (None, each.day):
                row[name] += getattr(each, name)
    order = sorted(found, key=lambda place: (-place[0].toordinal(), *place[1:]))
    return [RevenueDay(day=day, plan=plan, currency=currency, **found[day, plan, currency]) for day, plan, currency in order]


def standing_now(changes: Iterable[Change], *, now: datetime) -> list[RevenueDay]:
    """What holds at this moment, by plan and currency, of each workspace's newest change."""
    found = []
    for each in changes:
        held, until = worth(each)
        if held is not None and (until is None or until >= now):
            found.append(RevenueDay(day=utc_day(now), plan=held.plan, currency=held.currency, mrr_cents=held.cents, subscribers=1))
    return _summed(found, lambda each: (each.day, each.plan, each.currency))
