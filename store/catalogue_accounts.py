"""The statements of `store.catalogue` about accounts: provisional ones that become real, and whose a row is. Tables are in `store.catalogue_sql`."""

from store.catalogue_merge import ACCOUNT_FACTS, account_merge, newest_here

HAS_PROVISIONAL = "select exists (select from accounts where tenant_id = :tenant and is_provisional)"

# Provisional accounts that this batch names: by the title or handle they are known under, or by a video of theirs. Only where a
# single real account answers to that name; of two nobody knows which it was.
_MET = """
with told as materialized (
  select distinct l.platform, l.identity, l.account_external_id as external_id, i.known_as, l.video_id
    from lines l join incoming i on i.line = l.line where l.is_named and l.reason is null),
met as materialized (
  select p.account_id, t.platform, alias, t.identity as real, t.external_id
    from told t cross join unnest(t.known_as) as alias cross join lateral (
      select a.account_id from accounts a where a.tenant_id = :tenant and a.platform = t.platform and a.identity = alias and a.is_provisional limit 1) p
  union
  select p.account_id, t.platform, p.identity, t.identity, t.external_id
    from told t cross join lateral (select v.account_id from videos v where v.tenant_id = :tenant and v.video_id = t.video_id limit 1) v
    cross join lateral (select a.* from accounts a where a.tenant_id = :tenant and a.account_id = v.account_id and a.is_provisional limit 1) p),
named as materialized (
  select platform, alias, real from met
  union select m.platform, m.alias, a.identity from (select distinct platform, alias from met) m
    join accounts a on a.tenant_id = :tenant and a.platform = m.platform and not a.is_provisional and m.alias = any(a.known_as)),
sole as materialized (
  select m.* from met m join (select platform, alias from named group by platform, alias having count(*) = 1) n using (platform, alias))"""

# The real one is new: the provisional account becomes it.
MERGE_PROVISIONAL = f"""{_MET}
update accounts a set identity = c.real, external_id = c.external_id, is_provisional = false, updated_at = now() from (
  select distinct on (platform, real) account_id, real, external_id from sole s
   where not exists (select from accounts r where r.tenant_id = :tenant and r.platform = s.platform and r.identity = s.real)
   order by platform, real, alias) c
 where a.tenant_id = :tenant and a.account_id = c.account_id"""

# Whose videos went and to whom they came: nothing that was made of either stands any more.
_MARK_MOVED = """
insert into account_changes (tenant_id, account_id, aggregate, change_id, since)
select :tenant, a.account_id, m.aggregate, :change_id, m.since from (select before from moved union select after from moved) a(account_id)
  cross join (values ('totals', null::date), ('days', date '0001-01-01'), ('hashtags', null), ('sounds', null)) m(aggregate, since)
on conflict (tenant_id, account_id, aggregate, change_id) do update set since = least(account_changes.since, excluded.since)"""

# Both are known: the provisional one's videos go to the real one, and it goes.
MOVE_VIDEOS = f"""{_MET},
moved as (
  update videos v set account_id = r.account_id from sole s join accounts r on r.tenant_id = :tenant and r.platform = s.platform and r.identity = s.real
   where v.tenant_id = :tenant and v.account_id = s.account_id returning s.account_id as before, v.account_id as after)
{_MARK_MOVED}"""

DROP_PROVISIONAL = f"""{_MET}
delete from accounts a using sole s where a.tenant_id = :tenant and a.account_id = s.account_id
  and not exists (select from videos v where v.tenant_id = :tenant and v.account_id = a.account_id)"""

# A row that knows only a handle or a title speaks of the account that its video is known to belong to ...
RESOLVE_BY_VIDEO = """
update lines i set identity = a.identity, account_external_id = a.external_id
  from videos v join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id
 where v.tenant_id = :tenant and v.video_id = i.video_id and i.account_external_id is null and i.reason is null"""

# ... or of the one real account that is known by that name.
RESOLVE_BY_NAME = """
with wanted as (select distinct platform, identity from lines where account_external_id is null and video_id is null and reason is null),
found as (
  select w.platform, w.identity as alias, min(a.identity) as identity, min(a.external_id) as external_id
    from wanted w join accounts a on a.tenant_id = :tenant and a.platform = w.platform and not a.is_provisional and w.identity = any(a.known_as)
   group by w.platform, w.identity having count(*) = 1)
update lines i set identity = f.identity, account_external_id = f.external_id from found f
 where i.account_external_id is null and i.video_id is null and i.reason is null and i.platform = f.platform and i.identity = f.alias"""


def _put_accounts(rows: str, owner: str) -> str:
    """`owner` is what tells the accounts of these rows apart: the number that came with a row, or what its name was found to mean."""
    sets, changed = account_merge()
    facts = ", ".join(newest_here(f"account_{name}" if name in {"title", "description"} else name, "i.") for name in ACCOUNT_FACTS)
    return f"""
with told as materialized (
  select {owner} as owner, line, platform, identity, account_external_id, observed_at from lines where reason is null and {rows}),
aliases as (
  select owner, array_agg(distinct alias order by alias) as known_as
    from (select distinct t.owner, i.known_as from told t join incoming i on i.line = t.line) n cross join unnest(n.known_as) as alias group by owner),
put as (
insert into accounts (tenant_id, account_id, platform, identity, external_id, is_provisional, source, expires_at, first_seen_at, last_seen_at,
  known_as, {", ".join(ACCOUNT_FACTS)})
select :tenant, (array_agg(i.new_account_id order by i.observed_at desc, i.line))[1], min(t.platform), min(t.identity), min(t.account_external_id),
  min(t.account_external_id) is null, :source, cast(:expires_at as timestamptz), min(i.observed_at), max(i.observed_at),
  coalesce(max(a.known_as), '{{}}'), {facts}
  from told t join incoming i on i.line = t.line left join aliases a on a.owner = t.owner
 group by t.owner
on conflict (tenant_id, platform, identity) do update set {sets}, updated_at = now()
  where {changed}
returning account_id, platform, identity, xmax = 0 as is_new)
update lines i set is_new = put.is_new, is_changed = true from put
 where put.platform = i.platform and put.identity = i.identity and i.post is null and i.reason is null"""


PUT_REAL_ACCOUNTS = _put_accounts("is_named", "owner")
PUT_OTHER_ACCOUNTS = _put_accounts("not is_named", "(platform, identity)")


def _name_owners(rows: str) -> str:
    return f"""
insert into owners select n.platform, n.identity, a.account_id from (select distinct platform, identity from {rows}) n cross join lateral (
  select a.* from accounts a where a.tenant_id = :tenant and a.platform = n.platform and a.identity >= n.identity order by a.identity limit 1) a
 where a.identity = n.identity"""


# Real accounts that are there already, and then all others that the batch names: only the first keep their identity come what may.
NAME_KNOWN = _name_owners("incoming where account_external_id is not null")
NAME_OTHERS = _name_owners(
    "lines l where reason is null and not exists (select from owners o where o.platform = l.platform and o.identity = l.identity)"
)

# A video of a provisional account whose name two real ones share: its own row says whose it is.
ADOPT_VIDEOS = f"""
with told as materialized (
  select distinct l.video_id, o.account_id from lines l join owners o on o.platform = l.platform and o.identity = l.identity
   where l.is_named and l.video_id is not null and l.reason is null),
held as materialized (
  select t.video_id, t.account_id, v.account_id as before from told t
    cross join lateral (select v.account_id from videos v where v.tenant_id = :tenant and v.video_id = t.video_id limit 1) v
    cross join lateral (select from accounts a where a.tenant_id = :tenant and a.account_id = v.account_id and a.is_provisional limit 1) p
   where v.account_id <> t.account_id),
moved as (
  update videos v set account_id = held.account_id from held where v.tenant_id = :tenant and v.video_id = held.video_id
  returning held.before, v.account_id as after)
{_MARK_MOVED}"""
