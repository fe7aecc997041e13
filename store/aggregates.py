"""Aggregates of accounts, made anew in SQL on the tenant's rows: totals, medians and days. Upserts touch only what changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.analytics import NO_SHARES
from store.repository import Repository

_TOTALS = """
with made as (
  select account_id, count(*) as videos, coalesce(sum(views), 0) as views, coalesce(sum(likes), 0) as likes, coalesce(sum(comments), 0) as comments,
    coalesce(sum(shares), 0) as shares, percentile_cont(0.5) within group (order by views) as median_views,
    percentile_cont(0.5) within group (
      order by (likes + comments + case when platform = any(:no_shares) then coalesce(shares, 0) else shares end)::float8 / nullif(views, 0)) as median_engagement_rate,
    case when count(posted_at) > 1 and max(posted_at) > min(posted_at)
      then (count(posted_at) - 1) / (extract(epoch from max(posted_at) - min(posted_at)) / 604800.0) end as posts_per_week,
    min(posted_at) as first_posted_at, max(posted_at) as last_posted_at
    from videos where tenant_id = :tenant and not is_removed and (cast(:only as uuid[]) is null or account_id = any(:only)) group by account_id)
insert into account_totals as t (tenant_id, account_id, videos, views, likes, comments, shares, median_views, median_engagement_rate, posts_per_week,
  first_posted_at, last_posted_at, as_of)
select :tenant, account_id, videos, views, likes, comments, shares, median_views, median_engagement_rate, posts_per_week,
  first_posted_at, last_posted_at, :now from made
on conflict (tenant_id, account_id) do update set videos = excluded.videos, views = excluded.views, likes = excluded.likes,
  comments = excluded.comments, shares = excluded.shares, median_views = excluded.median_views,
  median_engagement_rate = excluded.median_engagement_rate, posts_per_week = excluded.posts_per_week,
  first_posted_at = excluded.first_posted_at, last_posted_at = excluded.last_posted_at, as_of = excluded.as_of"""

_FORGET_TOTALS = """
delete from account_totals t where tenant_id = :tenant
  and not exists (select from videos v where v.tenant_id = :tenant and v.account_id = t.account_id and not v.is_removed)"""

# What a video gained between two snapshots counts for the day of the later one; its first snapshot gains nothing we saw.
_DAYS = """
with gains as (
  select v.account_id, (s.observed_at at time zone 'UTC')::date as day, s.video_id,
    s.views - lag(s.views) over w as views, s.likes - lag(s.likes) over w as likes,
    s.comments - lag(s.comments) over w as comments, s.shares - lag(s.shares) over w as shares
    from video_snapshots s join videos v on v.tenant_id = s.tenant_id and v.video_id = s.video_id
   where s.tenant_id = :tenant window w as (partition by s.video_id order by s.observed_at)),
observed as (
  select account_id, day, count(distinct video_id) as videos_observed, coalesce(sum(greatest(views, 0)), 0) as views_gained,
    coalesce(sum(greatest(likes, 0)), 0) as likes_gained, coalesce(sum(greatest(comments, 0)), 0) as comments_gained,
    coalesce(sum(greatest(shares, 0)), 0) as shares_gained from gains group by account_id, day),
posted as (
  select account_id, (posted_at at time zone 'UTC')::date as day, count(*) as posts from videos
   where tenant_id = :tenant and posted_at is not null group by 1, 2),
made as (
  select coalesce(o.account_id, p.account_id) as account_id, coalesce(o.day, p.day) as day, coalesce(p.posts, 0) as posts,
    coalesce(o.views_gained, 0) as views_gained, coalesce(o.likes_gained, 0) as likes_gained, coalesce(o.comments_gained, 0) as comments_gained,
    coalesce(o.shares_gained, 0) as shares_gained, coalesce(o.videos_observed, 0) as videos_observed
    from observed o full join posted p on p.account_id = o.account_id and p.day = o.day),
gone as (
  delete from account_days d where tenant_id = :tenant
    and not exists (select from made m where m.account_id = d.account_id and m.day = d.day))
insert into account_days as d (tenant_id, account_id, day, posts, views_gained, likes_gained, comments_gained, shares_gained, videos_observed)
select :tenant, account_id, day, posts, views_gained, likes_gained, comments_gained, shares_gained, videos_observed from made
on conflict (tenant_id, account_id, day) do update set posts = excluded.posts, views_gained = excluded.views_gained,
  likes_gained = excluded.likes_gained, comments_gained = excluded.comments_gained, shares_gained = excluded.shares_gained,
  videos_observed = excluded.videos_observed
  where (d.posts, d.views_gained, d.likes_gained, d.comments_gained, d.shares_gained, d.videos_observed) is distinct from
    (excluded.posts, excluded.views_gained, excluded.likes_gained, excluded.comments_gained, excluded.shares_gained, excluded.videos_observed)"""


@dataclass(frozen=True, slots=True)
class CatalogueCounts:
    """How many rows the tenant has, and how fresh they are."""

    accounts: int
    videos: int
    texts: int
    snapshots: int
    negative_counts: int
    future_dates: int
    falling_views: int
    newest_observation: datetime | None


class Aggregates(Repository):
    """One tenant's aggregates."""

    def put_totals(self, *, now: datetime, only: list[UUID] | None = None) -> int:
        """Totals and medians of every account, or of the named ones. Returns how many accounts have them."""
        self._run(_TOTALS, now=now, only=only, no_shares=[str(platform) for platform in NO_SHARES])
        self._run(_FORGET_TOTALS)
        return int(self._run("select count(*) from account_totals where tenant_id = :tenant").scalar_one())

    def put_days(self) -> int:
        """Posts and gains per account and day. Returns how many rows there are."""
        self._run(_DAYS)
        return int(self._run("select count(*) from account_days where tenant_id = :tenant").scalar_one())

    def views_by_day(self, *, days: int = 90) -> list[tuple[str, int, int]]:
        """(day, views gained, posts) of all accounts together, the latest days, for the chart; equal to the table by construction."""
        rows = self._run(
            "select day::text as day, sum(views_gained)::bigint as views, sum(posts)::bigint as posts from account_days where tenant_id = :tenant"
            " group by day order by day desc limit :days", days=days,
        )  # fmt: skip
        return [(row.day, row.views, row.posts) for row in rows][::-1]

    def counts(self, *, now: datetime) -> CatalogueCounts:
        row = self._run(
            "select (select count(*) from accounts where tenant_id = :tenant) as accounts,"
            " (select count(*) from videos where tenant_id = :tenant) as videos,"
            " (select count(*) from video_texts where tenant_id = :tenant) as texts,"
            " (select count(*) from video_snapshots where tenant_id = :tenant) as snapshots,"
            " (select count(*) from video_snapshots where tenant_id = :tenant and least(views, likes, dislikes, comments, shares, bookmarks) < 0) as negative_counts,"
            " (select count(*) from videos where tenant_id = :tenant and greatest(posted_at - make_interval(secs => posted_error_seconds),"
            "   observed_at - interval '1 day') > :now) as future_dates,"
            " (select count(*) from (select views < lag(views) over (partition by video_id order by observed_at) as fell"
            "   from video_snapshots where tenant_id = :tenant) s where fell) as falling_views,"
            " (select max(observed_at) from videos where tenant_id = :tenant) as newest_observation",
            now=now,
        ).one()  # fmt: skip
        return CatalogueCounts(**row._mapping)

    def shared_handles(self) -> list[str]:
        rows = self._run(
            "select platform || ':' || lower(username) from accounts where tenant_id = :tenant and username is not null and not is_provisional"
            " group by 1 having count(*) > 1 order by 1"
        )
        return list(rows.scalars())

    def titles_without_history(self) -> int:
        missing = (
            "select count(*) from videos v where tenant_id = :tenant and title is not null"
            " and not exists (select from video_texts t where t.tenant_id = :tenant and t.video_id = v.video_id)"
        )
        return int(self._run(missing).scalar_one())

    def accounts_off_by(self) -> int:
        """How many accounts' totals are not the sums of their videos."""
        off = (
            "select count(*) from (select account_id, count(*) as videos, coalesce(sum(views), 0) as views from videos"
            " where tenant_id = :tenant and not is_removed group by account_id) v"
            " full join (select account_id, videos, views from account_totals where tenant_id = :tenant) t using (account_id)"
            " where (v.videos, v.views) is distinct from (t.videos, t.views)"
        )
        return int(self._run(off).scalar_one())

    def posts_by_day_and_dated(self) -> tuple[int, int]:
        row = self._run(
            "select (select coalesce(sum(posts), 0) from account_days where tenant_id = :tenant)::bigint as days,"
            " (select count(*) from videos where tenant_id = :tenant and posted_at is not null) as dated"
        ).one()
        return row.days, row.dated
