"""Comments of an own channel, counted (AUD-01): per video and over all of them. What needs a model is said to be not available."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.figures import Computed, MethodOut
from api.security import BEARER, known_caller
from domain.comments import ANALYSIS, LIKE_BANDS, RULE, Analysed
from store.database import Database, Entry
from store.work import UnitOfWork

NOT_AVAILABLE = "not_available"
NOT_READ = "wait for the channel's next sync, or read them now: POST /videos/{video_id}/comments/refresh; nobody may comment on some videos"


class CommentDayOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many came on one UTC day."""

    day: date
    comments: int


class CommenterOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes most, under the name that the platform shows, which is mostly a pseudonym. `is_owner`: the channel itself."""

    name: str | None
    comments: int
    videos: int
    likes: int | None
    is_owner: bool


class LikeBandOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many comments have so many likes; null: the source never said."""

    band: str | None
    comments: int


class CommentAnalysisOut(Computed, frozen=True, kw_only=True):
    """Comments in the library, counted; `n` is how many. Of `videos`, `videos_read` were read, `videos_whole` to the end.

    `questions_share` is by the `rule`, a ratio. `sentiment` and `topics` need a model and are not made up.
    """

    channel_id: UUID
    video_id: UUID | None
    available: bool
    reason: str | None
    advice: str | None
    videos: int
    videos_read: int
    videos_whole: int
    comments_disabled: int
    oldest_read_at: datetime | None
    threads: int
    replies: int
    authors: int
    questions: int
    questions_share: float | None
    rule: str
    likes: int | None
    mean_likes: float | None
    median_likes: float | None
    likes_distribution: list[LikeBandOut]
    days: list[CommentDayOut]
    top_commenters: list[CommenterOut]
    sentiment: str
    topics: str

    @classmethod
    def of(cls, channel_id: UUID, video_id: UUID | None, found: Analysed) -> "CommentAnalysisOut":
        counted = found.counted
        bands = [*zip(LIKE_BANDS, found.likes, strict=True), (None, found.likes_unknown)]
        is_read = counted.read > 0
        return cls(
            n=counted.comments, as_of=counted.read_at, newest_observation=counted.read_at, method=MethodOut.of(ANALYSIS),
            channel_id=channel_id, video_id=video_id, available=is_read, reason=None if is_read else "not_read",
            advice=None if is_read else NOT_READ, videos=counted.videos, videos_read=counted.read, videos_whole=counted.whole,
            comments_disabled=counted.disabled, oldest_read_at=counted.oldest_read_at, threads=counted.threads,
            replies=counted.comments - counted.threads, authors=counted.authors, questions=counted.questions,
            questions_share=counted.questions / counted.comments if counted.comments else None, rule=RULE, likes=counted.likes,
            mean_likes=float(counted.mean_likes) if counted.mean_likes is not None else None, median_likes=counted.median_likes,
            likes_distribution=[LikeBandOut(band=band, comments=count) for band, count in bands],
            days=[CommentDayOut(day=each.day, comments=each.comments) for each in found.days],
            top_commenters=[
                CommenterOut(name=each.name, comments=each.comments, videos=each.videos, likes=each.likes, is_owner=each.is_owner)
                for each in found.commenters
            ],
            sentiment=NOT_AVAILABLE, topics=NOT_AVAILABLE,
        )  # fmt: skip


class CommentAnalysisController(Controller):
    """Comments, counted."""

    path = "/channels/{channel_id:uuid}"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @get("/comments/analysis", sync_to_thread=True)
    def channel_comments(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CommentAnalysisOut:
        """The comments of all the channel's posts that are in the library: how many, when, by whom, how liked, how many ask."""
        with database.begin(entry) as uow:
            return _analysed(uow, channel_id, None)

    @get("/videos/{video_id:uuid}/comments/analysis", sync_to_thread=True)
    def video_comments(
        self, channel_id: FromPath[UUID], video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CommentAnalysisOut:
        """The same of one post. 404 for a video that is not the channel's."""
        with database.begin(entry) as uow:
            uow.own_channels.mark(channel_id, video_id)
            return _analysed(uow, channel_id, video_id)


def _analysed(uow: UnitOfWork, channel_id: UUID, video_id: UUID | None) -> CommentAnalysisOut:
    channel = uow.channels.get(channel_id)
    found = uow.comment_analysis.of(channel_id, video_id=video_id, owner=channel.external_id, now=datetime.now(UTC))
    return CommentAnalysisOut.of(channel_id, video_id, found)
