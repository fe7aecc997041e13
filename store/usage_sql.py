"""The statements of `store.usage`. Every one fixes `:tenant`. `{which}`: of which takes."""

# Given back once, whoever comes first: the second finds the moment there. What was delivered stays.
GIVE_BACK = """
with back as (
  update usage_takes set given_back_at = clock_timestamp()
   where tenant_id = :tenant and {which} and given_back_at is null and delivered_at is null
   returning meter, period_start, amount),
total as (select meter, period_start, sum(amount) as amount from back group by meter, period_start)
update usage_counters c set used = c.used - total.amount from total
 where c.tenant_id = :tenant and c.meter = total.meter and c.period_start = total.period_start"""
# For good, also what had been given back: that counts once more.
DELIVER = """
with was as (select operation, given_back_at from usage_takes where tenant_id = :tenant and {which} for update),
done as (
  update usage_takes t set given_back_at = null, delivered_at = coalesce(t.delivered_at, clock_timestamp()) from was
   where t.tenant_id = :tenant and t.operation = was.operation
   returning t.meter, t.period_start, t.amount, was.given_back_at is not null as is_again),
total as (select meter, period_start, sum(amount) as amount from done where is_again group by meter, period_start)
update usage_counters c set used = c.used + total.amount from total
 where c.tenant_id = :tenant and c.meter = total.meter and c.period_start = total.period_start"""
ONE = "operation = :operation"

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
