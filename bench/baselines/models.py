"""The catalogue as mapped classes, for the baseline: the columns that the list shows, and what is computed from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from domain.analytics import ENGAGEMENT, NO_SHARES, SCORES_SECTION, Method
from domain.engagement import engagement_rate, engagement_score


class Base(DeclarativeBase):
    """Every column of a moment has its zone."""

    type_annotation_map = {datetime: TIMESTAMP(timezone=True), int: sa.BigInteger, float: sa.Double, str: sa.Text}  # noqa: RUF012


class Account(Base):
    """Whose video it is."""

    __tablename__ = "accounts"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str | None]
    title: Mapped[str | None]


class Release(Base):
    """What published a score."""

    __tablename__ = "releases"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    release_id: Mapped[UUID] = mapped_column(primary_key=True)
    method: Mapped[str]


class Score(Base):
    """How a video did."""

    __tablename__ = "scores"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    video_id: Mapped[UUID] = mapped_column(primary_key=True)
    release_id: Mapped[UUID]
    multiple: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    shrunk_multiple: Mapped[float | None]
    p_outlier: Mapped[float | None]
    is_outlier: Mapped[bool | None]
    peers: Mapped[int]
    reason: Mapped[str | None]
    virality_band: Mapped[str | None]
    naive_multiple: Mapped[float | None]
    naive_band: Mapped[str | None]
    as_of: Mapped[datetime]
    release: Mapped[Release] = relationship(viewonly=True)
    __table_args__ = (sa.ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.release_id"]),)


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed figure in its envelope; what the envelope does not hold is read from `of`."""

    of: Any
    n: int
    as_of: datetime
    newest_observation: datetime
    method: Method

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of, name)


@dataclass(frozen=True, slots=True)
class Engagement:
    """How strongly viewers react."""

    rate: float | None
    score: float | None


class Video(Base):
    """A post; its texts for search are not mapped, and its description is not shown in lists."""

    __tablename__ = "videos"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    video_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    platform: Mapped[str]
    external_id: Mapped[str]
    url: Mapped[str | None]
    title: Mapped[str | None]
    thumbnail_url: Mapped[str | None]
    posted_at: Mapped[datetime | None]
    posted_error_seconds: Mapped[int]
    duration_seconds: Mapped[int | None]
    format: Mapped[str | None]
    selection: Mapped[str]
    is_removed: Mapped[bool]
    first_seen_at: Mapped[datetime]
    observed_at: Mapped[datetime]
    views: Mapped[int | None]
    likes: Mapped[int | None]
    dislikes: Mapped[int | None]
    comments: Mapped[int | None]
    shares: Mapped[int | None]
    bookmarks: Mapped[int | None]
    account: Mapped[Account] = relationship(viewonly=True)
    scored: Mapped[Score | None] = relationship(viewonly=True, uselist=False)
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.account_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["scores.tenant_id", "scores.video_id"]),
    )

    @property
    def account_name(self) -> str | None:
        return self.account.username or self.account.title

    @property
    def engagement(self) -> Figure:
        shares = self.shares or 0 if self.platform in NO_SHARES else self.shares
        parts = (self.views, self.likes, self.comments, shares)
        made = Engagement(engagement_rate(*parts), engagement_score(*parts))
        return Figure(made, 1, self.observed_at, self.observed_at, ENGAGEMENT)

    @property
    def score(self) -> Figure | None:
        if self.scored is None:
            return None
        method = Method(self.scored.release.method, SCORES_SECTION)
        return Figure(self.scored, self.scored.peers, self.scored.as_of, self.observed_at, method)
