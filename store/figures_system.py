"""Figures of the whole deployment by UTC day: revenue, payments, unit costs. Read and written by the system role, across workspaces."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.billing.states import SubscriptionState
from domain.revenue import Change, RevenueDay
from domain.rights import tombstone
from domain.unit_costs import ACCOUNTS, ANALYSES, ANALYSIS_JOBS, Analysed, Charged, UnitDay, Used
from store.tables.figures import cash_days, revenue_days, unit_days

_CHANGES = """
select tenant_id, changed_at, plan, status, month_cents, currency, grace_until, ends_at from subscription_changes
 order by tenant_id, changed_at, change_id"""

# What a workspace had bought when a day ended.
_PLAN = """coalesce((select s.plan from subscription_changes s where s.tenant_id = {t}.tenant_id
  and s.changed_at < ({t}.day + 1)::timestamp at time zone 'UTC' order by s.changed_at desc, s.change_id desc limit 1), 'free')"""
_USED = f"""
select u.day, {_PLAN.format(t="u")} as plan, u.meter, sum(u.used)::bigint as units from usage_days u
 where u.day between :since and :until and u.meter <> :accounts group by 1, 2, 3"""
_TRACKED = f"""
select d.day, {_PLAN.format(t="d")} as plan, cast(:accounts as text) as meter, sum(d.amount)::bigint as units
  from (select t.tenant_id, g.day::date as day, t.amount from usage_takes t
      join generate_series(cast(:since as date), cast(:until as date), interval '1 day') g(day)
        on t.day <= g.day and (t.given_back_at is null or t.given_back_at >= (g.day::date + 1)::timestamp at time zone 'UTC')
     where t.meter = :accounts) d
 group by 1, 2"""
_CHARGED = f"""
select c.day, {_PLAN.format(t="c")} as plan, c.subject_kind as kind,
  sum(case c.subject_kind when 'production' then c.productions else c.operations end)::bigint as units, sum(c.reserved_usd + c.spent_usd) as usd
  from cost_days c where c.day between :since and :until group by 1, 2, 3"""
# One that was asked for was taken as a request, perhaps when it was tried again: it counts on that day, as long as it was not given back.
# Others nobody took: those that succeeded.
_ANALYSED = f"""
select q.day, {_PLAN.format(t="q")} as plan, count(*) filter (where q.is_asked) as asked, count(*) filter (where not q.is_asked) as scheduled
  from (select r.tenant_id, coalesce(t.day, (r.created_at at time zone 'UTC')::date) as day, t.operation is not null as is_asked
      from requests r left join usage_takes t on t.tenant_id = r.tenant_id and t.operation = 'request:' || r.request_id
     where (t.day between :since and :until or r.created_at >= (cast(:since as date) - 1)::timestamp at time zone 'UTC'
       and r.created_at < (cast(:until as date) + 2)::timestamp at time zone 'UTC') and t.given_back_at is null
       and (r.kind = any(:kinds) or (r.kind in ('scheduled', 'manual') and r.subject = any(:jobs)))
       and (t.operation is not null or r.state = 'succeeded')) q
 where q.day between :since and :until group by 1, 2"""
_CASH = """
select day, provider, currency, sum(payments)::bigint as payments, sum(paid_cents)::bigint as paid_cents, sum(refunds)::bigint as refunds,
  sum(refunded_cents)::bigint as refunded_cents from (
  select (paid_at at time zone 'UTC')::date as day, provider, currency, 1 as payments, amount_cents as paid_cents, 0 as refunds, 0 as refunded_cents
    from billing_payments where state in ('succeeded', 'refunded') and paid_at is not null {paid}
  union all
  select (refunded_at at time zone 'UTC')::date, provider, currency, 0, 0, 1, amount_cents
    from billing_refunds where state = 'succeeded' and refunded_at is not null {refunded}) m
 group by 1, 2, 3"""
_CASH_OFF = f"""
select count(*) from ({_CASH.format(paid="and read_at < :before", refunded="and read_at < :before")}) m left join cash_days c using (day, provider, currency)
 where c.day is null or c.payments < m.payments or c.paid_cents < m.paid_cents or c.refunds < m.refunds or c.refunded_cents < m.refunded_cents"""
_UNITS_OFF = """
select day from (select day, sum(reserved_usd + spent_usd) as usd, max(made_at) as made from cost_days group by 1) c
  full join (select day, sum(outside_usd) as usd from unit_days group by 1) u using (day)
 where coalesce(c.usd, 0) <> coalesce(u.usd, 0) and day < :today and coalesce(c.made < :before, true) order by 1"""


class SystemFigures:
    """The days of the deployment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def changes(self) -> Iterator[tuple[list[Change], datetime | None]]:
        """Workspace by workspace: what it had, in the order in which that changed, and when it was erased."""
        gone = self._gone()
        rows = self._connection.execute(sa.text(_CHANGES), execution_options={"yield_per": 5_000})
        for tenant_id, found in groupby(rows, key=lambda row: row.tenant_id):
            yield [_change(row) for row in found], gone.get(tenant_id)

    def last_day(self, table: str) -> date | None:
        """The newest that was made of `revenue_days` or `unit_days`."""
        found: date | None = self._connection.execute(sa.select(sa.func.max(_TABLES[table].c.day))).scalar_one()
        return found

    def put_revenue(self, days: Sequence[RevenueDay], *, since: date, until: date) -> int:
        """All rows from `since` to `until`. Returns how many were not so before."""
        return self._replace(revenue_days, [asdict(each) for each in days], since, until)

    def put_units(self, days: Sequence[UnitDay], *, since: date, until: date) -> int:
        return self._replace(unit_days, [asdict(each) for each in days], since, until)

    def put_cash(self, *, since: date, until: date, now: datetime) -> int:
        """Payments and refunds as they are mirrored. Returns how many rows were not so before."""
        rows = [row._asdict() for row in self._run(_CASH.format(paid="", refunded=""))]
        return self._replace(cash_days, [{**row, "made_at": now} for row in rows if since <= row["day"] <= until], since, until)

    def revenue(self, *, since: date, until: date) -> list[RevenueDay]:
        """Both counted; oldest first."""
        found = sa.select(revenue_days).where(revenue_days.c.day.between(since, until)).order_by(*revenue_days.primary_key.columns)
        return [RevenueDay(**row._mapping) for row in self._connection.execute(found)]

    def used(self, *, since: date, until: date) -> list[Used]:
        words = {"since": since, "until": until, "accounts": ACCOUNTS}
        return [Used(**row._mapping) for each in (_USED, _TRACKED) for row in self._run(each, **words)]

    def charged(self, *, since: date, until: date) -> list[Charged]:
        return [Charged(**row._mapping) for row in self._run(_CHARGED, since=since, until=until)]

    def analysed(self, *, since: date, until: date) -> list[Analysed]:
        words = {"since": since, "until": until, "kinds": list(ANALYSES), "jobs": list(ANALYSIS_JOBS)}
        return [Analysed(**row._mapping) for row in self._run(_ANALYSED, **words)]

    def first_day(self) -> date | None:
        """The first on which anything was used, spent or bought."""
        found: date | None = self._connection.execute(
            sa.text(
                "select least((select min(day) from usage_days), (select min(day) from cost_days),"
                " (select min(changed_at at time zone 'UTC')::date from subscription_changes))"
            )
        ).scalar_one()
        return found

    def cash_off(self, *, before: datetime) -> int:
        """Days that lack a payment or refund that was mirrored by then."""
        return int(self._run(_CASH_OFF, before=before)[0][0])

    def units_off(self, *, today: date, before: datetime) -> list[date]:
        """Days before `today` whose outside costs are not those of all workspaces, as far as these were made by then; oldest first."""
        return [row.day for row in self._run(_UNITS_OFF, today=today, before=before)]

    def _gone(self) -> dict[UUID, datetime]:
        """Workspaces whose changes are kept though they were erased, and when they were."""
        left = self._run(
            "select distinct c.tenant_id from subscription_changes c where not exists (select from tenants t where t.tenant_id = c.tenant_id)"
        )
        hashes = {tombstone(row.tenant_id): row.tenant_id for row in left}
        known = self._run("select tenant_hash, erased_at from tombstones where tenant_hash = any(:hashes)", hashes=list(hashes))
        return {hashes[row.tenant_hash]: row.erased_at for row in known}

    def _replace(self, table: sa.Table, rows: Sequence[dict[str, Any]], since: date, until: date) -> int:
        key = [each.name for each in table.primary_key.columns]
        told = [each.name for each in table.columns if each.name not in (*key, "made_at")]
        found = self._connection.execute(sa.select(table).where(table.c.day.between(since, until)))
        before = {tuple(row._mapping[name] for name in key): tuple(row._mapping[name] for name in told) for row in found}
        after = {tuple(row[name] for name in key): row for row in rows}
        gone = [dict(zip(key, each, strict=True)) for each in before.keys() - after.keys()]
        changed = [row for place, row in after.items() if before.get(place) != tuple(row[name] for name in told)]
        stale = [{name: row[name] for name in key} for row in changed if tuple(row[name] for name in key) in before]
        for place in (*gone, *stale):
            self._connection.execute(table.delete().where(*(table.c[name] == value for name, value in place.items())))
        if changed:
            self._connection.execute(table.insert(), changed)
        return len(gone) + len(changed)

    def _run(self, statement: str, **words: object) -> Sequence[sa.Row[Any]]:
        return self._connection.execute(sa.text(statement), words).all()


def _change(row: sa.Row[Any]) -> Change:
    words = {each.name: row._mapping[each.name] for each in fields(Change)}
    return Change(**{**words, "status": SubscriptionState(words["status"])})


_TABLES = {"revenue_days": revenue_days, "unit_days": unit_days, "cash_days": cash_days}
