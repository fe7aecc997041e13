"""Scores, of the latest release only, and the outliers among them. Releases and their effects are in `store.releases`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from store import releases_sql
from store.releases import EVERYBODY, Head
from store.repository import Repository

SCORE_COLUMNS = (
    "multiple", "low", "high", "shrunk_multiple", "p_outlier", "is_outlier", "peers", "age_days", "regime", "reason", "virality_band",
    "naive_multiple", "naive_band", "outcome", "outcome_se",
)  # fmt: skip
# What a list of outliers shows of a score, in the order of `Outlier`.
SHOWN_SCORE = (
    "multiple", "low", "high", "shrunk_multiple", "p_outlier", "peers", "age_days", "virality_band", "naive_multiple", "naive_band",
)  # fmt: skip
# Sections of a release of scores: how many videos have which kind of score, and the outliers as they were then.
COUNTS, OUTLIERS = "counts", "outliers"


class Outlier(NamedTuple):
    """A video that took off, and how sure that is. `forecasts`: JSON text; None where they are not kept."""

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
    is_promoted: bool | None
    forecasts: str | None


@dataclass(frozen=True, slots=True)
class Outliers:
    """A page of the outliers of a release. `counts`: its videos by the kind of their score."""

    release: Head | None
    counts: Mapping[str, int]
    items: list[Outlier]


# In the order of the index of multiples: rows are looked up one by one until the page is full.
_ORDER = "order by s.multiple desc nulls last, s.video_id limit %(limit)s"
_AFTER = """(%(multiple)s::float8 is null or s.multiple < %(multiple)s or (s.multiple = %(multiple)s and s.video_id > %(video)s::uuid))"""
_FACTS = """cross join lateral (
    select v.video_id, v.account_id, (select coalesce(a.title, a.username) from accounts a where a.tenant_id = v.tenant_id
        and a.account_id = v.account_id) as account, v.platform, v.format, v.title, v.url, v.posted_at, v.views, v.selection, v.is_promoted
      from videos v where v.tenant_id = %(tenant)s and v.video_id = s.video_id and (%(account)s::uuid is null or v.account_id = %(account)s)
       and (%(platform)s::text is null or v.platform = %(platform)s) offset 0) v"""
_FORETOLD = """(select json_agg(json_build_object('horizon', f.horizon, 'target_age_days', f.target_age_days, 'predicted', f.predicted,
      'low', f.low, 'high', f.high, 'level', f.level, 'reason', f.reason) order by f.target_age_days nulls last, f.horizon)::text
     from forecasts f where f.tenant_id = %(tenant)s and f.video_id = page.video_id)"""
_SCORE = ", ".join(f"s.{name}" for name in SHOWN_SCORE)


def _listed(views: str, scored: str, forecasts: str) -> str:
    """The release, how its videos were scored, and a page of them: one round trip."""
    shown = ", ".join(f"page.{name}" for name in Outlier._fields[:-1])
    return f"""
with head as materialized (
  select h.*, (select f.figures::text from findings f where f.tenant_id = %(tenant)s and f.release_id = h.release_id
    and f.section = '{COUNTS}' and f.scope = '{EVERYBODY}') from ({releases_sql.LATEST}) h), page as materialized (
  select v.video_id, v.account_id, v.account, v.platform, v.format, v.title, v.url, v.posted_at, {views} as views, {_SCORE}, v.selection,
    v.is_promoted from {scored} {_FACTS} where {_AFTER} {_ORDER})
select head.*, {shown}, {forecasts}
  from head left join page on true order by page.multiple desc nulls last, page.video_id"""


# The table holds the newest release only; what older ones found stays with them, up to a bound.
OUTLIERS_NOW = _listed("v.views", "(select s.* from scores s where s.tenant_id = %(tenant)s and s.is_outlier) s", _FORETOLD)
_THEN = _listed(
    "s.views",
    f"""(select x.* from head h join findings f on f.tenant_id = %(tenant)s and f.release_id = h.release_id
       and f.section = '{OUTLIERS}' and f.scope = '{EVERYBODY}',
      jsonb_to_recordset(f.figures::jsonb) x(video_id uuid, views bigint, multiple float8, low float8, high float8, shrunk_multiple float8,
        p_outlier float8, peers int, age_days float8, virality_band text, naive_multiple float8, naive_band text)) s""",
    "null::text",
)


def asked_outliers(
    *, after: tuple[float, UUID] | None = None, as_of: datetime | None = None, platform: str | None = None, account_id: UUID | None = None
) -> dict[str, object]:
    """The words of `OUTLIERS_NOW`."""
    multiple, video = after or (None, None)
    return {"kind": "scores", "as_of": as_of, "multiple": multiple, "video": video, "platform": platform, "account": account_id}


def found_outliers(rows: Sequence[tuple[Any, ...]]) -> Outliers:
    """The rows of `OUTLIERS_NOW` as a page."""
    if not rows:
        return Outliers(None, {}, [])
    end = len(Head.__dataclass_fields__)
    found = [Outlier(*row[end + 1 :]) for row in rows if row[end + 1] is not None]
    return Outliers(Head(*rows[0][:end]), json.loads(rows[0][end] or "{}"), found)


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
        self, *, limit: int, after: tuple[float, UUID] | None = None, as_of: datetime | None = None, platform: str | None = None,
        account_id: UUID | None = None,
    ) -> Outliers:  # fmt: skip
        """Videos whose multiple is at least 3 with a chance of one half or more, largest first; with `as_of` by the release of then."""
        words = asked_outliers(after=after, as_of=as_of, platform=platform, account_id=account_id)
        return found_outliers(self._read_asked(OUTLIERS_NOW if as_of is None else _THEN, limit=limit, **words))

    def largest(self, *, limit: int, account_id: UUID | None = None) -> list[Mapping[str, Any]]:
        """Videos by their multiple, largest first, outliers or not, for the chart."""
        rows = self._run(
            "select s.age_days, s.multiple, s.low, s.high, s.is_outlier, v.title from scores s join videos v on v.tenant_id = s.tenant_id"
            " and v.video_id = s.video_id where s.tenant_id = :tenant and s.multiple is not null"
            " and (cast(:account as uuid) is null or v.account_id = :account) order by s.multiple desc, s.video_id desc limit :limit",
            limit=limit, account=account_id,
        )  # fmt: skip
        return [dict(row._mapping) for row in rows]

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
