"""The statements of `store.releases`. Reads are one round trip: the newest release of a kind and what is asked of it come together."""

from store.tables.catalogue import PLATFORMS

_PLATFORMS = ", ".join(f"'{name}'" for name in PLATFORMS)

# A look per platform into an index: whether anything was seen after what the release saw; and whether features, and what is made of them,
# know the list of people and brands as it is.
IS_STALE = f"""(r.kind in ('features', 'effects', 'next') and exists (
    select from entity_lists l where l.tenant_id = r.tenant_id and l.changed_at > r.as_of)
  or exists (select from unnest(array[{_PLATFORMS}]) p(name) where exists (
    select from videos v where v.tenant_id = r.tenant_id and v.platform = p.name and v.observed_at > coalesce(r.newest_observation, '-infinity'))))"""

HEAD = "r.release_id, r.kind, r.method, r.code_version, r.inputs_count, r.as_of, r.newest_observation, r.created_at"
_NEWEST = """
select * from releases where tenant_id = %(tenant)s and kind = %(kind)s and (%(as_of)s::timestamptz is null or created_at <= %(as_of)s)
 order by created_at desc, release_id desc limit 1"""

LATEST = f"select {HEAD}, {IS_STALE} as is_stale from ({_NEWEST}) r"

FINDING = f"""
select {HEAD}, {IS_STALE} as is_stale, f.figures::text as figures from ({_NEWEST}) r
  left join findings f on f.tenant_id = r.tenant_id and f.release_id = r.release_id and f.scope = %(scope)s and f.section = %(section)s"""

EFFECTS = f"""
select {HEAD}, {IS_STALE} as is_stale, e.effect_id, e.feature, e.figures from ({_NEWEST}) r
  left join lateral (
    select e.effect_id, e.feature, e.figures from effects e where e.tenant_id = r.tenant_id and e.release_id = r.release_id
       and (%(outcome)s::text is null or e.outcome = %(outcome)s) and (%(kind_of)s::text is null or e.kind = %(kind_of)s)
       and (%(verdict)s::text is null or e.verdict = %(verdict)s) and (%(topic)s::text is null or e.topic = %(topic)s)
       and (%(scope)s::uuid is null or e.scope = %(scope)s) and (%(after)s::text is null or e.feature > %(after)s)
     order by e.feature limit %(limit)s) e on true
 order by e.feature"""

EFFECT = f"""
select {HEAD}, {IS_STALE} as is_stale, e.effect_id, e.feature, e.figures from effects e
  join releases r on r.tenant_id = e.tenant_id and r.release_id = e.release_id
 where e.tenant_id = %(tenant)s and e.effect_id = %(id)s"""

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
