"""The statements of `store.catalogue` about videos: the batch's rows of a post made into one, then put. Tables are in `store.catalogue_sql`.

A known video is updated and not upserted: PostgreSQL would make its search words (`search`) of the proposed row before it finds the stored
one, and again of the result. Where the texts stay, they are not set at all, and nothing is made of them.
"""

from store.catalogue_merge import VIDEO_FACTS, newest_here, only_here, video_merge

_FACTS = ", ".join(VIDEO_FACTS)

MERGE_ROWS = f"""
create temporary table merged on commit drop as
select l.post, l.video_id, l.is_retold, i.new_video_id, o.account_id, l.stored_posted_at, l.platform, l.external_id, l.observed_at as first_seen_at, l.observed_at,
  {", ".join(f"{only_here(name)} as {name}" for name in VIDEO_FACTS)}
  from lines l join incoming i on i.line = l.line join owners o on o.platform = l.platform and o.identity = l.identity
 where i.is_single and l.reason is null
union all
select l.post, (array_agg(l.video_id))[1], bool_or(l.is_retold), (array_agg(i.new_video_id))[1],
  (array_agg(o.account_id order by l.account_external_id is null, l.line))[1], max(l.stored_posted_at), min(l.platform), min(l.external_id),
  min(l.observed_at), max(l.observed_at),
  {", ".join(newest_here(name, "i.") for name in VIDEO_FACTS)}
  from lines l join incoming i on i.line = l.line join owners o on o.platform = l.platform and o.identity = l.identity
 where not i.is_single and l.post is not null and l.reason is null group by l.post"""

# The day from which the days of its account are to be made anew: that of a post that moved in time, before and after.
_SINCE = "least((%(old)s at time zone 'UTC')::date, (%(new)s at time zone 'UTC')::date)"


def _update(texts: str, *, leave: frozenset[str]) -> str:
    sets, changed = video_merge("m", leave=leave)
    since = (
        f"case when v.posted_at is distinct from m.stored_posted_at then {_SINCE % {'old': 'm.stored_posted_at', 'new': 'v.posted_at'}} end"
    )
    return f"""
with put as (
update videos v set {sets}, updated_at = now() from (
  select m.*, p.place from merged m cross join lateral (
    select p.ctid as place from videos p where p.tenant_id = :tenant and p.video_id >= m.video_id order by p.video_id limit 1) p where {texts}) m
 where v.tenant_id = :tenant and v.ctid = m.place and (v.video_id = m.video_id) is true and {changed}
returning m.post, v.video_id, v.account_id, {since} as since)
insert into kept select post, video_id, account_id, since, false from put"""


UPDATE_SEEN = _update("not m.is_retold", leave=frozenset({"title", "description"}))
UPDATE_RETOLD = _update("m.is_retold", leave=frozenset())

_SETS, _ = video_merge("excluded", table="videos")

INSERT_NEW = f"""
with put as (
insert into videos (tenant_id, video_id, account_id, platform, external_id, selection, source, expires_at, first_seen_at, observed_at, removed_since, {_FACTS})
select :tenant, new_video_id, account_id, platform, external_id, :selection, :source, cast(:expires_at as timestamptz), first_seen_at, observed_at,
  case when is_removed then observed_at end, {_FACTS}
  from merged where video_id is null order by new_video_id
on conflict (tenant_id, platform, external_id) do update set {_SETS}, updated_at = now()
returning video_id, account_id, platform, external_id, posted_at, xmax = 0 as is_new)
insert into kept select m.post, p.video_id, p.account_id, (p.posted_at at time zone 'UTC')::date, p.is_new
  from put p join merged m on m.platform = p.platform and m.external_id = p.external_id"""
