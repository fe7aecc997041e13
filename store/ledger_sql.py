"""The statements of `store.ledger`. Every one fixes the tenant; the sweep alone looks across tenants.

The hot ones are the driver's own text, so that nothing is compiled per call.
"""

from decimal import Decimal
from typing import NamedTuple

COLUMNS = "operation, subject, state, reserved_usd, spent_usd, day, expires_at, began_at, ended_at, service, production, request_id, run_id, user_id"

GET = f"select {COLUMNS} from reservations where tenant_id = %(tenant)s and operation = %(operation)s"

# All of reserving in one statement, under one lock per workspace: see the function in the migrations.
RESERVE = """
select * from app.reserve_usd(
  %(tenant)s, %(operation)s, %(subject)s, %(usd)s, %(day)s, %(expires_at)s, cast(%(links)s as jsonb), cast(%(caps)s as jsonb))"""


class Answer(NamedTuple):
    """What `RESERVE` came to, and the sums before it."""

    outcome: str
    day_usd: Decimal
    month_usd: Decimal
    production_usd: Decimal
    day_cap: Decimal
    month_cap: Decimal


CAP = """
insert into ledger_caps (tenant_id, period, cap_usd) values (:tenant, :period, :usd)
on conflict (tenant_id, period) do update set cap_usd = excluded.cap_usd"""

PRODUCTION = """
select coalesce(sum(case state when 'reserved' then reserved_usd else coalesce(spent_usd, 0) end), 0) from reservations
 where tenant_id = :tenant and production = :production"""

BEGIN = """
update reservations set began_at = coalesce(began_at, clock_timestamp())
 where tenant_id = %(tenant)s and operation = %(operation)s and state = 'reserved' returning operation"""

SETTLE = """
with ended as (
  update reservations set state = %(state)s, spent_usd = %(spent)s, ended_at = clock_timestamp()
   where tenant_id = %(tenant)s and operation = %(operation)s returning ended_at),
entries as (
  insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  select %(tenant)s, %(operation)s, m.kind, m.source, m.target, m.amount
    from unnest(cast(%(kinds)s as text[]), cast(%(sources)s as text[]), cast(%(targets)s as text[]), cast(%(amounts)s as numeric[]))
      m(kind, source, target, amount)),
counted as (
  update ledger_days set reserved_usd = reserved_usd + %(net_reserved)s, spent_usd = spent_usd + %(net_spent)s
   where tenant_id = %(tenant)s and day = %(day)s returning day)
select ended.ended_at, app.settle_deployment(%(tenant)s, counted.day, cast(%(net_reserved)s as numeric) + cast(%(net_spent)s as numeric))
  from counted, ended"""

# What `domain.money.commit` books for a reservation that is open, in one statement: by far the most reservations end so. No row: it is not.
COMMIT = f"""
with ended as (
  update reservations set state = 'committed', spent_usd = %(usd)s, ended_at = clock_timestamp()
   where tenant_id = %(tenant)s and operation = %(operation)s and state = 'reserved' returning {COLUMNS}),
entries as (
  insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  select %(tenant)s, ended.operation, m.kind, m.source, m.target, m.amount from ended cross join lateral (values
      ('commit', 'reserved', 'spent', least(ended.spent_usd, ended.reserved_usd)),
      ('surplus', 'reserved', 'available', ended.reserved_usd - ended.spent_usd),
      ('overage', 'available', 'spent', ended.spent_usd - ended.reserved_usd)) m (kind, source, target, amount) where m.amount > 0),
counted as (
  update ledger_days d set reserved_usd = d.reserved_usd - ended.reserved_usd, spent_usd = d.spent_usd + ended.spent_usd from ended
   where d.tenant_id = %(tenant)s and d.day = ended.day returning d.day)
select ended.*, app.settle_deployment(%(tenant)s, ended.day, ended.spent_usd - ended.reserved_usd) from ended, counted"""

EXPIRED = f"""
select tenant_id, {COLUMNS} from reservations where state = 'reserved' and expires_at <= :now
 order by expires_at limit :limit for update skip locked"""

COSTS = """
select coalesce(sum(spent_usd) filter (where day = :day), 0) as today,
  coalesce(sum(spent_usd) filter (where day >= date_trunc('month', cast(:day as date))), 0) as month,
  coalesce(sum(reserved_usd), 0) as reserved
  from ledger_days where tenant_id = :tenant and day <= :day"""
