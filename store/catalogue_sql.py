"""The statements of `store.catalogue` about rows, snapshots and texts; those about accounts and videos are in their own modules.

`incoming` holds one batch as it came and is never written again: it is wide. What is found out about its rows goes into narrow tables:
`lines` (one per row: what is stored about its video, and why it is rejected), `owners` (one per account that the batch names), `merged`
(one per post, its rows made into one), `kept` (the posts that were new or changed), `snapped` (the snapshots that were new). Every
statement fixes `:tenant`; all of them belong to one transaction, which holds the tenant's lock, so what was looked up stays true.
"""

from store.catalogue_merge import COUNTERS
from store.catalogue_rows import COLUMNS

_COUNTERS = ", ".join(COUNTERS)

CREATE = f"""
create temporary table incoming ({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())}) on commit drop;
create temporary table lines (
  line int8, post int4, owner int4, platform text, identity text, is_named bool, account_external_id text, external_id text, observed_at timestamptz,
  observed_error_seconds int4, {", ".join(f"{name} int8" for name in COUNTERS)},
  video_id uuid, stored_account_id uuid, stored_posted_at timestamptz, is_retold bool, is_own bool, stored_at timestamptz, {", ".join(f"{name}_stored int8" for name in COUNTERS)},
  reason text, is_new bool default false, is_changed bool default false, is_repeated bool default false) on commit drop;
create temporary table owners (platform text, identity text, account_id uuid) on commit drop;
create temporary table kept (post int4, video_id uuid, account_id uuid, since date, is_new bool) on commit drop;
create temporary table snapped (video_id uuid, observed_at timestamptz) on commit drop"""


_FOREIGN = "the video is known as another account''s"
_CONTRADICTS = " or ".join(f"s.{name} <> i.{name}" for name in COUNTERS)
_RETOLD = " or ".join(f"(i.{name} is not null and i.{name} is distinct from v.{name})" for name in ("title", "description"))


def _latest(where: str) -> str:
    """The latest snapshot up to a row's moment."""
    return f"""
    select s from video_snapshots s where s.tenant_id = :tenant and s.video_id = v.video_id and s.observed_at <= i.observed_at and {where}
     order by s.observed_at desc limit 1"""


# What is stored about each row's video, once: the video and its latest snapshot up to the row's moment.
# The latest snapshot is mostly that of the video's latest observation, or of this month or the one before: the partitions of years are
# opened only where it is not.
# Two words for one moment: the first stands, the second is reported. A source that is silent about a counter contradicts nobody.
# A retried attempt meets what its own earlier attempt wrote (is_own): that is this import's work, not somebody else's.
LOOK_UP = f"""
insert into lines (line, post, owner, platform, identity, is_named, account_external_id, external_id, observed_at, observed_error_seconds, {_COUNTERS},
  video_id, stored_account_id, stored_posted_at, is_retold, is_own, stored_at, {", ".join(f"{name}_stored" for name in COUNTERS)}, reason)
select i.line, i.post, i.owner, i.platform, i.identity, i.account_external_id is not null, i.account_external_id, i.external_id, i.observed_at,
  i.observed_error_seconds, {", ".join(f"i.{name}" for name in COUNTERS)},
  v.video_id, v.account_id, v.posted_at, {_RETOLD}, s.observed_at = i.observed_at and s.import_id = cast(:import_id as uuid), s.observed_at,
  {", ".join(f"s.{name}" for name in COUNTERS)},
  case when s.observed_at = i.observed_at and ({_CONTRADICTS}) then 'another value is stored for the same moment' end
  from incoming i
  left join lateral (
    select v.* from videos v where v.tenant_id = :tenant and v.platform = i.platform and v.external_id >= i.external_id
     order by v.external_id limit 1) v on v.external_id = i.external_id
  cross join lateral (select case when v.video_id is not null
    then coalesce(({_latest("s.observed_at = v.observed_at")}), ({_latest("s.observed_at > i.observed_at - interval '40 days'")}), ({_latest("true")})) end as row offset 0) latest
  cross join lateral (select (latest.row).*) s"""

# A video never changes hands: a row that says so names its account wrongly. A provisional name for a known account is no such row.
REJECT_FOREIGN = f"""
update lines i set reason = '{_FOREIGN}' from (
  select l.line from lines l left join owners o on o.platform = l.platform and o.identity = l.identity
    join accounts a on a.tenant_id = :tenant and a.account_id = l.stored_account_id
   where l.is_named and l.stored_account_id is distinct from o.account_id and a.external_id <> l.account_external_id) f
 where f.line = i.line"""

# Within a batch the first line stands.
REJECT_FOREIGN_HERE = f"""
update lines i set reason = '{_FOREIGN}' from (
  select post, (array_agg(account_external_id order by line))[1] as named from lines
   where post is not null and account_external_id is not null and reason is null
   group by post having count(distinct account_external_id) > 1) f
 where f.post = i.post and i.account_external_id <> f.named"""

REJECT_CONFLICTS_HERE = f"""
update lines i set reason = 'an earlier line has another value for the same moment' from (
  select distinct on (post, observed_at) * from lines where post is not null and reason is null order by post, observed_at, line) s
 where s.post = i.post and s.observed_at = i.observed_at and s.line < i.line and i.reason is null and ({_CONTRADICTS})"""

MARK_REPEATED = """
update lines i set is_repeated = true from lines s
 where s.post = i.post and s.observed_at = i.observed_at and s.line < i.line and s.reason is null"""


def _differs(names: dict[str, str]) -> str:
    """Whether a word differs from the one before it, in this batch or in the store; silence differs from nothing."""
    return " or ".join(
        f"(c.{name} is not null and c.{name} is distinct from case when c.is_after_batch then c.{name}_before else c.{name}_stored end)"
        for name in names
    )


# A snapshot is kept when a counter differs from the one before it.
PUT_SNAPSHOTS = f"""
with chain as (
  select coalesce(i.video_id, k.video_id) as video_id, i.observed_at, i.observed_error_seconds, i.stored_at, {_COUNTERS},
    {", ".join(f"{name}_stored" for name in COUNTERS)}, {", ".join(f"lag(i.{name}) over w as {name}_before" for name in COUNTERS)},
    lag(i.observed_at) over w as before_at
    from lines i left join kept k on k.post = i.post
   where i.post is not null and i.reason is null and num_nonnulls({_COUNTERS}) > 0
  window w as (partition by i.post order by i.observed_at, i.line)),
c as (select *, coalesce(before_at >= stored_at, before_at is not null) as is_after_batch from chain),
put as (
  insert into video_snapshots (tenant_id, video_id, observed_at, observed_error_seconds, {_COUNTERS}, source, import_id, expires_at)
  select :tenant, video_id, observed_at, observed_error_seconds, {_COUNTERS}, :source, cast(:import_id as uuid), cast(:expires_at as timestamptz)
    from c where {_differs(dict.fromkeys(COUNTERS, ""))} on conflict do nothing returning video_id, observed_at)
insert into snapped select video_id, observed_at from put"""

_TEXTS = {"title": "title", "description": "description", "thumbnail_hash": "md5(i.thumbnail_url)"}

PUT_TEXTS = f"""
with chain as (
  select coalesce(l.video_id, k.video_id) as video_id, l.observed_at, {", ".join(f"i.{word} as {name}" if name == word else f"{word} as {name}" for name, word in _TEXTS.items())},
    lag(l.observed_at) over w as before_at, {", ".join(f"lag({word if '(' in word else f'i.{word}'}) over w as {name}_before" for name, word in _TEXTS.items())}
    from lines l join incoming i on i.line = l.line left join kept k on k.post = l.post
   where l.post is not null and l.reason is null and num_nonnulls(i.title, i.description, i.thumbnail_url) > 0
  window w as (partition by l.post order by l.observed_at, l.line)),
c as (
  select chain.*, {", ".join(f"t.{name} as {name}_stored" for name in _TEXTS)},
    coalesce(chain.before_at >= t.seen_from, chain.before_at is not null) as is_after_batch
    from chain left join lateral (
      select t.* from video_texts t where t.tenant_id = :tenant and t.video_id = chain.video_id and t.seen_from <= chain.observed_at
       order by t.seen_from desc limit 1) t on true)
insert into video_texts (tenant_id, video_id, seen_from, title, description, thumbnail_hash, source, expires_at)
select :tenant, video_id, observed_at, title, description, thumbnail_hash, :source, cast(:expires_at as timestamptz) from c where {_differs(_TEXTS)}
on conflict do nothing"""

# A restated figure is a new row; the same figure again is none.
PUT_METRICS = """
with put as (
  insert into owner_metrics (tenant_id, video_id, metric, known_at, value, source)
  select :tenant, coalesce(i.video_id, k.video_id), m.metric, i.observed_at, m.value, :source
    from unnest(cast(:lines as bigint[]), cast(:names as text[]), cast(:values as numeric[])) m(line, metric, value)
    join lines i on i.line = m.line left join kept k on k.post = i.post left join lateral (
      select o.value from owner_metrics o where o.tenant_id = :tenant and o.video_id = coalesce(i.video_id, k.video_id) and o.metric = m.metric
         and o.known_at <= i.observed_at order by o.known_at desc limit 1) o on true
   where i.post is not null and i.reason is null and o.value is distinct from round(m.value, 6)
   order by i.line on conflict do nothing returning video_id, known_at)
update lines i set is_changed = true from put, lines l left join kept k on k.post = l.post
 where l.line = i.line and put.video_id = coalesce(l.video_id, k.video_id) and put.known_at = i.observed_at and i.reason is null"""

# Accounts whose aggregates are no longer true: totals by what became of their videos; days since the first one with a new snapshot, or with a
# post that is new or moved in time. A snapshot changes its own day and that of the next one, which comes later.
MARK_CHANGED = """
insert into account_changes (tenant_id, account_id, aggregate, change_id, since)
select :tenant, account_id, aggregate, :change_id, min(since) from (
  select account_id, aggregate, null::date as since from kept cross join (values ('totals'), ('hashtags'), ('sounds')) a(aggregate)
  union all select account_id, 'days', since from kept where since is not null
  union all select m.account_id, 'days', s.since
    from (select video_id, (min(observed_at) at time zone 'UTC')::date as since from snapped group by video_id) s
    join (select coalesce(m.video_id, k.video_id) as video_id, m.account_id from merged m left join kept k on k.post = m.post) m on m.video_id = s.video_id
  ) c group by account_id, aggregate
on conflict (tenant_id, account_id, aggregate, change_id) do update set since = least(account_changes.since, excluded.since)"""

# The collection of all videos is there from the first one on.
PUT_DEFAULT = """
insert into collections (tenant_id, collection_id, name, is_default) select :tenant, :collection_id, 'Default', true
 where not exists (select from collections where tenant_id = :tenant and is_default) and exists (select from kept) on conflict do nothing"""

OUTCOMES = """
select outcome, reason, array_agg(line) from (
  select i.line, i.reason, case when i.reason is not null then 'rejected' when i.is_repeated then 'unchanged'
      when s.video_id is not null or i.is_own or i.is_new or k.is_new then 'accepted' when i.is_changed or k.post is not null then 'updated'
      else 'unchanged' end as outcome
    from lines i left join kept k on k.post = i.post
    left join snapped s on s.video_id = coalesce(i.video_id, k.video_id) and s.observed_at = i.observed_at) o
 group by outcome, reason"""
