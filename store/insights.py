"""Scores, of the latest release only, and the outliers among them. Releases and their effects are in `store.releases`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from store.repository import Repository


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
    """One tenant's scores."""

    def put_scores(self, release_id: UUID, rows: Sequence[tuple[Any, ...]], *, as_of: datetime) -> None:
        """The scores of a release take the place of the ones before. A row is (video id, *SCORE_COLUMNS)."""
        # COPY does not go through row-level security: it fills a table of this transaction, and an insert does the rest.
        self._run("create temporary table scored (like scores) on commit drop")
        driver: Any = self._connection.connection.driver_connection
        names = ", ".join(SCORE_COLUMNS)
        there = self._videos()
        with driver.cursor() as cursor, cursor.copy(f"copy scored (tenant_id, release_id, as_of, video_id, {names}) from stdin") as copy:
            for row in rows:
                # A video that went meanwhile has no score.
                if str(row[0]) in there:
                    copy.write_row((self._tenant_id, release_id, as_of, *row))
        self._run("delete from scores where tenant_id = :tenant")
        self._run("insert into scores select * from scored")
        self._run("drop table scored")

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
