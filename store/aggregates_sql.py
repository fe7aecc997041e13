"""The statements of `store.aggregates`. Each comes twice: over all of a tenant's accounts, and over those of `changed` alone.

`changed` is a table of the transaction: the accounts to make anew and, for days, since when. No figure depends on the clock: a day is
what was seen on it, totals are over all posts. So nothing grows old by itself, and what did not change need not be made again.
"""

from dataclasses import dataclass

from domain.analytics import ACCOUNT_DAYS, ACCOUNT_TOTALS, Method
from store.probing import NO_SORTS, SORTS

# One recompute of an aggregate at a time: two that overlap could write the older figures last.
LOCK = "select pg_advisory_xact_lock(hashtextextended(concat(cast(:aggregate as text), ' ', cast(:tenant as uuid)), 0))"

CREATE_CHANGED = "create temporary table changed (account_id uuid, since timestamptz) on commit drop"

# First the marks are taken, then, in a later statement, the figures made: whatever committed its mark is seen, whatever comes later keeps it.
TAKE_MARKS = """
with taken as (delete from account_changes where tenant_id = :tenant and aggregate = :aggregate returning account_id, since),
asked as (select account_id, date '0001-01-01' as since from accounts where tenant_id = :tenant and account_id = any(cast(:only as uuid[])))
insert into changed select account_id, min(since)::timestamp at time zone 'UTC' from (select * from taken union all select * from asked) m group by account_id"""

IS_MADE = "select exists (select from aggregates_made where tenant_id = :tenant and aggregate = :aggregate and method = :method)"

PUT_MADE = """
insert into aggregates_made as m (tenant_id, aggregate, method, as_of) values (:tenant, :aggregate, :method, :now)
on conflict (tenant_id, aggregate) do update set method = excluded.method, as_of = greatest(m.as_of, excluded.as_of)"""

FORGET_MARKS = "delete from account_changes where tenant_id = :tenant and aggregate = :aggregate"

_ALL_VIDEOS = "videos v"
_CHANGED_VIDEOS = """changed c cross join lateral (
      select v.* from videos v where v.tenant_id = :tenant and v.account_id = c.account_id order by v.account_id, v.posted_at desc nulls last offset 0) v"""


def _totals(videos: str) -> str:
    return f"""
with made as (
  select v.account_id, count(*) as videos, coalesce(sum(views), 0) as views, coalesce(sum(likes), 0) as likes, coalesce(sum(comments), 0) as comments,
    coalesce(sum(shares), 0) as shares, percentile_cont(0.5) within group (order by views) as median_views,
    percentile_cont(0.5) within group (
      order by (likes + comments + case when platform = any(:no_shares) then coalesce(shares, 0) else shares end)::float8 / nullif(views, 0)) as median_engagement_rate,
    case when count(posted_at) > 1 and max(posted_at) > min(posted_at)
      then (count(posted_at) - 1) / (extract(epoch from max(posted_at) - min(posted_at)) / 604800.0) end as posts_per_week,
    min(posted_at) as first_posted_at, max(posted_at) as last_posted_at
    from {videos} where v.tenant_id = :tenant and not is_removed group by v.account_id)
insert into account_totals as t (tenant_id, account_id, videos, views, likes, comments, shares, median_views, median_engagement_rate, posts_per_week,
  first_posted_at, last_posted_at, as_of)
select :tenant, account_id, videos, views, likes, comments, shares, median_views, median_engagement_rate, posts_per_week,
  first_posted_at, last_posted_at, :now from made
on conflict (tenant_id, account_id) do update set videos = excluded.videos, views = excluded.views, likes = excluded.likes,
  comments = excluded.comments, shares = excluded.shares, median_views = excluded.median_views,
  median_engagement_rate = excluded.median_engagement_rate, posts_per_week = excluded.posts_per_week,
  first_posted_at = excluded.first_posted_at, last_posted_at = excluded.last_posted_at, as_of = excluded.as_of"""


def _forget_totals(accounts: str) -> str:
    return f"""
delete from account_totals t where tenant_id = :tenant{accounts}
  and not exists (select from videos v where v.tenant_id = :tenant and v.account_id = t.account_id and not v.is_removed)"""


def _before(where: str) -> str:
    return f"""(
        select p from video_snapshots p where p.tenant_id = :tenant and p.video_id = v.video_id and p.observed_at < c.since and {where}
         order by p.observed_at desc limit 1)"""


# What a video gained between two snapshots counts for the day of the later one; its first snapshot gains nothing we saw. So days are made
# anew from a day on: the first snapshot since then is measured against the last one before.
_ALL_SEEN = """
  select v.account_id, s.video_id, s.observed_at, s.views, s.likes, s.comments, s.shares, true as is_wanted
    from video_snapshots s join videos v on v.tenant_id = s.tenant_id and v.video_id = s.video_id where s.tenant_id = :tenant"""
# No snapshot of a video is later than the video's own `observed_at`. The one before is mostly of the last month: older partitions are opened
# only where it is not.
_CHANGED_SEEN = f"""
  select v.account_id, s.video_id, s.observed_at, s.views, s.likes, s.comments, s.shares, s.observed_at >= c.since
    from {_CHANGED_VIDEOS} cross join lateral (
      select s.* from video_snapshots s where s.tenant_id = :tenant and s.video_id = v.video_id and s.observed_at >= c.since
      union all select (before).* from (select coalesce({_before("p.observed_at >= c.since - interval '40 days'")}, {_before("true")}) as before offset 0) p
       where (before).observed_at is not null) s
   where v.observed_at >= c.since"""


def _days(seen: str, videos: str, posted_since: str, gone: str) -> str:
    return f"""
with seen (account_id, video_id, observed_at, views, likes, comments, shares, is_wanted) as ({seen}),
gains as (
  select account_id, (observed_at at time zone 'UTC')::date as day, video_id, is_wanted,
    views - lag(views) over w as views, likes - lag(likes) over w as likes,
    comments - lag(comments) over w as comments, shares - lag(shares) over w as shares
    from seen window w as (partition by video_id order by observed_at)),
observed as (
  select account_id, day, count(distinct video_id) as videos_observed, coalesce(sum(greatest(views, 0)), 0) as views_gained,
    coalesce(sum(greatest(likes, 0)), 0) as likes_gained, coalesce(sum(greatest(comments, 0)), 0) as comments_gained,
    coalesce(sum(greatest(shares, 0)), 0) as shares_gained from gains where is_wanted group by account_id, day),
posted as (
  select v.account_id, (v.posted_at at time zone 'UTC')::date as day, count(*) as posts from {videos}
   where v.tenant_id = :tenant and v.posted_at is not null{posted_since} group by 1, 2),
made as (
  select coalesce(o.account_id, p.account_id) as account_id, coalesce(o.day, p.day) as day, coalesce(p.posts, 0) as posts,
    coalesce(o.views_gained, 0) as views_gained, coalesce(o.likes_gained, 0) as likes_gained, coalesce(o.comments_gained, 0) as comments_gained,
    coalesce(o.shares_gained, 0) as shares_gained, coalesce(o.videos_observed, 0) as videos_observed
    from observed o full join posted p on p.account_id = o.account_id and p.day = o.day),
gone as (
  delete from account_days d {gone}
    and not exists (select from made m where m.account_id = d.account_id and m.day = d.day))
insert into account_days as d (tenant_id, account_id, day, posts, views_gained, likes_gained, comments_gained, shares_gained, videos_observed)
select :tenant, account_id, day, posts, views_gained, likes_gained, comments_gained, shares_gained, videos_observed from made
on conflict (tenant_id, account_id, day) do update set posts = excluded.posts, views_gained = excluded.views_gained,
  likes_gained = excluded.likes_gained, comments_gained = excluded.comments_gained, shares_gained = excluded.shares_gained,
  videos_observed = excluded.videos_observed
  where (d.posts, d.views_gained, d.likes_gained, d.comments_gained, d.shares_gained, d.videos_observed) is distinct from
    (excluded.posts, excluded.views_gained, excluded.likes_gained, excluded.comments_gained, excluded.shares_gained, excluded.videos_observed)"""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What makes it: for all accounts, and for those that changed."""

    name: str
    method: str
    of_all: tuple[str, ...]
    of_changed: tuple[str, ...]


def _aggregate(name: str, method: Method, of_all: tuple[str, ...], of_changed: tuple[str, ...]) -> Aggregate:
    taken = (CREATE_CHANGED, TAKE_MARKS, "analyze changed", NO_SORTS, *of_changed, SORTS, PUT_MADE)
    return Aggregate(name, method.id, (FORGET_MARKS, *of_all, PUT_MADE), taken)


TOTALS = _aggregate(
    "totals", ACCOUNT_TOTALS, (_totals(_ALL_VIDEOS), _forget_totals("")),
    (_totals(_CHANGED_VIDEOS), _forget_totals(" and account_id in (select account_id from changed)")),
)  # fmt: skip
_CHANGED_DAYS = _days(
    _CHANGED_SEEN, _CHANGED_VIDEOS, " and v.posted_at >= c.since",
    "using changed c where d.tenant_id = :tenant and d.account_id = c.account_id and d.day >= (c.since at time zone 'UTC')::date",
)  # fmt: skip
DAYS = _aggregate("days", ACCOUNT_DAYS, (_days(_ALL_SEEN, _ALL_VIDEOS, "", "where tenant_id = :tenant"),), (_CHANGED_DAYS,))
