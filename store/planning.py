"""Predictions: written down, tied to the video that came of them, scored once. Nothing that was predicted is ever changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository
from store.tables.planning import prediction_scores, prediction_videos, predictions


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One prediction; `scores` by horizon, as far as they are known."""

    prediction_id: UUID
    account_id: UUID
    draft: Mapping[str, Any]
    figures: Mapping[str, Any]
    method: str
    release_id: UUID
    made_at: datetime
    video_id: UUID | None
    attached_at: datetime | None
    scores: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PublishedVideo:
    """What ties a video to a prediction: whose it is, and when it came out at the earliest."""

    video_id: UUID
    account_id: UUID
    posted_at: datetime | None
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A prediction whose video is out. `scored`: horizons that are done."""

    prediction_id: UUID
    figures: Mapping[str, Any]
    video_id: UUID
    posted_at: datetime
    scored: Sequence[str]


_SHOWN = """
select p.prediction_id, p.account_id, p.draft, p.figures, p.method, p.release_id, p.made_at, v.video_id, v.attached_at,
  coalesce((select jsonb_agg(jsonb_build_object('horizon', s.horizon, 'views', s.views, 'is_hit', s.is_hit, 'position', s.position,
      'pinball', s.pinball, 'reason', s.reason, 'scored_at', s.scored_at) order by s.horizon)
    from prediction_scores s where s.tenant_id = p.tenant_id and s.prediction_id = p.prediction_id), '[]') as scores
  from predictions p left join prediction_videos v on v.tenant_id = p.tenant_id and v.prediction_id = p.prediction_id
 where p.tenant_id = :tenant"""

_DUE = """
select p.prediction_id, p.figures, v.video_id, v.posted_at,
  array(select s.horizon from prediction_scores s where s.tenant_id = p.tenant_id and s.prediction_id = p.prediction_id) as scored
  from predictions p join prediction_videos a on a.tenant_id = p.tenant_id and a.prediction_id = p.prediction_id
  join videos v on v.tenant_id = a.tenant_id and v.video_id = a.video_id
 where p.tenant_id = :tenant and v.posted_at <= :before
   and (select count(*) from prediction_scores s where s.tenant_id = p.tenant_id and s.prediction_id = p.prediction_id) < :horizons
 order by p.prediction_id"""

# Of several predictions of one video the first counts: a later one could have been made of what the first one taught.
_SCORED = """
select distinct on (a.video_id, s.horizon) s.horizon, s.is_hit, s.position, s.pinball
  from prediction_scores s join prediction_videos a on a.tenant_id = s.tenant_id and a.prediction_id = s.prediction_id
  join predictions p on p.tenant_id = s.tenant_id and p.prediction_id = s.prediction_id
 where s.tenant_id = :tenant and s.position is not null and (cast(:account as uuid) is null or p.account_id = :account)
 order by a.video_id, s.horizon, p.made_at, p.prediction_id"""

_COUNTS = """
select count(*) as made, count(v.video_id) as attached,
  count(*) filter (where v.video_id is null and coalesce(cast(p.draft->>'planned_at' as timestamptz), p.made_at) < :before) as abandoned
  from predictions p left join prediction_videos v on v.tenant_id = p.tenant_id and v.prediction_id = p.prediction_id
 where p.tenant_id = :tenant and (cast(:account as uuid) is null or p.account_id = :account)"""


class Planning(Repository):
    """One tenant's predictions, and what plans are made of besides releases."""

    def outlier_flags(self) -> dict[str, list[Any]]:
        """By column, in the order of ids: every video that has a score, and whether it is an outlier."""
        rows = self._read("select video_id::text, is_outlier from scores where tenant_id = %(tenant)s and reason is null order by video_id")
        return {"video_id": [row[0] for row in rows], "is_outlier": [bool(row[1]) for row in rows]}

    def add(self, prediction: Mapping[str, object]) -> StoredPrediction:
        self._insert(predictions, prediction)
        return self.get(UUID(str(prediction["prediction_id"])))

    def get(self, prediction_id: UUID) -> StoredPrediction:
        row = self._run(f"{_SHOWN} and p.prediction_id = :id", id=prediction_id).first()
        if row is None:
            raise NotFound("prediction", prediction_id)
        return StoredPrediction(**row._mapping)

    def page(self, *, limit: int, before: tuple[datetime, UUID] | None = None, account_id: UUID | None = None) -> list[StoredPrediction]:
        """Newest first, strictly before the position."""
        where = " and p.account_id = :account" if account_id else ""
        where += " and (p.made_at, p.prediction_id) < (:at, cast(:id as uuid))" if before else ""
        words: dict[str, object] = {"account": account_id} if account_id else {}
        words |= {"at": before[0], "id": before[1]} if before else {}
        rows = self._run(f"{_SHOWN}{where} order by p.made_at desc, p.prediction_id desc limit :limit", limit=limit, **words)
        return [StoredPrediction(**row._mapping) for row in rows]

    def lock(self, prediction_id: UUID) -> None:
        """Nobody else ties this prediction to a video meanwhile."""
        self._run("select pg_advisory_xact_lock(hashtextextended(cast(:id as text), 0))", id=str(prediction_id))

    def video(self, video_id: UUID) -> PublishedVideo:
        """A publish time that is known only roughly may have been that much earlier."""
        row = self._run(
            "select video_id, account_id, posted_at, posted_at - make_interval(secs => coalesce(posted_error_seconds, 0)) as earliest"
            " from videos where tenant_id = :tenant and video_id = :id and not is_removed",
            id=video_id,
        ).first()
        if row is None:
            raise NotFound("video", video_id)
        return PublishedVideo(**row._mapping)

    def attach(self, prediction_id: UUID, video_id: UUID) -> None:
        self._insert(prediction_videos, {"prediction_id": prediction_id, "video_id": video_id})

    def due(self, *, before: datetime, horizons: int) -> list[Due]:
        """Predictions whose video came out before then and that lack a score of one of so many horizons."""
        return [Due(**row._mapping) for row in self._run(_DUE, before=before, horizons=horizons)]

    def recent_posts(self, account_id: UUID, *, limit: int) -> list[dict[str, Any]]:
        """The account's newest posts, oldest first: what features that look back need of them."""
        rows = self._run(
            "select video_id::text as video_id, posted_at, hashtags, sound_id from videos where tenant_id = :tenant"
            " and account_id = :account and not is_removed and posted_at is not null order by posted_at desc, video_id limit :limit",
            account=account_id, limit=limit,
        )  # fmt: skip
        return [dict(row._mapping) for row in rows][::-1]

    def history(self, video_id: UUID) -> list[tuple[datetime, int]]:
        """(moment, views) of every snapshot with views, oldest first."""
        rows = self._read(
            "select observed_at, views from video_snapshots where tenant_id = %(tenant)s and video_id = %(id)s and views is not null"
            " order by observed_at",
            id=video_id,
        )
        return [(row[0], row[1]) for row in rows]

    def put_score(self, prediction_id: UUID, score: Mapping[str, object], *, now: datetime) -> None:
        self._insert(prediction_scores, {"prediction_id": prediction_id, "scored_at": now, **score})

    def scored(self, *, account_id: UUID | None) -> list[Mapping[str, Any]]:
        """Horizon, hit, position and loss of every scored prediction that counts."""
        return [dict(row._mapping) for row in self._run(_SCORED, account=account_id)]

    def counts(self, *, before: datetime, account_id: UUID | None) -> Mapping[str, int]:
        """How many were made, how many have their video, and how many should have had one by `before` and have none."""
        return dict(self._run(_COUNTS, before=before, account=account_id).one()._mapping)
