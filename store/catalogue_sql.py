"""The statements of `store.catalogue`, in the order they run. `incoming` holds one batch; every statement fixes `:tenant`.

A row that is rejected changes nothing, so rows are rejected first; then come accounts, videos, snapshots and texts. How the words of
several rows are merged into one is in `store.catalogue_merge`.
"""

from store.catalogue_merge import ACCOUNT_FACTS, COUNTERS, VIDEO_FACTS, account_merge, newest_here, video_merge

COLUMNS = (
    "line", "new_account_id", "new_video_id", "platform", "identity", "is_named", "known_as", "account_external_id", "username", "account_title", "account_description",
    "avatar_url", "is_verified", "followers", "following", "declared_videos", "declared_likes",
    "external_id", "url", "title", "description", "thumbnail_url", "posted_at", "posted_error_seconds", "duration_seconds", "format", "category",
    "sound_id", "sound_title", "tags", "hashtags", "mentions", "is_removed", "missing", "observed_at", "observed_error_seconds",
    "views", "likes", "dislikes", "comments", "shares", "bookmarks",
)  # fmt: skip

CREATE_INCOMING = """
create temporary table incoming (
  line bigint primary key, new_account_id uuid, new_video_id uuid, platform text, identity text, is_named boolean, known_as text[], account_external_id text, username text,
  account_title text, account_description text, avatar_url text, is_verified boolean, followers bigint, following bigint,
  declared_videos bigint, declared_likes bigint, external_id text, url text, title text, description text, thumbnail_url text,
  posted_at timestamptz, posted_error_seconds int, duration_seconds bigint, format text, category text, sound_id text, sound_title text,
  tags text[], hashtags text[], mentions text[], is_removed boolean, missing jsonb, observed_at timestamptz, observed_error_seconds int,
  views bigint, likes bigint, dislikes bigint, comments bigint, shares bigint, bookmarks bigint,
  account_id uuid, video_id uuid, is_new boolean default false, is_changed boolean default false, is_snapshot boolean default false,
  is_repeated boolean default false, reason text) on commit drop"""

# Lookups are laterals with a limit: one probe of an index per row, whatever the planner believes of tables that have just grown.
KNOWN_VIDEOS = """
update incoming i set video_id = f.video_id from (
  select n.line, v.video_id from incoming n cross join lateral (
    select v.video_id from videos v where v.tenant_id = :tenant and v.platform = n.platform and v.external_id = n.external_id limit 1) v
   where n.external_id is not null and n.reason is null) f
 where f.line = i.line"""

_FOREIGN = "the video is known as another account''s"

# A video never changes hands: a row that says so names its account wrongly. A provisional name for a known account is no such row.
REJECT_FOREIGN = f"""
update incoming i set reason = '{_FOREIGN}', video_id = null
  from videos v join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id
 where v.tenant_id = :tenant and v.video_id = i.video_id and a.external_id <> i.account_external_id"""

# Within a batch the first line stands.
REJECT_FOREIGN_HERE = f"""
update incoming i set reason = '{_FOREIGN}', video_id = null from (
  select platform, external_id, (array_agg(account_external_id order by line))[1] as named from incoming
   where external_id is not null and account_external_id is not null and reason is null
   group by platform, external_id having count(distinct account_external_id) > 1) f
 where f.platform = i.platform and f.external_id = i.external_id and i.account_external_id <> f.named"""

_CONTRADICTS = " or ".join(f"s.{name} <> i.{name}" for name in COUNTERS)

# Two words for one moment: the first stands, the second is reported. A source that is silent about a counter contradicts nobody.
REJECT_CONFLICTS = f"""
update incoming i set reason = 'another value is stored for the same moment' from video_snapshots s
 where s.tenant_id = :tenant and s.video_id = i.video_id and s.observed_at = i.observed_at and i.reason is null and ({_CONTRADICTS})"""

REJECT_CONFLICTS_HERE = f"""
update incoming i set reason = 'an earlier line has another value for the same moment' from (
  select distinct on (platform, external_id, observed_at) * from incoming where external_id is not null and reason is null
   order by platform, external_id, observed_at, line) s
 where s.platform = i.platform and s.external_id = i.external_id and s.observed_at = i.observed_at and s.line < i.line
   and i.reason is null and ({_CONTRADICTS})"""

MARK_REPEATED = """
update incoming i set is_repeated = true from incoming s
 where s.platform = i.platform and s.external_id = i.external_id and s.observed_at = i.observed_at and s.line < i.line and s.reason is null"""

# Provisional accounts that this batch names: by the title or handle they are known under, or by a video of theirs. Only where a
# single real account answers to that name; of two nobody knows which it was.
_MET = """
with told as materialized (
  select distinct platform, identity, account_external_id as external_id, known_as, video_id from incoming where is_named and reason is null),
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

# Both are known: the provisional one's videos go to the real one, and it goes.
MOVE_VIDEOS = f"""{_MET}
update videos v set account_id = r.account_id from sole s join accounts r on r.tenant_id = :tenant and r.platform = s.platform and r.identity = s.real
 where v.tenant_id = :tenant and v.account_id = s.account_id"""

DROP_PROVISIONAL = f"""{_MET}
delete from accounts a using sole s where a.tenant_id = :tenant and a.account_id = s.account_id
  and not exists (select from videos v where v.tenant_id = :tenant and v.account_id = a.account_id)"""

# A row that knows only a handle or a title speaks of the account that its video is known to belong to ...
RESOLVE_BY_VIDEO = """
update incoming i set identity = a.identity, account_external_id = a.external_id
  from videos v join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id
 where v.tenant_id = :tenant and v.video_id = i.video_id and i.account_external_id is null and i.reason is null"""

# ... or of the one real account that is known by that name.
RESOLVE_BY_NAME = """
with wanted as (select distinct platform, identity from incoming where account_external_id is null and video_id is null and reason is null),
found as (
  select w.platform, w.identity as alias, min(a.identity) as identity, min(a.external_id) as external_id
    from wanted w join accounts a on a.tenant_id = :tenant and a.platform = w.platform and not a.is_provisional and w.identity = any(a.known_as)
   group by w.platform, w.identity having count(*) = 1)
update incoming i set identity = f.identity, account_external_id = f.external_id from found f
 where i.account_external_id is null and i.video_id is null and i.reason is null and i.platform = f.platform and i.identity = f.alias"""


def _put_accounts(rows: str) -> str:
    sets, changed = account_merge()
    facts = ", ".join(newest_here(f"account_{name}" if name in {"title", "description"} else name) for name in ACCOUNT_FACTS)
    return f"""
with aliases as (
  select platform, identity, array_agg(distinct alias order by alias) as known_as from incoming cross join unnest(known_as) as alias
   where reason is null and {rows} group by platform, identity),
put as (
insert into accounts (tenant_id, account_id, platform, identity, external_id, is_provisional, source, expires_at, first_seen_at, last_seen_at,
  known_as, {", ".join(ACCOUNT_FACTS)})
select :tenant, (array_agg(new_account_id order by line))[1], platform, identity, min(account_external_id), min(account_external_id) is null, :source,
  cast(:expires_at as timestamptz), min(observed_at), max(observed_at),
  coalesce(max(a.known_as), '{{}}'), {facts}
  from incoming i left join aliases a using (platform, identity)
 where reason is null and {rows} group by platform, identity
on conflict (tenant_id, platform, identity) do update set {sets}, updated_at = now()
  where {changed}
returning account_id, platform, identity, xmax = 0 as is_new)
update incoming i set is_new = put.is_new, is_changed = true from put
 where put.platform = i.platform and put.identity = i.identity and i.external_id is null and i.reason is null"""


PUT_REAL_ACCOUNTS = _put_accounts("is_named")
PUT_OTHER_ACCOUNTS = _put_accounts("not is_named")

NAME_ACCOUNTS = """
update incoming i set account_id = f.account_id from (
  select n.line, a.account_id from incoming n cross join lateral (
    select a.account_id from accounts a where a.tenant_id = :tenant and a.platform = n.platform and a.identity = n.identity limit 1) a
   where n.reason is null) f
 where f.line = i.line"""

# A video of a provisional account whose name two real ones share: its own row says whose it is.
ADOPT_VIDEOS = """
with told as materialized (select distinct video_id, account_id from incoming where is_named and video_id is not null and reason is null),
held as materialized (
  select t.video_id, t.account_id from told t
    cross join lateral (select v.account_id from videos v where v.tenant_id = :tenant and v.video_id = t.video_id limit 1) v
    cross join lateral (select from accounts a where a.tenant_id = :tenant and a.account_id = v.account_id and a.is_provisional limit 1) p
   where v.account_id <> t.account_id)
update videos v set account_id = held.account_id from held where v.tenant_id = :tenant and v.video_id = held.video_id"""

_VIDEO_SETS, _VIDEO_CHANGED = video_merge()

PUT_VIDEOS = f"""
with put as (
insert into videos (tenant_id, video_id, account_id, platform, external_id, selection, source, expires_at, first_seen_at, observed_at,
  {", ".join(VIDEO_FACTS)})
select :tenant, (array_agg(coalesce(video_id, new_video_id) order by line))[1], (array_agg(account_id order by account_external_id is null, line))[1],
  platform, external_id, :selection, :source, cast(:expires_at as timestamptz), min(observed_at), max(observed_at),
  {", ".join(newest_here(name) for name in VIDEO_FACTS)}
  from incoming where external_id is not null and reason is null group by platform, external_id
on conflict (tenant_id, platform, external_id) do update set {_VIDEO_SETS}, updated_at = now()
  where {_VIDEO_CHANGED}
returning video_id, platform, external_id, xmax = 0 as is_new)
update incoming i set video_id = put.video_id, is_new = put.is_new, is_changed = true from put
 where put.platform = i.platform and put.external_id = i.external_id and i.reason is null"""

_LIST = ", ".join(COUNTERS)
_BEFORE = ", ".join(f"lag(i.{name}) over w as {name}_before" for name in COUNTERS)
_DIFFERS = " or ".join(
    f"(c.{name} is not null and c.{name} is distinct from case when c.is_after_batch then c.{name}_before else c.{name}_stored end)"
    for name in COUNTERS
)

# A snapshot is kept when a counter differs from the one before it, in this batch or in the store.
PUT_SNAPSHOTS = f"""
with chain as (
  select i.line, i.video_id, i.observed_at, i.observed_error_seconds, {_LIST}, {_BEFORE}, lag(i.observed_at) over w as before_at
    from incoming i where i.video_id is not null and i.reason is null and num_nonnulls({_LIST}) > 0
  window w as (partition by i.video_id order by i.observed_at, i.line)),
c as (
  select chain.*, {", ".join(f"s.{name} as {name}_stored" for name in COUNTERS)},
    coalesce(chain.before_at >= s.observed_at, chain.before_at is not null) as is_after_batch
    from chain left join lateral (
      select s.* from video_snapshots s where s.tenant_id = :tenant and s.video_id = chain.video_id and s.observed_at <= chain.observed_at
       order by s.observed_at desc limit 1) s on true),
put as (
  insert into video_snapshots (tenant_id, video_id, observed_at, observed_error_seconds, {_LIST}, source, import_id, expires_at)
  select :tenant, video_id, observed_at, observed_error_seconds, {_LIST}, :source, cast(:import_id as uuid), cast(:expires_at as timestamptz)
    from c where {_DIFFERS} on conflict do nothing returning video_id, observed_at)
update incoming i set is_snapshot = true from put
 where put.video_id = i.video_id and put.observed_at = i.observed_at and i.reason is null"""

# A retried attempt meets what its own earlier attempt wrote: that is this import's work, not somebody else's.
OWN_SNAPSHOTS = """
update incoming i set is_snapshot = true from video_snapshots s
 where s.tenant_id = :tenant and s.video_id = i.video_id and s.observed_at = i.observed_at and i.reason is null
   and s.import_id = cast(:import_id as uuid)"""

_TEXTS = {"title": "title", "description": "description", "thumbnail_hash": "md5(i.thumbnail_url)"}
_TEXT_DIFFERS = " or ".join(
    f"(c.{name} is not null and c.{name} is distinct from case when c.is_after_batch then c.{name}_before else c.{name}_stored end)"
    for name in _TEXTS
)

PUT_TEXTS = f"""
with chain as (
  select i.line, i.video_id, i.observed_at, i.title, i.description, md5(i.thumbnail_url) as thumbnail_hash, lag(i.observed_at) over w as before_at,
    lag(i.title) over w as title_before, lag(i.description) over w as description_before, lag(md5(i.thumbnail_url)) over w as thumbnail_hash_before
    from incoming i where i.video_id is not null and i.reason is null and num_nonnulls(i.title, i.description, i.thumbnail_url) > 0
  window w as (partition by i.video_id order by i.observed_at, i.line)),
c as (
  select chain.*, {", ".join(f"t.{name} as {name}_stored" for name in _TEXTS)},
    coalesce(chain.before_at >= t.seen_from, chain.before_at is not null) as is_after_batch
    from chain left join lateral (
      select t.* from video_texts t where t.tenant_id = :tenant and t.video_id = chain.video_id and t.seen_from <= chain.observed_at
       order by t.seen_from desc limit 1) t on true)
insert into video_texts (tenant_id, video_id, seen_from, title, description, thumbnail_hash, source, expires_at)
select :tenant, video_id, observed_at, title, description, thumbnail_hash, :source, cast(:expires_at as timestamptz) from c where {_TEXT_DIFFERS}
on conflict do nothing"""

# A restated figure is a new row; the same figure again is none.
PUT_METRICS = """
with put as (
  insert into owner_metrics (tenant_id, video_id, metric, known_at, value, source)
  select :tenant, i.video_id, m.metric, i.observed_at, m.value, :source
    from unnest(cast(:lines as bigint[]), cast(:names as text[]), cast(:values as numeric[])) m(line, metric, value)
    join incoming i on i.line = m.line left join lateral (
      select o.value from owner_metrics o where o.tenant_id = :tenant and o.video_id = i.video_id and o.metric = m.metric
         and o.known_at <= i.observed_at order by o.known_at desc limit 1) o on true
   where i.video_id is not null and i.reason is null and o.value is distinct from round(m.value, 6)
  on conflict do nothing returning video_id, known_at)
update incoming i set is_changed = true from put where put.video_id = i.video_id and put.known_at = i.observed_at and i.reason is null"""

STEPS = (
    KNOWN_VIDEOS,
    REJECT_FOREIGN,
    REJECT_FOREIGN_HERE,
    REJECT_CONFLICTS,
    REJECT_CONFLICTS_HERE,
    MARK_REPEATED,
    MERGE_PROVISIONAL,
    PUT_REAL_ACCOUNTS,
    MOVE_VIDEOS,
    DROP_PROVISIONAL,
    NAME_ACCOUNTS,
    RESOLVE_BY_VIDEO,
    RESOLVE_BY_NAME,
    PUT_OTHER_ACCOUNTS,
    NAME_ACCOUNTS,
    ADOPT_VIDEOS,
    PUT_VIDEOS,
    KNOWN_VIDEOS,
    PUT_SNAPSHOTS,
    OWN_SNAPSHOTS,
    PUT_TEXTS,
)

OUTCOMES = """
select line, external_id as video, reason,
  case when reason is not null then 'rejected' when is_repeated then 'unchanged' when is_snapshot or is_new then 'accepted'
       when is_changed then 'updated' else 'unchanged' end as outcome
  from incoming order by line"""
