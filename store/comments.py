"""Comments of videos, in threads: kept as they were read, listed page by page. Reading them from a platform is in the gateways."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import NotFound
from domain.sources import CommentsRead
from store import keyset
from store.keyset import Key, Position
from store.repository import Repository

SORTS = {"posted_at": "c.posted_at", "likes": "c.likes"}


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment as it was seen last. `known_replies`: how many of its replies are kept here."""

    comment_id: str
    parent_id: str | None
    author_id: str | None
    author_name: str | None
    text: str
    likes: int | None
    replies: int | None
    posted_at: datetime | None
    seen_from: datetime
    seen_at: datetime
    source: str
    known_replies: int

    def key(self, sort: str) -> Key:
        return self.likes if sort == "likes" else self.posted_at


@dataclass(frozen=True, slots=True)
class ReadOfComments:
    """When the comments of a video were read last, and how far."""

    comments_read_at: datetime
    is_disabled: bool
    is_whole: bool


_COLUMNS = ", ".join(f"c.{name}" for name in Comment.__dataclass_fields__ if name != "known_replies")
_KNOWN = "(select count(*) from video_comments r where r.tenant_id = c.tenant_id and r.video_id = c.video_id and r.parent_id = c.comment_id) as known_replies"
_SELECT = f"select {_COLUMNS}, {_KNOWN} from video_comments c where c.tenant_id = %(tenant)s and c.video_id = %(video)s"

# A newer reading replaces an older one; what it is silent about stays.
_PUT = """
insert into video_comments as c (tenant_id, video_id, comment_id, parent_id, author_id, author_name, text, likes, replies, posted_at,
  seen_from, seen_at, source, expires_at)
select :tenant, :video, i.*, :at, :at, :source, cast(:expires_at as timestamptz)
  from unnest(cast(:ids as text[]), cast(:parents as text[]), cast(:author_ids as text[]), cast(:authors as text[]), cast(:texts as text[]),
    cast(:likes as bigint[]), cast(:replies as bigint[]), cast(:posted as timestamptz[])) i
on conflict (tenant_id, video_id, comment_id) do update set text = excluded.text, author_name = coalesce(excluded.author_name, c.author_name),
  author_id = coalesce(excluded.author_id, c.author_id), likes = coalesce(excluded.likes, c.likes), replies = coalesce(excluded.replies, c.replies),
  posted_at = coalesce(excluded.posted_at, c.posted_at), seen_from = least(c.seen_from, excluded.seen_from), seen_at = excluded.seen_at,
  source = excluded.source, expires_at = excluded.expires_at
  where excluded.seen_at >= c.seen_at
returning xmax = 0 as is_new"""
_DUE = """
select v.video_id, v.external_id from channel_videos c
  join videos v on v.tenant_id = c.tenant_id and v.video_id = c.video_id
  left join comment_reads r on r.tenant_id = v.tenant_id and r.video_id = v.video_id
 where c.tenant_id = :tenant and c.channel_id = :channel and c.gone_at is null and coalesce(c.visibility, 'public') = 'public'
   and (r.video_id is null or (r.comments_read_at < :read_before and v.posted_at >= :posted_since))
 order by v.posted_at desc nulls last, v.video_id limit :limit"""


class Comments(Repository):
    """One tenant's comments."""

    def put(self, video_id: UUID, read: CommentsRead, *, expires_at: datetime | None) -> int:
        """Keep what was read; returns how many comments were new. A comment that comes twice is kept once."""
        found = list({each.external_id: each for each in read.comments}.values())
        rows = self._run(
            _PUT, video=video_id, at=read.fetched_at, source=read.source.value, expires_at=expires_at,
            ids=[each.external_id for each in found], parents=[each.parent_id for each in found],
            author_ids=[each.author_id for each in found], authors=[each.author_name for each in found],
            texts=[each.text for each in found], likes=[each.likes for each in found], replies=[each.replies for each in found],
            posted=[each.posted_at for each in found],
        )  # fmt: skip
        self._run(
            "insert into comment_reads as r (tenant_id, video_id, comments_read_at, is_disabled, is_whole)"
            " values (:tenant, :video, :at, :is_disabled, :is_whole) on conflict (tenant_id, video_id) do update"
            " set comments_read_at = excluded.comments_read_at, is_disabled = excluded.is_disabled, is_whole = excluded.is_whole"
            " where excluded.comments_read_at >= r.comments_read_at",
            video=video_id, at=read.fetched_at, is_disabled=read.is_disabled, is_whole=read.is_whole,
        )  # fmt: skip
        return sum(row.is_new for row in rows)

    def due(self, channel_id: UUID, *, read_before: datetime, posted_since: datetime, limit: int) -> list[tuple[UUID, str]]:
        """(video, the platform's id) of a channel's public posts whose comments were never read, or whose young ones' were before then."""
        rows = self._run(_DUE, channel=channel_id, read_before=read_before, posted_since=posted_since, limit=limit)
        return [(row.video_id, row.external_id) for row in rows]

    def ahead_of_time(self, *, grace: timedelta) -> int:
        """How many were posted after they were seen. For a check of assets."""
        return int(
            self._run(
                "select count(*) from video_comments where tenant_id = :tenant and posted_at > seen_at + :grace", grace=grace
            ).scalar_one()
        )

    def read_of(self, video_id: UUID) -> ReadOfComments | None:
        """Raises NotFound where the video is not there."""
        rows = self._read(
            "select r.comments_read_at, r.is_disabled, r.is_whole from videos v left join comment_reads r on r.tenant_id = v.tenant_id"
            " and r.video_id = v.video_id where v.tenant_id = %(tenant)s and v.video_id = %(video)s", video=video_id,
        )  # fmt: skip
        if not rows:
            raise NotFound("video", video_id)
        return ReadOfComments(*rows[0]) if rows[0][0] else None

    def threads(self, video_id: UUID, *, sort: str, limit: int, after: Position | None = None) -> list[Comment]:
        """The first comments of threads: newest, or most liked, first."""

        def run(is_known: bool, is_after: bool, limit: int, words: dict[str, object]) -> keyset.Rows:
            part = keyset.known if is_known else keyset.unknown
            clauses = part(SORTS[sort], "c.comment_id", is_descending=True, is_after=is_after)
            statement = f"{_SELECT} and c.parent_id is null and {clauses.where} order by {clauses.order} limit %(limit)s"
            return self._read(statement, video=video_id, limit=limit, **words)

        return [Comment(*row) for row in keyset.read(run, after, limit)]  # type: ignore[arg-type]  # words are a plain dict

    def replies(self, video_id: UUID, parent_ids: list[str], *, limit: int) -> list[Comment]:
        """Of each thread its first replies, oldest first."""
        statement = (
            f"select r.* from unnest(%(parents)s::text[]) p(parent_id) cross join lateral ({_SELECT} and c.parent_id = p.parent_id"
            " order by c.posted_at nulls last, c.comment_id limit %(limit)s) r"
        )
        return [Comment(*row) for row in self._read(statement, video=video_id, parents=parent_ids, limit=limit)]

    def replies_after(
        self, video_id: UUID, parent_id: str, *, limit: int, after: tuple[datetime | None, str] | None = None
    ) -> list[Comment]:
        """Replies of one thread, oldest first; those without a date come last."""
        past = "(coalesce(c.posted_at, 'infinity'), c.comment_id) > (coalesce(%(at)s::timestamptz, 'infinity'), %(after)s)"
        statement = f"{_SELECT} and c.parent_id = %(parent)s and {past if after else 'true'}"
        words = {"at": after[0], "after": after[1]} if after else {}
        statement += " order by coalesce(c.posted_at, 'infinity'), c.comment_id limit %(limit)s"
        return [Comment(*row) for row in self._read(statement, video=video_id, parent=parent_id, limit=limit, **words)]
