"""What outside calls have cost a workspace: its day, by what it was spent on, and what the coming days may cost. Reads only."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.costs import BY, Cost, CostRow, CostsAsked, Forecast, Summary, forecast
from domain.money import DAY_CAP_USD, MONTH_CAP_USD, PRODUCTION_FALLBACK_USD, ReservationState
from domain.usage import utc_day
from store.repository import Repository

# What counts: what was spent, and what is held as long as nobody knows better.
_COUNTS = "case state when 'reserved' then reserved_usd else coalesce(spent_usd, 0) end"
_NAMED = {
    "service": "coalesce(service, 'unnamed')", "day": "day::text", "subject": "subject", "production": "production",
    "request": "request_id::text", "user": "user_id::text",
}  # fmt: skip
_BREAKDOWN = """
select {name} as name, count(*) as operations, sum({counts}) as usd, max({counts}) as max_usd,
  count(*) filter (where state = 'unknown') as unknown from reservations
 where tenant_id = :tenant and day between :since and :until and state <> 'released' and {name} is not null
 group by 1 order by {order} limit :limit"""
_LISTED = f"""
select operation, service, state, {_COUNTS} as cost_usd, reserved_usd, day, created_at, ended_at, subject, production, request_id, user_id
  from reservations where tenant_id = :tenant and day >= :since and state <> 'released'"""
_ONLY = ("service", "subject", "production", "request_id")
_CAPS = """
select coalesce(max(c.cap_usd) filter (where c.period = 'day'), (select p.day_usd from plans p where p.plan = l.plan), :day_cap) as day_usd,
  coalesce(max(c.cap_usd) filter (where c.period = 'month'), (select p.month_usd from plans p where p.plan = l.plan), :month_cap) as month_usd
  from app.limits_of(:tenant) l left join ledger_caps c on c.tenant_id = :tenant group by l.plan"""
_DAYS = "select day, spent_usd + reserved_usd as usd from ledger_days where tenant_id = :tenant and day between :since and :until"
_PRODUCTIONS = f"""
select count(distinct production) as productions, coalesce(sum({_COUNTS}), 0) as usd from reservations
 where tenant_id = :tenant and day between :since and :until and production is not null and state <> 'released'"""


class Costs(Repository):
    """One tenant's costs; amounts are exact USD, days are UTC."""

    def caps(self) -> tuple[Decimal, Decimal]:
        """What a day and a month may cost: as set for this workspace, else by its plan, else the default."""
        row = self._run(_CAPS, day_cap=DAY_CAP_USD, month_cap=MONTH_CAP_USD).one()
        return row.day_usd, row.month_usd

    def breakdown(self, by: str, *, since: date, until: date, limit: int = 100) -> list[CostRow]:
        """Costs by one of `domain.costs.BY`, both days counted: the newest day first, else the dearest first."""
        if by not in BY:
            raise ValueError(f"by: {by} is none of {BY}")
        limit = max(limit, (until - since).days + 1) if by == "day" else limit
        statement = _BREAKDOWN.format(name=_NAMED[by], counts=_COUNTS, order="1 desc" if by == "day" else "3 desc, 1")
        return [CostRow(**row._mapping) for row in self._run(statement, since=since, until=until, limit=limit)]

    def listed(self, asked: CostsAsked, *, limit: int, after: tuple[date, datetime, str] | None = None) -> list[Cost]:
        """Newest first, after the place where a page ended. What was released cost nothing, and is left out."""
        only = {name: getattr(asked, name) for name in _ONLY if getattr(asked, name) is not None}
        clauses = [f"{name} = :{name}" for name in only]
        words = {}
        if after is not None:
            clauses.append("(day, created_at, operation) < (:at_day, :at, :last)")
            words = dict(zip(("at_day", "at", "last"), after, strict=True))
        statement = " and ".join((_LISTED, *clauses)) + " order by day desc, created_at desc, operation desc limit :limit"
        rows = self._run(statement, since=asked.since, limit=limit, **only, **words)
        return [Cost(**{**row._mapping, "state": ReservationState(row.state)}) for row in rows]

    def summary(self, *, now: datetime) -> Summary:
        """The UTC day so far."""
        today = utc_day(now)
        services = {each.name: each.usd for each in self.breakdown("service", since=today, until=today)}
        day_cap, month_cap = self.caps()
        days = self._by_day(today.replace(day=1), today)
        return Summary(
            today, sum(services.values(), Decimal(0)), day_cap, sum(days.values(), Decimal(0)), month_cap, services, self._each(today)
        )

    def forecast(self, *, now: datetime) -> Forecast:
        """What the rest of the month may cost, by the mean of the seven days before this one."""
        today = utc_day(now)
        days = self._by_day(min(today.replace(day=1), today - timedelta(days=7)), today)
        return forecast(days, today=today, month_cap=self.caps()[1])

    def _each(self, today: date) -> Decimal:
        """What a production costs: the mean of those of seven days, else what is expected."""
        row = self._run(_PRODUCTIONS, since=today - timedelta(days=6), until=today).one()
        return row.usd / row.productions if row.productions and row.usd else PRODUCTION_FALLBACK_USD

    def _by_day(self, since: date, until: date) -> dict[date, Decimal]:
        return {row.day: row.usd for row in self._run(_DAYS, since=since, until=until)}
