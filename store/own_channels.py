"""A channel's own posts with what only its owner is told, the watermark of its syncs, and its numbers at a glance.

The channel's row is in `store.channels`, its posts' facts in `store.catalogue`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from domain.observations import Visibility
from domain.owner_sync import OwnVideo
from store import owner_sql as sql
from store.repository import Repository, Row

STATS_KEPT = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class ChannelSync:
    """How the syncs of a channel stand. `listing_began_at` with a `next_page`: a listing was stopped there."""

    channel_id: UUID
    request_id: UUID
    began_at: datetime
    finished_at: datetime | None
    error: Mapping[str, Any] | None
    listing_began_at: datetime | None
    is_listing_full: bool
    next_page: str | None
    posts_listed: int
    resumes: int
    listed_at: datetime | None
    reports_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """What only the owner is told of a post. `gone_at`: a whole listing no longer had it."""

    visibility: Visibility | None
    listed_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelStats:
    """A channel's posts added up, newest counters, as of a moment."""

    as_of: datetime
    videos: int
    views: int | None
    likes: int | None
    comments: int | None
    subscribers: int | None
    newest_observation: datetime | None


@dataclass(frozen=True, slots=True)
class OwnMetric:
    """A private figure of a video, over its whole life."""

    metric: str
    value: Decimal
    known_at: datetime
    source: str


_SYNC = ", ".join(ChannelSync.__dataclass_fields__)
_STATS = ", ".join(ChannelStats.__dataclass_fields__)


class OwnChannels(Repository):
    """One tenant's channels, as syncs see them."""

    def begin(self, channel_id: UUID, request_id: UUID, *, now: datetime) -> ChannelSync:
        """A sync begins; what was left by one that was stopped stays."""
        self._run(
            "insert into channel_syncs as s (tenant_id, channel_id, request_id, began_at) values (:tenant, :channel, :request, :now)"
            " on conflict (tenant_id, channel_id) do update set request_id = excluded.request_id,"
            " began_at = case when s.request_id = excluded.request_id and s.finished_at is null then s.began_at else excluded.began_at end,"
            " finished_at = null, error = null",
            channel=channel_id, request=request_id, now=now,
        )  # fmt: skip
        return self.get(channel_id)

    def get(self, channel_id: UUID) -> ChannelSync:
        """Raises NotFound for a channel that was never synced."""
        found = self.sync(channel_id)
        if found is None:
            raise NotFound("sync of channel", channel_id)
        return found

    def sync(self, channel_id: UUID) -> ChannelSync | None:
        row = self._run(
            f"select {_SYNC} from channel_syncs where tenant_id = :tenant and channel_id = :channel", channel=channel_id
        ).first()
        return ChannelSync(**row._mapping) if row else None

    def syncs(self) -> dict[UUID, ChannelSync]:
        """Of every channel that was ever synced."""
        return {
            row.channel_id: ChannelSync(**row._mapping) for row in self._run(f"select {_SYNC} from channel_syncs where tenant_id = :tenant")
        }

    def begin_listing(self, channel_id: UUID, *, now: datetime, is_full: bool) -> None:
        self._update(channel_id, listing_began_at=now, is_listing_full=is_full, next_page=None, posts_listed=0, resumes=0)

    def resume_listing(self, channel_id: UUID) -> None:
        self._run("update channel_syncs set resumes = resumes + 1 where tenant_id = :tenant and channel_id = :channel", channel=channel_id)

    def keep_page(self, channel_id: UUID, marks: Mapping[str, Visibility | None], *, next_page: str | None, listed_at: datetime) -> None:
        """The posts of a page, by the platform's ids, and where the listing goes on: one transaction with the posts themselves."""
        self._run(sql.LIST_VIDEOS, channel=channel_id, keys=list(marks), visibilities=list(marks.values()), listed_at=listed_at)
        self._run(
            "update channel_syncs set next_page = :page, posts_listed = posts_listed + :posts where tenant_id = :tenant and channel_id = :channel",
            channel=channel_id, page=next_page, posts=len(marks),
        )  # fmt: skip

    def end_listing(self, channel_id: UUID, *, now: datetime) -> None:
        """The listing is through: a whole one is the watermark of the next."""
        self._run(
            "update channel_syncs set listed_at = case when is_listing_full then :now else listed_at end, listing_began_at = null, next_page = null"
            " where tenant_id = :tenant and channel_id = :channel",
            channel=channel_id, now=now,
        )  # fmt: skip

    def mark_gone(self, channel_id: UUID, *, began_at: datetime, now: datetime) -> list[str]:
        """Posts that a whole listing begun then no longer had; returns their ids at the platform."""
        return list(self._run(sql.MARK_GONE, channel=channel_id, began_at=began_at, gone_at=now).scalars())

    def finish(self, channel_id: UUID, *, now: datetime, error: Mapping[str, object] | None = None) -> None:
        """The sync is through, or failed with this error. What is shown at a glance is made anew."""
        read = {"reports_read_at": now} if error is None else {}
        self._update(channel_id, finished_at=now, error=json.dumps(dict(error)) if error else None, **read)
        self._run("delete from channel_stats where tenant_id = :tenant and channel_id = :channel", channel=channel_id)

    def _update(self, channel_id: UUID, **words: object) -> None:
        sets = ", ".join(f"{name} = cast(:{name} as jsonb)" if name == "error" else f"{name} = :{name}" for name in words)
        self._run(f"update channel_syncs set {sets} where tenant_id = :tenant and channel_id = :channel", channel=channel_id, **words)

    def videos(self, channel_id: UUID, *, since: datetime, limit: int) -> list[OwnVideo]:
        """The channel's posts that are there, newest first."""
        return [OwnVideo(**row._mapping) for row in self._run(sql.OWN_VIDEOS, channel=channel_id, since=since, limit=limit)]

    def marks(self, channel_id: UUID, videos: Sequence[UUID]) -> dict[UUID, Mark]:
        """By video; one that is not the channel's is not among them."""
        rows = self._run(sql.MARKS, channel=channel_id, videos=list(videos))
        return {row.video_id: _mark(row) for row in rows}

    def newest(self, channel_id: UUID, *, limit: int) -> dict[UUID, Mark]:
        """The channel's newest posts by video, those that are gone left out."""
        return {row.video_id: _mark(row) for row in self._run(sql.NEWEST, channel=channel_id, limit=limit)}

    def owning(self, external_id: str) -> UUID | None:
        """The channel that listed a post, by the platform's id."""
        channel_id: UUID | None = self._run(sql.OWNING, key=external_id).scalar_one_or_none()
        return channel_id

    def mark(self, channel_id: UUID, video_id: UUID) -> Mark:
        """Raises NotFound for a video that is not the channel's."""
        found = self.marks(channel_id, [video_id])
        if video_id not in found:
            raise NotFound("video", video_id)
        return found[video_id]

    def stats(self, channel_id: UUID, account_id: UUID | None, *, now: datetime) -> ChannelStats:
        """The channel's numbers, at most five minutes old."""
        kept = self._run(
            f"select {_STATS} from channel_stats where tenant_id = :tenant and channel_id = :channel and as_of > :since",
            channel=channel_id, since=now - STATS_KEPT,
        ).first()  # fmt: skip
        return ChannelStats(**kept._mapping) if kept else self._made(channel_id, account_id, now)

    def _made(self, channel_id: UUID, account_id: UUID | None, now: datetime) -> ChannelStats:
        row = self._run(sql.STATS, channel=channel_id, account=account_id).one()
        made = ChannelStats(
            now, row.videos, _whole(row.views), _whole(row.likes), _whole(row.comments), row.subscribers, row.newest_observation
        )
        words = {name: getattr(made, name) for name in ChannelStats.__dataclass_fields__}
        self._run(
            f"insert into channel_stats (tenant_id, channel_id, {_STATS}) values (:tenant, :channel, {', '.join(f':{name}' for name in words)})"
            f" on conflict (tenant_id, channel_id) do update set {', '.join(f'{name} = excluded.{name}' for name in words)}",
            channel=channel_id, **words,
        )  # fmt: skip
        return made

    def open_request(self, channel_id: UUID) -> UUID | None:
        """The sync of this channel that is not over yet."""
        return self._request(channel_id, "and state in ('pending', 'launched', 'running')")

    def newest_request(self, channel_id: UUID) -> UUID | None:
        return self._request(channel_id, "")

    def _request(self, channel_id: UUID, where: str) -> UUID | None:
        found = "select request_id from requests where tenant_id = :tenant and kind = 'sync' and params ->> 'channel_id' = :channel"
        newest = f"{found} {where} order by created_at desc, request_id desc limit 1"
        request_id: UUID | None = self._run(newest, channel=str(channel_id)).scalar_one_or_none()
        return request_id

    def metrics(self, video_id: UUID, *, as_of: datetime | None = None) -> list[OwnMetric]:
        """Private figures of one video over its life, the newest that was known then, by metric."""
        return [OwnMetric(**row._mapping) for row in self._run(sql.METRICS, video=video_id, as_of=as_of)]

    def unlisted(self, *, since: datetime) -> dict[UUID, datetime | None]:
        """Active channels whose posts were not listed as a whole since then. For a check of assets."""
        return {row.channel_id: row.listed_at for row in self._run(sql.UNLISTED_CHANNELS, since=since)}


def _mark(row: Row) -> Mark:
    return Mark(Visibility(row.visibility) if row.visibility else None, row.listed_at, row.gone_at)


def _whole(total: Any) -> int | None:
    """A sum of counters; None where nothing was ever said."""
    return None if total is None else int(total)
