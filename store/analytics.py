"""Figures over the tenant's library, read straight from its rows as of a moment. The formulas are in `domain.analytics`.

Every statement stands on one relation, `seen`: each video with the counters known then. Removed videos are in none of the figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.analytics import DURATION_EDGES, NO_SHARES, Day, Totals, Window
from store import keyset
from store.keyset import Key, Position
from store.repository import Repository, Row
from store.videos import newest_known


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows count: those observed at or before `as_of` (None: all), of one platform or account if given."""

    as_of: datetime | None = None
    platform: str | None = None
    account_id: UUID | None = None

    @property
    def words(self) -> dict[str, object]:
        return {"as_of": self.as_of, "platform": self.platform, "account_id": self.account_id, "no_shares": list(NO_SHARES)}


@dataclass(frozen=True, slots=True)
class BandCount:
    """How many videos share a fair band, a naive band and a reason for having no score."""

    virality_band: str | None
    naive_band: str | None
    reason: str | None
    videos: int
    as_of: datetime | None
    method: str | None


@dataclass(frozen=True, slots=True)
class DurationBand:
    """The videos of one band of lengths; `band` is None for those of unknown length."""

    band: int | None
    videos: int
    mean_views: float | None
    median_views: float | None
    mean_engagement_rate: float | None
    rated: int
    newest_observation: datetime | None


@dataclass(frozen=True, slots=True)
class VideoFigures:
    """One line of the table."""

    video_id: UUID
    title: str | None
    platform: str
    account_id: UUID
    account_name: str | None
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    bookmarks: int | None
    engagement_rate: float | None
    engagement_score: float | None
    multiple: float | None
    virality_band: str | None
    naive_multiple: float | None
    naive_band: str | None
    duration_seconds: int | None
    posted_at: datetime | None
    observed_at: datetime

    def key(self, sort: str) -> Key:
        value: Key = getattr(self, sort)
        return value


TABLE_SORTS = (
    "views", "likes", "comments", "shares", "bookmarks", "engagement_rate", "engagement_score", "multiple", "naive_multiple",
    "duration_seconds", "posted_at",
)  # fmt: skip

_COUNTERS = ("views", "likes", "comments", "shares", "bookmarks")
_OF_SCOPE = (
    " v.tenant_id = %(tenant)s and not v.is_removed and (%(platform)s::text is null or v.platform = %(platform)s)"
    " and (%(account_id)s::uuid is null or v.account_id = %(account_id)s)"
)
_FACTS = "v.video_id, v.account_id, v.platform, v.posted_at, v.first_seen_at, v.duration_seconds"
_NOW = f"select {_FACTS}, v.title, v.observed_at, {', '.join(f'v.{name}' for name in _COUNTERS)} from videos v where {_OF_SCOPE}"
_THEN = (
    f"select {_FACTS}, null::text as title,"
    f" coalesce(max(s.observed_at), v.first_seen_at) as observed_at, {newest_known(_COUNTERS)} from videos v"
    " left join video_snapshots s on s.tenant_id = v.tenant_id and s.video_id = v.video_id and s.observed_at <= %(as_of)s"
    f" where {_OF_SCOPE} and v.first_seen_at <= %(as_of)s group by v.tenant_id, v.video_id"
)
# Dated by when it was posted; where that is not known, by when it was first seen.
_SEEN = (
    "with base as ({base}), seen as (select r.*, (coalesce(r.posted_at, r.first_seen_at) at time zone 'UTC')::date as dated,"
    " r.likes + r.comments + case when r.platform = any(%(no_shares)s) then coalesce(r.shares, 0) else r.shares end as reactions"
    " from base r), rated as (select *, reactions::float8 / nullif(views, 0) as rate from seen)"
)
_SUMS = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in _COUNTERS)


def _over(as_of: datetime | None, statement: str) -> str:
    return f"{_SEEN.format(base=_NOW if as_of is None else _THEN)} {statement}"


class Analytics(Repository):
    """One tenant's figures."""

    def totals(self, scope: Scope, window: Window | None = None) -> Totals:
        """What the videos dated in the window (or all) come to."""
        statement = (
            f"select count(*) as videos, count(*) filter (where posted_at is null) as undated, {_SUMS},"
            " coalesce(sum(reactions) filter (where rate is not null), 0) as reactions,"
            " coalesce(sum(views) filter (where rate is not null), 0) as reaction_views, avg(views)::float8 as mean_views,"
            " percentile_cont(0.5) within group (order by views) as median_views, max(observed_at) as newest_observation from rated"
            f"{_DATED if window else ''}"
        )
        row = self._read(_over(scope.as_of, statement), **scope.words, **_ends(window))[0]
        # Sums are numeric in the database, so that no sum of counters overflows.
        figures: dict[str, Any] = {name: int(value) if name in _WHOLE else value for name, value in row._mapping.items()}
        return Totals(**figures)

    def posted_days(self, scope: Scope, window: Window) -> list[Day]:
        """Per day what the videos dated there came to since."""
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in _COUNTERS[:4])
        statement = f"select dated, {sums}, count(*) from rated{_DATED} group by dated order by dated"
        return [_day(row) for row in self._read(_over(scope.as_of, statement), **scope.words, **_ends(window))]

    def gained_days(self, scope: Scope, window: Window) -> list[Day]:
        """Per day what was seen to be gained: between two snapshots, counted for the day of the later one. A fall gains nothing."""
        return [_day(row) for row in self._read(_over(scope.as_of, _GAINED), **scope.words, **_ends(window))]

    def bands(self, scope: Scope) -> list[BandCount]:
        return [BandCount(*row) for row in self._read(_over(scope.as_of, _BANDS), **scope.words)]

    def durations(self, scope: Scope) -> list[DurationBand]:
        return [DurationBand(*row) for row in self._read(_over(scope.as_of, _DURATIONS), **scope.words, edges=list(DURATION_EDGES))]

    def table(
        self, scope: Scope, *, sort: str, is_descending: bool, limit: int, after: Position | None = None, window: Window | None = None
    ) -> list[VideoFigures]:
        """At most `limit` lines after the position; lines without the sort key come last."""

        def run(is_known: bool, is_after: bool, limit: int, words: Mapping[str, object]) -> keyset.Rows:
            statement = _table(sort, is_descending, is_known, is_after, window is not None)
            return self._read(_over(scope.as_of, statement), limit=limit, **scope.words, **_ends(window), **words)

        lines = [VideoFigures(*row) for row in keyset.read(run, after, limit)]
        return lines if scope.as_of is None else self._titled(lines, scope.as_of)

    def _titled(self, lines: list[VideoFigures], as_of: datetime) -> list[VideoFigures]:
        """The titles known then, looked up for these lines only."""
        found = self._read(_TITLES, ids=[line.video_id for line in lines], as_of=as_of)
        titles = {row.video_id: row.title for row in found}
        return [replace(line, title=titles.get(line.video_id)) for line in lines]


_WHOLE = {"videos", "undated", "reactions", "reaction_views", *_COUNTERS}
_DATED = " where dated between %(first_day)s and %(last_day)s"


def _ends(window: Window | None) -> Mapping[str, object]:
    return {"first_day": window.first_day, "last_day": window.last_day} if window else {}


def _day(row: Row) -> Day:
    return Day(row[0], *(int(value) for value in row[1:]))


_TITLES = (
    f"select s.video_id, {newest_known(('title',), by='seen_from')} from video_texts s"
    " where s.tenant_id = %(tenant)s and s.video_id = any(%(ids)s) and s.seen_from <= %(as_of)s group by s.video_id"
)
_SCORED = " left join scores c on c.tenant_id = %(tenant)s and c.video_id = v.video_id and (%(as_of)s::timestamptz is null or c.as_of <= %(as_of)s)"
_BANDS = (
    "select c.virality_band, c.naive_band, case when c.video_id is null then 'not scored yet' else c.reason end as reason, count(*),"
    f" max(c.as_of), max(r.method) from rated v{_SCORED}"
    " left join releases r on r.tenant_id = %(tenant)s and r.release_id = c.release_id group by 1, 2, 3"
)
_DURATIONS = (
    "select width_bucket(duration_seconds, %(edges)s::bigint[]) as band, count(*), avg(views)::float8,"
    " percentile_cont(0.5) within group (order by views), avg(rate), count(rate), max(observed_at) from rated group by 1 order by 1"
)
_GAINED = (
    ", steps as (select (s.observed_at at time zone 'UTC')::date as day,"
    + ", ".join(f" s.{name} - lag(s.{name}) over w as {name}" for name in _COUNTERS[:4])
    + " from rated v join video_snapshots s on s.tenant_id = %(tenant)s and s.video_id = v.video_id"
    "   and (%(as_of)s::timestamptz is null or s.observed_at <= %(as_of)s) window w as (partition by s.video_id order by s.observed_at)),"
    " gains as (select day, "
    + ", ".join(f"coalesce(sum(greatest({name}, 0)), 0) as {name}" for name in _COUNTERS[:4])
    + " from steps where day between %(first_day)s and %(last_day)s group by day),"
    f" posts as (select dated as day, count(*) as videos from rated{_DATED} group by dated)"
    " select coalesce(g.day, p.day), coalesce(g.views, 0), coalesce(g.likes, 0), coalesce(g.comments, 0), coalesce(g.shares, 0),"
    " coalesce(p.videos, 0) from gains g full join posts p on p.day = g.day"
)


@lru_cache(maxsize=256)
def _table(sort: str, is_descending: bool, is_known: bool, is_after: bool, is_windowed: bool) -> str:
    part = keyset.known if is_known else keyset.unknown
    clauses = part(sort, "video_id", is_descending=is_descending, is_after=is_after)
    where = f"{clauses.where}{_DATED.replace(' where ', ' and ') if is_windowed else ''}"
    return (
        ", lines as (select v.*, coalesce(a.username, a.title) as account_name, rate as engagement_rate,"
        " rate * ln(1 + views::float8) as engagement_score, c.multiple, c.virality_band, c.naive_multiple, c.naive_band"
        f" from rated v join accounts a on a.tenant_id = %(tenant)s and a.account_id = v.account_id{_SCORED})"
        f" select {', '.join(VideoFigures.__dataclass_fields__)} from lines where {where} order by {clauses.order} limit %(limit)s"
    )
