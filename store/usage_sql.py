"""The statements of `store.usage` that only read. Every one fixes `:tenant`."""

_STARTED = """case r.value ->> 'period' when 'day' then cast(:today as date)
  when 'month' then date_trunc('month', cast(:today as date))::date else date '1970-01-01' end"""

METERS = f"""
select r.key as meter, r.value ->> 'period' as period, (r.value ->> 'limit')::bigint as most, (r.value ->> 'per_user')::bigint as per_user,
  (r.value ->> 'per_platform')::bigint as per_platform, s.period_start, coalesce(c.used, 0) as used,
  case when r.value ->> 'limit' is not null then app.plan_with_more(l.plan, r.key, (r.value ->> 'limit')::bigint) end as upgrade
  from app.limits_of(:tenant) l cross join lateral jsonb_each(l.limits) r cross join lateral (select {_STARTED} as period_start) s
  left join usage_counters c on c.tenant_id = :tenant and c.meter = r.key and c.period_start = s.period_start
 order by r.key"""

PARTS = f"""
select p.meter, p.part, p.used
  from app.limits_of(:tenant) l cross join lateral jsonb_each(l.limits) r cross join lateral (select {_STARTED} as period_start) s
  join usage_parts p on p.tenant_id = :tenant and p.meter = r.key and p.period_start = s.period_start and p.used > 0
 order by p.meter, p.used desc, p.part"""

# Parts of an operation, and what it took anew, are named after it: `operation#part`.
HISTORY = """
select day, meter, platform, sum(amount)::bigint as used, count(distinct split_part(operation, '#', 1)) as operations
  from usage_takes
 where tenant_id = :tenant and day between :since and :until and given_back_at is null
 group by day, meter, platform order by day desc, meter, platform"""
