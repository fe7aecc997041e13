"""Figures by day, as series are made of them: what an account's videos gained, its followers, what an own channel earned.

Nothing is written here. Days are UTC, those of owner reports the platform's own.
"""

from dataclasses import dataclass
from datetime import date, datetime

from store.repository import Repository

# A day's gain is measured from the day before: over a gap nobody knows on which of its days it was gained.
_GAINED = """
select d.account_id::text, d.day, case when d.is_known then d.views_gained end, case when d.is_known then d.reactions end from (
    select account_id, day, views_gained, likes_gained + comments_gained + shares_gained as reactions, videos_observed > 0
      and lag(day) over w = day - 1 and lag(videos_observed) over w > 0 as is_known
      from account_days where tenant_id = %(tenant)s and day between %(first)s and %(last)s
    window w as (partition by account_id order by day)) d
 order by d.account_id, d.day"""

_FOLLOWERS = """
select distinct on (f.account_id, (f.observed_at at time zone 'UTC')::date) f.account_id::text, (f.observed_at at time zone 'UTC')::date,
    f.followers
  from account_followers f where f.tenant_id = %(tenant)s and f.observed_at <= %(as_of)s
   and f.observed_at >= %(first)s::date::timestamp at time zone 'UTC'
 order by f.account_id, (f.observed_at at time zone 'UTC')::date, f.observed_at desc"""

_REVENUE = """
select a.account_id::text, r.first_day, sum(r.value)::float8 from (
    select distinct on (channel_id, video_id, first_day, last_day, dimensions, metric) channel_id, first_day, value from owner_reports
     where tenant_id = %(tenant)s and report = 'revenue' and metric = 'estimated_revenue_usd' and day is not null and dimensions = '{}'
       and video_id = '00000000-0000-0000-0000-000000000000' and known_at <= %(as_of)s and day between %(first)s and %(last)s
     order by channel_id, video_id, first_day, last_day, dimensions, metric, known_at desc) r
  join channels c on c.tenant_id = %(tenant)s and c.channel_id = r.channel_id and c.status <> 'archived'
  join accounts a on a.tenant_id = %(tenant)s and (c.account_id = a.account_id or (c.platform = a.platform and c.external_id = a.external_id))
 where r.value is not null group by a.account_id, r.first_day order by 1, 2"""


@dataclass(frozen=True, slots=True)
class AccountDay:
    """What is known of an account's day. None is unknown: nobody looked that day or the day before, or nothing was reported."""

    account_id: str
    day: date
    views: int | None = None
    reactions: int | None = None
    followers: int | None = None
    revenue: float | None = None


class Days(Repository):
    """One tenant's figures by day."""

    def all(self, *, as_of: datetime, first: date) -> list[AccountDay]:
        """Every day from `first` on that anything is known of, by account and day. `followers` are those at the day's end."""
        words = {"as_of": as_of, "first": first, "last": as_of.date()}
        gained = {(row[0], row[1]): (row[2], row[3]) for row in self._read(_GAINED, **words)}
        followers = {(row[0], row[1]): row[2] for row in self._read(_FOLLOWERS, **words)}
        revenue = {(row[0], row[1]): row[2] for row in self._read(_REVENUE, **words)}
        keys = sorted(gained.keys() | followers.keys() | revenue.keys())
        return [AccountDay(*key, *gained.get(key, (None, None)), followers.get(key), revenue.get(key)) for key in keys]
