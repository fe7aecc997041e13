"""The statements of `store.releases`. Reads are one round trip: the newest release of a kind and what is asked of it come together."""

from store.tables.catalogue import PLATFORMS
from store.tables.insights import ALL_ACCOUNTS

_PLATFORMS = ", ".join(f"'{name}'" for name in PLATFORMS)

# Whether anything was seen after what the release saw: the newest of each platform, read off the end of an index; and whether features, and
# what is made of them, know the list of people and brands as it is.
IS_STALE = f"""(r.kind in ('features', 'effects', 'next', 'deep') and exists (
    select from entity_lists l where l.tenant_id = r.tenant_id and l.changed_at > r.as_of)
  or exists (select from unnest(array[{_PLATFORMS}]) p(name), lateral (
      select v.observed_at from videos v where v.tenant_id = r.tenant_id and v.platform = p.name order by v.observed_at desc limit 1) seen
    where seen.observed_at > coalesce(r.newest_observation, '-infinity')))"""

HEAD = "r.release_id, r.kind, r.method, r.code_version, r.inputs_count, r.as_of, r.newest_observation, r.created_at"
_NEWEST = """
select * from releases where tenant_id = %(tenant)s and kind = %(kind)s and (%(as_of)s::timestamptz is null or created_at <= %(as_of)s)
 order by created_at desc, release_id desc limit 1"""

LATEST = f"select {HEAD}, {IS_STALE} as is_stale from ({_NEWEST}) r"

FINDING = f"""
select {HEAD}, {IS_STALE} as is_stale, f.figures::text as figures from ({_NEWEST}) r
  left join findings f on f.tenant_id = r.tenant_id and f.release_id = r.release_id and f.scope = %(scope)s and f.section = %(section)s"""

# What is joined to the newest release may have many rows: the release is looked at once.
_ONCE = f"with head as materialized ({LATEST})"

SECTIONS = f"""{_ONCE}
select head.*, f.section, f.figures::text from head left join lateral (
    select f.section, f.figures from findings f where f.tenant_id = %(tenant)s and f.release_id = head.release_id and f.scope = %(scope)s
       and (%(sections)s::text[] is null or f.section = any(%(sections)s)) offset 0) f on true
 order by f.section"""

_SUITABLE = """
 where e.tenant_id = %(tenant)s and e.release_id = head.release_id
       and (%(outcome)s::text is null or e.outcome = %(outcome)s) and (%(kind_of)s::text is null or e.kind = %(kind_of)s)
       and (%(verdict)s::text is null or e.verdict = %(verdict)s) and (%(topic)s::text is null or e.topic = %(topic)s)
       and (%(scope)s::uuid is null or e.scope = %(scope)s) and (%(after)s::text is null or e.feature > %(after)s)
     order by e.feature limit %(limit)s"""

EFFECTS = f"""{_ONCE}
select head.*, e.effect_id, e.feature, e.figures from head left join lateral (
    select e.effect_id, e.feature, e.figures from effects e {_SUITABLE}) e on true
 order by e.feature"""

# The same, with the figures as text: what is served as it is kept is not read.
EFFECT_TEXTS = f"""{_ONCE}
select head.*, e.effect_id, e.feature, e.figures from head left join lateral (
    select e.effect_id, e.feature, e.figures::text as figures from effects e {_SUITABLE}) e on true
 order by e.feature"""

EFFECT = f"""
select {HEAD}, {IS_STALE} as is_stale, e.effect_id, e.feature, e.figures from effects e
  join releases r on r.tenant_id = e.tenant_id and r.release_id = e.release_id
 where e.tenant_id = %(tenant)s and e.effect_id = %(id)s"""

EFFECT_TEXT = f"""{EFFECT.replace("e.figures from", "e.figures::text from")}
   and (%(as_of)s::timestamptz is null or r.created_at <= %(as_of)s)"""

GATES = f"""{_ONCE}, mine as materialized (
  select e.verdict, e.figures -> 'gates' as gates from head join effects e on e.tenant_id = %(tenant)s and e.release_id = head.release_id)
select head.*, (select jsonb_object_agg(verdict, n) from (select verdict, count(*) as n from mine group by verdict) v),
  (select jsonb_agg(to_jsonb(g) order by name) from (
     select g ->> 'name' as name, count(*) as asked, count(*) filter (where (g ->> 'passed')::boolean) as passed
       from mine, json_array_elements(mine.gates) g group by 1) g)
  from head"""

# The items of a section that is a list, in their order: those that suit, from a place on.
ITEMS = f"""{_ONCE}
select head.*, x.place, x.item::text from head left join lateral (
    select i.place, i.item from findings f, jsonb_array_elements(f.figures::jsonb) with ordinality i(item, place)
     where f.tenant_id = %(tenant)s and f.release_id = head.release_id and f.scope = '{ALL_ACCOUNTS}' and f.section = %(section)s
       and i.item @> %(like)s::jsonb and i.place > %(after)s
     order by i.place limit %(limit)s) x on true
 order by x.place"""

# All of a while, then the newest of each month; never what is served now, nor what rows of the latest release name.
PRUNE = """
delete from releases r using (
  select release_id, row_number() over (partition by kind order by created_at desc, release_id desc) as place,
    row_number() over (partition by kind, date_trunc('month', created_at at time zone 'UTC') order by created_at desc, release_id desc) as in_month
    from releases where tenant_id = :tenant) o
 where r.tenant_id = :tenant and r.release_id = o.release_id and o.place > 1 and o.in_month > 1 and r.created_at < :before
   and not exists (select from scores s where s.tenant_id = r.tenant_id and s.release_id = r.release_id)
   and not exists (select from forecasts f where f.tenant_id = r.tenant_id and f.release_id = r.release_id)"""

REPLACE = """
delete from releases r where r.tenant_id = :tenant and r.kind = :kind and r.request_id = :request_id and r.release_id <> :kept
   and not exists (select from scores s where s.tenant_id = r.tenant_id and s.release_id = r.release_id)
   and not exists (select from forecasts f where f.tenant_id = r.tenant_id and f.release_id = r.release_id)"""
