"""Comments of an own channel's videos, counted. Keeping them is `store.comments`, what is counted `domain.comments`."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.comments import LIKE_EDGES, QUESTION, Analysed, Commenter, Counted, DayOfComments
from store.repository import Repository

SERIES = timedelta(days=90)
MOST_COMMENTERS = 10
_VIDEOS = (
    "select video_id from channel_videos where tenant_id = :tenant and channel_id = :channel"
    " and (cast(:video as uuid) is null or video_id = :video)"
)
_COMMENTS = f"from video_comments c join ({_VIDEOS}) v on v.video_id = c.video_id where c.tenant_id = :tenant"
_COUNTED = f"""
select count(*) as comments, count(*) filter (where c.parent_id is null) as threads, count(distinct coalesce(c.author_id, c.author_name)) as authors,
  count(*) filter (where c.text ~* :question) as questions, sum(c.likes)::bigint as likes, avg(c.likes) as mean_likes,
  percentile_cont(0.5) within group (order by c.likes) as median_likes {_COMMENTS}"""
_READ = f"""
select count(*) as videos, count(r.video_id) as read, count(*) filter (where r.is_whole) as whole, count(*) filter (where r.is_disabled) as disabled,
  max(r.comments_read_at) as read_at, min(r.comments_read_at) as oldest_read_at
  from ({_VIDEOS}) v left join comment_reads r on r.tenant_id = :tenant and r.video_id = v.video_id"""
_DAYS = f"""
select (c.posted_at at time zone 'UTC')::date as day, count(*) as comments {_COMMENTS} and c.posted_at >= :since group by 1 order by 1"""
_COMMENTERS = f"""
select (array_agg(c.author_name order by c.seen_at desc))[1] as name, count(*) as comments, count(distinct c.video_id) as videos,
  sum(c.likes)::bigint as likes, coalesce(bool_or(c.author_id = :owner), false) as is_owner
  {_COMMENTS} and coalesce(c.author_id, c.author_name) is not null
 group by coalesce(c.author_id, c.author_name) order by comments desc, likes desc nulls last, name limit {MOST_COMMENTERS}"""
_LIKES = f"""
select width_bucket(c.likes, cast(:edges as bigint[])) as band, count(*) as comments {_COMMENTS} group by 1"""


class CommentAnalysis(Repository):
    """Counts over the comments of one channel's videos, or of one of them."""

    def of(self, channel_id: UUID, *, video_id: UUID | None, owner: str | None, now: datetime) -> Analysed:
        """`owner`: what the platform calls the channel; its own comments are told apart."""
        words = {"channel": channel_id, "video": video_id}
        row, read = self._run(_COUNTED, **words, question=QUESTION).one(), self._run(_READ, **words).one()
        counted = Counted(**row._mapping, **read._mapping)
        days = tuple(DayOfComments(**each._mapping) for each in self._run(_DAYS, **words, since=now - SERIES))
        commenters = tuple(Commenter(**each._mapping) for each in self._run(_COMMENTERS, **words, owner=owner))
        bands = {each.band: each.comments for each in self._run(_LIKES, **words, edges=list(LIKE_EDGES))}
        likes = tuple(bands.get(number, 0) for number in range(1, len(LIKE_EDGES) + 1))
        return Analysed(counted, days, commenters, likes, bands.get(None, 0))
