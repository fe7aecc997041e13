"""The statements of `store.posts`. Each passes over the tenant's rows once, however many videos there are."""

from store.videos import newest_known

_COUNTERS = ("views", "likes", "comments", "shares")

# Of the newest snapshot that has every part; a platform without shares has none to miss.
_REACTED = """
case when s.views > 0 and s.likes is not null and s.comments is not null and (s.shares is not null or v.platform = any(%(no_shares)s))
  then (s.likes + s.comments + coalesce(s.shares, 0))::float8 / s.views end"""

FRAME = f"""
with own as (
  select a.account_id from channels c join accounts a on a.tenant_id = c.tenant_id
    and (a.account_id = c.account_id or (a.platform = c.platform and a.external_id = c.external_id))
   where c.tenant_id = %(tenant)s and c.status <> 'archived'),
counted as (
  select s.video_id, {newest_known((*_COUNTERS, "reacted"))} from (
    select s.video_id, s.observed_at, {", ".join(f"s.{name}" for name in _COUNTERS)}, {_REACTED} as reacted
      from video_snapshots s join videos v on v.tenant_id = s.tenant_id and v.video_id = s.video_id
     where s.tenant_id = %(tenant)s and s.observed_at <= %(as_of)s and s.recorded_at <= %(recorded_by)s) s group by s.video_id),
told as (
  select s.video_id, {newest_known(("title", "description"), by="seen_from")} from video_texts s
   where s.tenant_id = %(tenant)s and s.seen_from <= %(as_of)s group by s.video_id),
following as (
  select distinct on (f.account_id) f.account_id, f.followers from account_followers f
   where f.tenant_id = %(tenant)s and f.observed_at <= %(as_of)s order by f.account_id, f.observed_at desc)
select v.video_id::text as video_id, v.account_id::text as account_id, v.platform, v.format, v.posted_at, t.title, t.description,
  v.hashtags, v.mentions, v.sound_id, v.category, v.duration_seconds, v.selection, a.time_zone, f.followers,
  v.account_id in (select account_id from own) as is_own, v.is_promoted, c.views, c.likes, c.comments, c.shares, c.reacted,
  s.outcome, s.outcome_se, least(v.expires_at, a.expires_at) as expires_at
  from videos v
  join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id
  left join counted c on c.video_id = v.video_id
  left join told t on t.video_id = v.video_id
  left join following f on f.account_id = v.account_id
  left join scores s on s.tenant_id = v.tenant_id and s.video_id = v.video_id
 where v.tenant_id = %(tenant)s and not v.is_removed and v.first_seen_at <= %(as_of)s order by v.video_id"""

# Days weigh by their views (see "Owner data" in docs/method.md); what an owner imported for the whole life stands where no days are known.
OWNER_SHARE = """
with told as (
  select distinct on (r.channel_id, r.video_id, r.first_day, r.metric) r.video_id, r.first_day, r.metric, r.value from owner_reports r
   where r.tenant_id = %(tenant)s and r.report = 'daily' and r.video_id <> '00000000-0000-0000-0000-000000000000' and r.known_at <= %(as_of)s
     and r.metric in ('average_percentage_viewed', 'views')
   order by r.channel_id, r.video_id, r.first_day, r.metric, r.known_at desc),
days as (
  select p.video_id, sum(p.value * w.value) / nullif(sum(w.value), 0) as percent
    from told p join told w on w.video_id = p.video_id and w.first_day = p.first_day and w.metric = 'views'
   where p.metric = 'average_percentage_viewed' and p.value is not null and w.value > 0 group by p.video_id),
given as (
  select distinct on (m.video_id) m.video_id, m.value as percent from owner_metrics m
   where m.tenant_id = %(tenant)s and m.metric = 'average_percentage_viewed' and m.known_at <= %(as_of)s order by m.video_id, m.known_at desc)
select coalesce(d.video_id, g.video_id)::text as video_id, (coalesce(d.percent, g.percent) / 100)::float8 as share
  from days d full join given g on g.video_id = d.video_id"""

VERSIONS = """
select
  (select jsonb_build_object('count', count(*), 'newest_observed_at', max(observed_at), 'newest_recorded_at', max(recorded_at))
     from video_snapshots where tenant_id = %(tenant)s and observed_at <= %(as_of)s and recorded_at <= %(recorded_by)s) as snapshots,
  (select jsonb_build_object('count', count(*), 'newest_updated_at', max(updated_at)) from videos where tenant_id = %(tenant)s) as videos,
  (select jsonb_build_object('count', count(*), 'newest_seen_from', max(seen_from)) from video_texts where tenant_id = %(tenant)s) as texts,
  (select jsonb_build_object('count', count(*), 'sha256', encode(sha256(convert_to(coalesce(string_agg(sha256, ' ' order by created_at, import_id), ''), 'UTF8')), 'hex'),
      'newest', coalesce((select jsonb_agg(n) from (select i.import_id, i.sha256 from imports i where i.tenant_id = %(tenant)s and i.observations > 0
        order by i.created_at desc, i.import_id limit %(named)s) n), '[]'))
     from imports where tenant_id = %(tenant)s and observations > 0) as imports,
  (select jsonb_build_object('count', count(*), 'newest_used_at', max(used_at)) from fetch_uses where tenant_id = %(tenant)s) as answers"""
