"""Releases with their scores and effects. Scores are kept for the latest release only; effects stay with theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from store.repository import Repository
from store.tables.insights import effects, releases


@dataclass(frozen=True, slots=True)
class Release:
    """One published set of figures: what went in, by which code, and what came out, each by its hash."""

    release_id: UUID
    kind: str
    method: str
    code_version: str
    params: Mapping[str, object]
    seed: int
    inputs_hash: str
    outputs_hash: str
    inputs_count: int
    as_of: datetime
    newest_observation: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outlier:
    """A video that took off, and how sure that is."""

    video_id: UUID
    account_id: UUID
    account: str | None
    platform: str
    format: str | None
    title: str | None
    url: str | None
    posted_at: datetime | None
    views: int | None
    multiple: float
    low: float
    high: float
    shrunk_multiple: float | None
    p_outlier: float
    peers: int
    age_days: float
    virality_band: str | None
    naive_multiple: float | None
    naive_band: str | None
    selection: str


SCORE_COLUMNS = (
    "multiple", "low", "high", "shrunk_multiple", "p_outlier", "is_outlier", "peers", "age_days", "regime", "reason", "virality_band",
    "naive_multiple", "naive_band", "outcome", "outcome_se",
)  # fmt: skip

_OUTLIERS = """
select v.video_id, v.account_id, coalesce(a.title, a.username) as account, v.platform, v.format, v.title, v.url, v.posted_at, v.views,
  s.multiple, s.low, s.high, s.shrunk_multiple, s.p_outlier, s.peers, s.age_days, s.virality_band, s.naive_multiple, s.naive_band, v.selection
  from scores s join videos v on v.tenant_id = s.tenant_id and v.video_id = s.video_id
  join accounts a on a.tenant_id = v.tenant_id and a.account_id = v.account_id
 where s.tenant_id = :tenant and s.is_outlier and (cast(:account as uuid) is null or v.account_id = :account)
   and (cast(:platform as text) is null or v.platform = :platform)
   and (cast(:multiple as float8) is null or (s.multiple, s.video_id) < (:multiple, cast(:video as uuid)))
 order by s.multiple desc, s.video_id desc limit :limit"""


class Insights(Repository):
    """One tenant's published figures."""

    def snapshots(self, *, as_of: datetime, recorded_by: datetime | None = None) -> list[tuple[Any, ...]]:
        """What the scorer reads: one row per snapshot with views, up to `as_of`, in the order of the scorer's columns.

        The last one, whether views were bought, is left out where it is unknown: older releases keep their hash.

        `recorded_by`: only what we had learned by then.
        """
        rows = self._run(
            "select v.video_id::text, v.account_id::text, v.platform, v.format, v.posted_at, v.posted_error_seconds, s.observed_at, s.views,"
            " v.is_promoted"
            " from video_snapshots s join videos v on v.tenant_id = s.tenant_id and v.video_id = s.video_id"
            " where s.tenant_id = :tenant and s.views is not null and s.observed_at <= :as_of and not v.is_removed"
            " and (cast(:recorded_by as timestamptz) is null or s.recorded_at <= :recorded_by)"
            " order by v.video_id, s.observed_at",
            as_of=as_of,
            recorded_by=recorded_by,
        )
        return [tuple(row) if row.is_promoted is not None else tuple(row)[:-1] for row in rows]

    def posts(self) -> list[Mapping[str, Any]]:
        """What effects read: one row per scored post, its title and the outcome of its score."""
        rows = self._run(
            "select v.video_id::text as video_id, v.account_id::text as account_id, v.platform, v.format, v.posted_at, v.title,"
            " s.outcome, s.outcome_se, v.selection from videos v left join scores s on s.tenant_id = v.tenant_id and s.video_id = v.video_id"
            " where v.tenant_id = :tenant and not v.is_removed order by v.video_id"
        )
        return [dict(row._mapping) for row in rows]

    def publish(self, release: Mapping[str, object]) -> None:
        self._insert(releases, release)

    def put_scores(self, release_id: UUID, rows: Sequence[tuple[Any, ...]], *, as_of: datetime) -> None:
        """The scores of a release take the place of the ones before. A row is (video id, *SCORE_COLUMNS)."""
        # COPY does not go through row-level security: it fills a table of this transaction, and an insert does the rest.
        self._run("create temporary table scored (like scores) on commit drop")
        driver: Any = self._connection.connection.driver_connection
        names = ", ".join(SCORE_COLUMNS)
        with driver.cursor() as cursor, cursor.copy(f"copy scored (tenant_id, release_id, as_of, video_id, {names}) from stdin") as copy:
            for row in rows:
                copy.write_row((self._tenant_id, release_id, as_of, *row))
        self._run("delete from scores where tenant_id = :tenant")
        self._run("insert into scores select * from scored")
        self._run("drop table scored")

    def put_effects(self, release_id: UUID, rows: Iterable[tuple[str, str, Mapping[str, object]]]) -> None:
        for feature, verdict, figures in rows:
            self._insert(effects, {"release_id": release_id, "feature": feature, "verdict": verdict, "figures": dict(figures)})

    def latest(self, kind: str, *, as_of: datetime | None = None) -> Release | None:
        """The newest release of a kind; with `as_of`, the newest that was published by then."""
        shown = sa.select(*(releases.c[name] for name in Release.__dataclass_fields__))
        mine = shown.where(releases.c.tenant_id == self._tenant_id, releases.c.kind == kind)
        if as_of is not None:
            mine = mine.where(releases.c.created_at <= as_of)
        row = self._run(mine.order_by(releases.c.created_at.desc(), releases.c.release_id.desc()).limit(1)).first()
        return Release(**row._mapping) if row else None

    def release(self, release_id: UUID) -> Release:
        shown = sa.select(*(releases.c[name] for name in Release.__dataclass_fields__))
        row = self._run(shown.where(releases.c.tenant_id == self._tenant_id, releases.c.release_id == release_id)).first()
        if row is None:
            raise NotFound("release", release_id)
        return Release(**row._mapping)

    def inputs(self, release_id: UUID) -> bytes | None:
        """The packed inputs of a release, where they were kept."""
        mine = sa.select(releases.c.inputs).where(releases.c.tenant_id == self._tenant_id, releases.c.release_id == release_id)
        found: bytes | None = self._run(mine).scalar_one()
        return found

    def effects(self, release_id: UUID) -> list[Mapping[str, Any]]:
        rows = self._run(
            sa.select(effects.c.figures)
            .where(effects.c.tenant_id == self._tenant_id, effects.c.release_id == release_id)
            .order_by(effects.c.feature)
        )
        return list(rows.scalars())

    def outliers(
        self, *, limit: int, after: tuple[float, UUID] | None = None, platform: str | None = None, account_id: UUID | None = None
    ) -> list[Outlier]:
        """Videos whose multiple is at least 3 with a chance of one half or more, largest first."""
        words = {"multiple": after[0] if after else None, "video": after[1] if after else None}
        rows = self._run(_OUTLIERS, limit=limit, platform=platform, account=account_id, **words)
        return [Outlier(**row._mapping) for row in rows]

    def score_counts(self) -> dict[str, int]:
        """How many videos have a score, are outliers, or have none, by the reason."""
        rows = self._run(
            "select coalesce(reason, case when is_outlier then 'outlier' else 'usual' end) as kind, count(*) as videos from scores"
            " where tenant_id = :tenant group by 1 order by 1"
        )
        return {row.kind: row.videos for row in rows}

    def bands(self) -> list[tuple[str, int, int]]:
        """(band, videos by the fair multiple, videos by the naive one)."""
        rows = self._run(
            "select band, sum(fair)::bigint as fair, sum(naive)::bigint as naive from ("
            " select virality_band as band, 1 as fair, 0 as naive from scores where tenant_id = :tenant and virality_band is not null"
            " union all select naive_band, 0, 1 from scores where tenant_id = :tenant and naive_band is not null) b group by band"
        )
        return [(row.band, row.fair, row.naive) for row in rows]

    def broken_scores(self) -> int:
        """Scores that contradict themselves: outside their interval, without peers, flagged against their own probability."""
        broken = (
            "select count(*) from scores where tenant_id = :tenant and ((multiple is null) = (reason is null)"
            " or (multiple is not null and (multiple not between low and high or peers < 5 or is_outlier <> (p_outlier >= 0.5))))"
        )
        return int(self._run(broken).scalar_one())
