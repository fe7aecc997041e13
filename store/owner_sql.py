"""The statements of `store.owner`. A figure's key is its report, video, window, dimensions and metric; the newest row of a key counts."""

COLUMNS = {
    "first_day": "date", "last_day": "date", "day": "date", "dimensions": "text[]", "metric": "text", "value": "numeric",
}  # fmt: skip
CREATE = f"create temporary table incoming_figures ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}) on commit drop"
_KEY = "first_day, last_day, dimensions, metric"
_OF = "tenant_id = :tenant and channel_id = :channel and report = :report and video_id = :video"

# A restated figure is a new row, the same one again is none. What a newer answer about the same days no longer lists loses its value.
PUT = f"""
with before as (
  select distinct on ({_KEY}) {_KEY}, day, value from owner_reports
   where {_OF} and first_day >= :first and last_day <= :last and known_at <= :known_at order by {_KEY}, known_at desc),
here as (select {_KEY}, min(day) as day, round(min(value), 6) as value from incoming_figures group by {_KEY}),
put as (
  select coalesce(h.first_day, b.first_day) as first_day, coalesce(h.last_day, b.last_day) as last_day,
    coalesce(h.dimensions, b.dimensions) as dimensions, coalesce(h.metric, b.metric) as metric, coalesce(h.day, b.day) as day, h.value
    from here h full join before b on (h.first_day, h.last_day, h.dimensions, h.metric) = (b.first_day, b.last_day, b.dimensions, b.metric)
   where h.value is distinct from b.value
     and (h.metric is not null or :is_whole and (b.day is not null or (b.first_day = :first and b.last_day = :last))))
insert into owner_reports (tenant_id, channel_id, report, video_id, {_KEY}, day, value, known_at, source)
select :tenant, :channel, :report, :video, {_KEY}, day, value, :known_at, :source from put
on conflict do nothing returning first_day"""

_NEWEST = f"""
select distinct on ({_KEY}) {_KEY}, day, value, known_at, source from owner_reports
 where {_OF} and known_at <= coalesce(cast(:as_of as timestamptz), 'infinity')"""
_ORDER = f" order by {_KEY}, known_at desc"

DAYS = f"select * from ({_NEWEST} and day between :first and :last{_ORDER}) r where value is not null order by day, dimensions, metric"
WINDOW = f"select * from ({_NEWEST} and first_day = :first and last_day = :last and day is null{_ORDER}) r where value is not null"
SUMS = f"""
select dimensions, metric, sum(value) as value, count(distinct day) as days, max(known_at) as known_at from (
  {_NEWEST} and day between :first and :last{_ORDER}) r where value is not null group by dimensions, metric order by dimensions, metric"""

# The newest window of each length that still has figures.
WINDOWS = f"""
select last_day - first_day + 1 as days, max(last_day) as last_day from owner_reports
 where {_OF} and day is null and value is not null and known_at <= coalesce(cast(:as_of as timestamptz), 'infinity')
 group by last_day - first_day + 1"""
LAST_WINDOW = f"""
select first_day, last_day from owner_reports
 where {_OF} and day is null and value is not null and known_at <= coalesce(cast(:as_of as timestamptz), 'infinity')
   and (cast(:days as int) is null or last_day - first_day + 1 = :days) order by last_day desc, known_at desc limit 1"""

PUT_AVAILABILITY = """
insert into owner_availability as a (tenant_id, channel_id, report, video_id, is_available, reason, detail, first_day, last_day, read_at)
values (:tenant, :channel, :report, :video, :is_available, :reason, :detail, :first, :last, :read_at)
on conflict (tenant_id, channel_id, report, video_id) do update set is_available = excluded.is_available, reason = excluded.reason,
  detail = excluded.detail, first_day = coalesce(excluded.first_day, a.first_day), last_day = coalesce(excluded.last_day, a.last_day),
  read_at = excluded.read_at"""
AVAILABILITY = """
select report, is_available, reason, detail, first_day, last_day, read_at from owner_availability
 where tenant_id = :tenant and channel_id = :channel and video_id = :video order by report"""
COVERAGE = """
select video_id, first_day, last_day, read_at from owner_availability
 where tenant_id = :tenant and channel_id = :channel and report = :report and first_day is not null"""

# Posts of a listing, by the ids of the platform; a post that is listed again is there again.
LIST_VIDEOS = """
insert into channel_videos as c (tenant_id, channel_id, video_id, visibility, listed_at)
select :tenant, :channel, v.video_id, p.visibility, :listed_at
  from unnest(cast(:keys as text[]), cast(:visibilities as text[])) p(key, visibility)
  join videos v on v.tenant_id = :tenant and v.platform = 'youtube' and v.external_id = p.key
on conflict (tenant_id, channel_id, video_id) do update set visibility = coalesce(excluded.visibility, c.visibility), listed_at = excluded.listed_at,
  gone_at = null"""
MARK_GONE = """
update channel_videos c set gone_at = :gone_at from videos v
 where c.tenant_id = :tenant and c.channel_id = :channel and c.listed_at < :began_at and c.gone_at is null
   and v.tenant_id = c.tenant_id and v.video_id = c.video_id returning v.external_id"""
OWN_VIDEOS = """
select v.video_id, v.external_id, v.posted_at, c.visibility is null or c.visibility = 'public' as is_public
  from channel_videos c join videos v on v.tenant_id = c.tenant_id and v.video_id = c.video_id
 where c.tenant_id = :tenant and c.channel_id = :channel and c.gone_at is null and v.posted_at >= :since order by v.posted_at desc limit :limit"""
NEWEST = """
select c.video_id, c.visibility, c.listed_at, c.gone_at from channel_videos c
  join videos v on v.tenant_id = c.tenant_id and v.video_id = c.video_id
 where c.tenant_id = :tenant and c.channel_id = :channel and c.gone_at is null order by v.posted_at desc nulls last, c.video_id limit :limit"""
OWNING = """
select c.channel_id from channel_videos c join videos v on v.tenant_id = c.tenant_id and v.video_id = c.video_id
 where c.tenant_id = :tenant and v.platform = 'youtube' and v.external_id = :key and c.gone_at is null limit 1"""
MARKS = """
select video_id, visibility, listed_at, gone_at from channel_videos
 where tenant_id = :tenant and channel_id = :channel and video_id = any(:videos)"""

STATS = """
select (select count(*) from channel_videos where tenant_id = :tenant and channel_id = :channel and gone_at is null) as videos,
  sum(v.views) as views, sum(v.likes) as likes, sum(v.comments) as comments, max(v.observed_at) as newest_observation,
  (select a.followers from accounts a where a.tenant_id = :tenant and a.account_id = cast(:account as uuid)) as subscribers
  from channel_videos c join videos v on v.tenant_id = c.tenant_id and v.video_id = c.video_id
 where c.tenant_id = :tenant and c.channel_id = :channel and c.gone_at is null"""

# What was imported was given to us by the owner, not by a grant, and stays.
_OWN = "c.tenant_id = :tenant and c.channel_id = :channel"
_HIDDEN = f"{_OWN} and c.visibility in ('private', 'unlisted')"
FORGET = (
    f"delete from owner_metrics m using channel_videos c where {_OWN} and m.tenant_id = :tenant and m.video_id = c.video_id"
    " and m.source = 'youtube_api'",
    f"delete from video_snapshots s using channel_videos c where {_HIDDEN} and s.tenant_id = :tenant and s.video_id = c.video_id"
    " and s.source = 'youtube_api'",
    f"delete from video_texts t using channel_videos c where {_HIDDEN} and t.tenant_id = :tenant and t.video_id = c.video_id"
    " and t.source = 'youtube_api'",
    f"update videos v set expires_at = :now from channel_videos c where {_HIDDEN} and v.tenant_id = :tenant and v.video_id = c.video_id",
    "delete from owner_reports where tenant_id = :tenant and channel_id = :channel and source = 'youtube_api'",
    *(f"delete from {table} where tenant_id = :tenant and channel_id = :channel"
      for table in ("owner_availability", "channel_videos", "channel_stats", "channel_syncs")),
)  # fmt: skip

# What Dagster's checks ask.
OFF_DEMOGRAPHICS = f"""
select channel_id, video_id, first_day, last_day, sum(value) as percent from (
  select distinct on (channel_id, video_id, {_KEY}) channel_id, video_id, {_KEY}, value from owner_reports
   where tenant_id = :tenant and report = 'demographics' and metric = 'viewer_percent' order by channel_id, video_id, {_KEY}, known_at desc) r
 where value is not null group by channel_id, video_id, first_day, last_day having sum(value) not between :low and :high"""
NEGATIVE_REVENUE = f"""
select count(*) from (
  select distinct on (channel_id, {_KEY}) value from owner_reports where tenant_id = :tenant and report = 'revenue'
   order by channel_id, {_KEY}, known_at desc) r where value < 0"""
NEWEST_DAYS = """
select c.channel_id, max(r.day) as newest from channels c
  join owner_availability a on a.tenant_id = c.tenant_id and a.channel_id = c.channel_id and a.report = 'daily' and a.is_available
  left join owner_reports r on r.tenant_id = c.tenant_id and r.channel_id = c.channel_id and r.report = 'daily' and r.value is not null
 where c.tenant_id = :tenant and c.status = 'active' group by c.channel_id"""
UNLISTED_CHANNELS = """
select c.channel_id, s.listed_at from channels c left join channel_syncs s on s.tenant_id = c.tenant_id and s.channel_id = c.channel_id
 where c.tenant_id = :tenant and c.status = 'active' and (s.listed_at is null or s.listed_at < :since)"""

METRICS = """
select distinct on (metric) metric, value, known_at, source from owner_metrics
 where tenant_id = :tenant and video_id = :video and known_at <= coalesce(cast(:as_of as timestamptz), 'infinity')
 order by metric, known_at desc"""
# Across tenants. Locked against a second schedule; a channel whose sync is asked for just now is left for the next look.
ASK_DUE = """
with due as (
  select c.tenant_id, c.channel_id, row_number() over (order by s.finished_at nulls first, c.channel_id) as place from (
    select c.tenant_id, c.channel_id from channels c
     where c.status = 'active' and c.external_id is not null
       and not exists (select from tenants t where t.tenant_id = c.tenant_id and t.suspended_at is not null) and not exists (
       select from requests r where r.tenant_id = c.tenant_id and r.kind = 'sync' and r.params ->> 'channel_id' = c.channel_id::text
          and (r.created_at >= :since or r.state in ('pending', 'launched', 'running')))
     for update of c skip locked) c
  left join channel_syncs s on s.tenant_id = c.tenant_id and s.channel_id = c.channel_id order by place limit :most)
insert into requests (tenant_id, request_id, kind, subject, claim_on, params, state, max_attempts)
select d.tenant_id, i.request_id, 'sync', 'sync:' || d.channel_id, :claim, jsonb_build_object('channel_id', d.channel_id::text), 'pending',
  :attempts
  from due d join unnest(cast(:ids as uuid[])) with ordinality i(request_id, place) on i.place = d.place"""
NEWEST_DAY = f"""
select max(day) from (
  select distinct on ({_KEY}) day, value from owner_reports where {_OF} and known_at <= coalesce(cast(:as_of as timestamptz), 'infinity')
     and day >= :since order by {_KEY}, known_at desc) r where value is not null"""
