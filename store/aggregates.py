"""Aggregates of accounts, made in SQL on the tenant's rows: totals, medians and days, of the accounts that changed. See `store.aggregates_sql`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.analytics import NO_SHARES
from store import aggregates_sql as sql
from store import names_sql as names
from store.repository import Repository


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

    def put_totals(self, *, now: datetime, only: Sequence[UUID] = (), is_full: bool = False) -> int:
        """Totals and medians of the accounts that changed, and of the named ones; of every account if asked. Returns how many accounts have them."""
        self._renew(sql.TOTALS, only, is_full=is_full, now=now, no_shares=[str(platform) for platform in NO_SHARES])
        return int(self._run("select count(*) from account_totals where tenant_id = :tenant").scalar_one())

    def put_days(self, *, now: datetime, only: Sequence[UUID] = (), is_full: bool = False) -> int:
        """Posts and gains per account and day, since the first day that changed; of every account if asked. Returns how many rows there are."""
        self._renew(sql.DAYS, only, is_full=is_full, now=now)
        return int(self._run("select count(*) from account_days where tenant_id = :tenant").scalar_one())

    def put_hashtags(self, *, now: datetime, only: Sequence[UUID] = (), is_full: bool = False) -> int:
        """What hashtags come to, of the accounts that changed. Returns how many hashtags there are."""
        self._renew(names.HASHTAGS, only, is_full=is_full, now=now)
        return int(self._run("select count(*) from hashtags where tenant_id = :tenant").scalar_one())

    def put_sounds(self, *, now: datetime, only: Sequence[UUID] = (), is_full: bool = False) -> int:
        """The same of sounds."""
        self._renew(names.SOUNDS, only, is_full=is_full, now=now)
        return int(self._run("select count(*) from sounds where tenant_id = :tenant").scalar_one())

    def names_off_by(self, kind: str) -> int:
        """How many names' totals (`hashtags` or `sounds`) are not the sums over the videos that use them."""
        return int(self._run(names.OFF_BY[kind]).scalar_one())

    def _renew(self, made: sql.Aggregate, only: Sequence[UUID], *, is_full: bool, **words: object) -> None:
        """All accounts are made anew if asked, and where they were made by another method, or never."""
        mine = {"aggregate": made.name, "method": made.method}
        self._run(sql.LOCK, **mine)
        if is_full or not self._run(sql.IS_MADE, **mine).scalar_one():
            statements = made.of_all
        else:
            self._run("drop table if exists changed")
            statements = made.of_changed
        for statement in statements:
            self._run(statement, only=list(only), **mine, **words)

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
