"""Counts over the tenant's whole library."""

from dataclasses import dataclass
from datetime import datetime

from store.repository import Repository


@dataclass(frozen=True, slots=True)
class PlatformStats:
    """One platform's part of the library."""

    platform: str
    videos: int
    accounts: int
    views: int
    likes: int


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """How much there is, and how fresh it is."""

    videos: int
    accounts: int
    snapshots: int
    hashtags: int
    sounds: int
    views: int
    likes: int
    comments: int
    comments_kept: int
    collections: int
    removed: int
    last_scraped_at: datetime | None
    first_observation: datetime | None
    newest_observation: datetime | None
    platforms: tuple[PlatformStats, ...]


_LIBRARY = """
select count(*)::bigint as videos, (select count(*) from accounts where tenant_id = :tenant) as accounts,
  (select count(*) from video_snapshots where tenant_id = :tenant) as snapshots,
  (select count(distinct (platform, lower(tag))) from videos, unnest(hashtags) as tag where tenant_id = :tenant) as hashtags,
  count(distinct (platform, sound_id)) filter (where sound_id is not null) as sounds,
  (select count(*) from video_comments where tenant_id = :tenant) as comments_kept, (select count(*) from collections where tenant_id = :tenant) as collections,
  count(*) filter (where is_removed) as removed, (select max(last_seen_at) from accounts where tenant_id = :tenant and source not like 'import:%' and source <> 'tracking') as last_scraped_at,
  coalesce(sum(views), 0) as views, coalesce(sum(likes), 0) as likes, coalesce(sum(comments), 0) as comments,
  min(first_seen_at) as first_observation, max(observed_at) as newest_observation
  from videos where tenant_id = :tenant"""

_PLATFORMS = """
select a.platform, coalesce(v.videos, 0) as videos, a.accounts, coalesce(v.views, 0) as views, coalesce(v.likes, 0) as likes
  from (select platform, count(*) as accounts from accounts where tenant_id = :tenant group by platform) a
  left join (select platform, count(*) as videos, sum(views) as views, sum(likes) as likes from videos
              where tenant_id = :tenant group by platform) v on v.platform = a.platform
 order by a.platform"""


class Stats(Repository):
    """One tenant's library in numbers."""

    def library(self) -> LibraryStats:
        row = self._run(_LIBRARY).one()
        parts = (PlatformStats(p.platform, p.videos, p.accounts, int(p.views), int(p.likes)) for p in self._run(_PLATFORMS))
        return LibraryStats(
            **{**row._mapping, "views": int(row.views), "likes": int(row.likes), "comments": int(row.comments)}, platforms=tuple(parts)
        )
