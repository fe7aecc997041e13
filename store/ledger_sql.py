"""The statements of `store.ledger`. Every one fixes `:tenant`; the sweep alone looks across tenants."""

COLUMNS = "operation, subject, state, reserved_usd, spent_usd, day, expires_at, began_at, ended_at, service, production, request_id, run_id, user_id"

GET = f"select {COLUMNS} from reservations where tenant_id = :tenant and operation = :operation"

# All of reserving in one statement, under one lock per workspace: see the function in the migrations.
RESERVE = """
select * from app.reserve_usd(:tenant, :operation, :subject, :usd, :day, :expires_at, cast(:links as jsonb), cast(:caps as jsonb))"""

PRODUCTION = """
select coalesce(sum(case state when 'reserved' then reserved_usd else coalesce(spent_usd, 0) end), 0) from reservations
 where tenant_id = :tenant and production = :production"""

BEGIN = """
update reservations set began_at = coalesce(began_at, clock_timestamp())
 where tenant_id = :tenant and operation = :operation and state = 'reserved'"""

SETTLE = """
with ended as (
  update reservations set state = :state, spent_usd = :spent, ended_at = clock_timestamp() where tenant_id = :tenant and operation = :operation),
entries as (
  insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  select :tenant, :operation, m.kind, m.source, m.target, m.amount
    from unnest(cast(:kinds as text[]), cast(:sources as text[]), cast(:targets as text[]), cast(:amounts as numeric[])) m(kind, source, target, amount)),
counted as (
  update ledger_days set reserved_usd = reserved_usd + :net_reserved, spent_usd = spent_usd + :net_spent where tenant_id = :tenant and day = :day
  returning day)
select app.settle_deployment(:tenant, counted.day, cast(:net_reserved as numeric) + cast(:net_spent as numeric)) from counted"""

EXPIRED = f"""
select tenant_id, {COLUMNS} from reservations where state = 'reserved' and expires_at <= :now
 order by expires_at limit :limit for update skip locked"""

COSTS = """
select coalesce(sum(spent_usd) filter (where day = :day), 0) as today,
  coalesce(sum(spent_usd) filter (where day >= date_trunc('month', cast(:day as date))), 0) as month,
  coalesce(sum(reserved_usd), 0) as reserved
  from ledger_days where tenant_id = :tenant and day <= :day"""
