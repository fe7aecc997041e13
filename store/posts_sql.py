"""The statements of `store.posts`. Each passes once over one table; what they find is put together by video in memory, because a planner that
knows nothing yet of rows that have just come in would join them row by row.
"""

from store.videos import first_known, newest_known

COUNTERS = ("views", "likes", "comments", "shares")

FACTS = """
select v.video_id::text as video_id, v.account_id::text as account_id, v.platform, v.format, v.posted_at, v.hashtags, v.mentions, v.sound_id,
  v.category, v.duration_seconds, v.selection, v.is_promoted, v.expires_at
  from videos v where v.tenant_id = %(tenant)s and not v.is_removed and v.first_seen_at <= %(as_of)s order by v.video_id"""

ACCOUNTS = """
select a.account_id::text as account_id, a.time_zone, a.expires_at, exists (
    select from channels c where c.tenant_id = a.tenant_id and c.status <> 'archived'
      and (c.account_id = a.account_id or (c.platform = a.platform and c.external_id = a.external_id))) as is_own
  from accounts a where a.tenant_id = %(tenant)s"""

FOLLOWERS = """
select f.account_id::text, (array_agg(f.followers order by f.observed_at desc))[1] as followers,
    (array_agg(f.followers order by f.observed_at))[1] as followers_first
  from account_followers f where f.tenant_id = %(tenant)s and f.observed_at <= %(as_of)s group by f.account_id"""

# Shares of reactions at the newest snapshot that has every part: with shares among the parts, and for platforms that have no shares.
_REACTED = """
case when s.views > 0 then (s.likes + s.comments + s.shares)::float8 / s.views end as reacted,
case when s.views > 0 then (s.likes + s.comments + coalesce(s.shares, 0))::float8 / s.views end as reacted_without"""

COUNTED = f"""
select s.video_id::text, {newest_known((*COUNTERS, "reacted", "reacted_without"))} from (
    select s.video_id, s.observed_at, {", ".join(f"s.{name}" for name in COUNTERS)}, {_REACTED} from video_snapshots s
     where s.tenant_id = %(tenant)s and s.observed_at <= %(as_of)s and s.recorded_at <= %(recorded_by)s) s group by s.video_id"""

# A flop may be given another title: only the words that were seen first can have come before its views.
TOLD = f"""
select s.video_id::text, {first_known(("title", "description"), by="seen_from")} from video_texts s
 where s.tenant_id = %(tenant)s and s.seen_from <= %(as_of)s group by s.video_id"""

SCORED = "select video_id::text, outcome, outcome_se from scores where tenant_id = %(tenant)s"

# The newest word for each day of each video; a figure that is no longer listed has none.
OWNER_DAYS = """
select distinct on (r.channel_id, r.video_id, r.first_day, r.metric) r.video_id::text, r.first_day, r.metric, r.value from owner_reports r
 where r.tenant_id = %(tenant)s and r.report = 'daily' and r.video_id <> '00000000-0000-0000-0000-000000000000' and r.known_at <= %(as_of)s
   and r.metric in ('average_percentage_viewed', 'views')
 order by r.channel_id, r.video_id, r.first_day, r.metric, r.known_at desc"""

OWNER_GIVEN = """
select distinct on (m.video_id) m.video_id::text, m.value from owner_metrics m
 where m.tenant_id = %(tenant)s and m.metric = 'average_percentage_viewed' and m.known_at <= %(as_of)s
 order by m.video_id, m.known_at desc"""

VERSIONS = """
select
  (select jsonb_build_object('count', count(*), 'newest_observed_at', max(observed_at), 'newest_recorded_at', max(recorded_at))
     from video_snapshots where tenant_id = %(tenant)s and observed_at <= %(as_of)s and recorded_at <= %(recorded_by)s) as snapshots,
  (select jsonb_build_object('count', count(*), 'newest_updated_at', max(updated_at)) from videos where tenant_id = %(tenant)s) as videos,
  (select jsonb_build_object('count', coalesce(sum(t.n), 0), 'newest_seen_from', max(t.newest),
      'first_seen_late', count(*) filter (where v.posted_at >= '2005-01-01Z' and t.first > v.posted_at + interval '7 days'),
      'changed', count(*) filter (where t.titles > 1 or t.descriptions > 1))
     from (select s.video_id, count(*) as n, min(s.seen_from) as first, max(s.seen_from) as newest, count(distinct s.title) as titles,
        count(distinct s.description) as descriptions from video_texts s where s.tenant_id = %(tenant)s and s.seen_from <= %(as_of)s
        group by s.video_id) t join videos v on v.tenant_id = %(tenant)s and v.video_id = t.video_id) as texts,
  (select jsonb_build_object('count', count(*), 'sha256',
      encode(sha256(convert_to(coalesce(string_agg(sha256, ' ' order by created_at, import_id), ''), 'UTF8')), 'hex'),
      'newest', coalesce((select jsonb_agg(n) from (select i.import_id, i.sha256 from imports i where i.tenant_id = %(tenant)s
        and i.observations > 0 order by i.created_at desc, i.import_id limit %(named)s) n), '[]'))
     from imports where tenant_id = %(tenant)s and observations > 0) as imports,
  (select jsonb_build_object('count', count(*), 'newest_used_at', max(used_at)) from fetch_uses where tenant_id = %(tenant)s) as answers"""
