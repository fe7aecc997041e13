"""The statements of `store.ledger`. Every one fixes `:tenant`; the sweep alone looks across tenants."""

COLUMNS = "operation, subject, state, reserved_usd, spent_usd, day, expires_at, began_at, ended_at"

GET = f"select {COLUMNS} from reservations where tenant_id = :tenant and operation = :operation"

IS_STOPPED = "select exists(select from reservations where tenant_id = :tenant and subject = :subject and spent_usd > reserved_usd)"

# The caller holds the tenant's lock, so nobody else reserves between the sums and the row.
RESERVE = """
with sums as (
  select coalesce(sum(reserved_usd + spent_usd) filter (where day = :day), 0) as day_usd, coalesce(sum(reserved_usd + spent_usd), 0) as month_usd
    from ledger_days where tenant_id = :tenant
     and day >= date_trunc('month', cast(:day as date)) and day < date_trunc('month', cast(:day as date)) + interval '1 month'),
caps as (
  select coalesce(max(cap_usd) filter (where period = 'day'), :day_cap) as day_cap, coalesce(max(cap_usd) filter (where period = 'month'), :month_cap)
    as month_cap from ledger_caps where tenant_id = :tenant),
put as (
  insert into reservations (tenant_id, operation, subject, state, reserved_usd, day, expires_at)
  select :tenant, :operation, :subject, 'reserved', :usd, :day, :expires_at from sums, caps
   where day_usd + :usd <= day_cap and month_usd + :usd <= month_cap returning 1),
entry as (
  insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  select :tenant, :operation, 'reserve', 'available', 'reserved', :usd from put where :usd > 0),
counted as (
  insert into ledger_days as d (tenant_id, day, reserved_usd, spent_usd) select :tenant, :day, :usd, 0 from put
  on conflict (tenant_id, day) do update set reserved_usd = d.reserved_usd + excluded.reserved_usd)
select exists(select from put) as is_reserved, day_usd, month_usd, day_cap, month_cap from sums, caps"""

BEGIN = """
update reservations set began_at = coalesce(began_at, clock_timestamp())
 where tenant_id = :tenant and operation = :operation and state = 'reserved'"""

SETTLE = """
with ended as (
  update reservations set state = :state, spent_usd = :spent, ended_at = clock_timestamp() where tenant_id = :tenant and operation = :operation),
entries as (
  insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
  select :tenant, :operation, m.kind, m.source, m.target, m.amount
    from unnest(cast(:kinds as text[]), cast(:sources as text[]), cast(:targets as text[]), cast(:amounts as numeric[])) m(kind, source, target, amount))
update ledger_days set reserved_usd = reserved_usd + :net_reserved, spent_usd = spent_usd + :net_spent where tenant_id = :tenant and day = :day"""

EXPIRED = f"""
select tenant_id, {COLUMNS} from reservations where state = 'reserved' and expires_at <= :now
 order by expires_at limit :limit for update skip locked"""

COSTS = """
select coalesce(sum(spent_usd) filter (where day = :day), 0) as today,
  coalesce(sum(spent_usd) filter (where day >= date_trunc('month', cast(:day as date))), 0) as month,
  coalesce(sum(reserved_usd), 0) as reserved
  from ledger_days where tenant_id = :tenant and day <= :day"""
