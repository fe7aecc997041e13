"""Forecasts of views, of the latest release only: written whole, read by video. How they are made is in `domain.scores.forecasting`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from store import releases_sql
from store.releases import Head
from store.repository import Repository

FORECAST_COLUMNS = (
    "horizon", "age_days", "target_age_days", "views", "predicted", "low", "high", "level", "velocity", "velocity_multiple", "reason",
)  # fmt: skip

_OF_VIDEO = f"""
select v.is_promoted, {", ".join(f"n.{name}" for name in Head.__dataclass_fields__)}, n.release_id = f.release_id,
  {", ".join(f"f.{name}" for name in FORECAST_COLUMNS)}
  from videos v left join ({releases_sql.LATEST}) n on true
  left join forecasts f on f.tenant_id = v.tenant_id and f.video_id = v.video_id
 where v.tenant_id = %(tenant)s and v.video_id = %(id)s and (%(as_of)s::timestamptz is null or v.first_seen_at <= %(as_of)s)
 order by f.target_age_days nulls last, f.horizon"""

_BROKEN = """
select count(*) from forecasts where tenant_id = :tenant and ((predicted is null) = (reason is null)
  or (predicted is not null and (predicted not between low and high or low < 0 or level not between 0.5 and 0.99)))"""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One horizon of a video. `low` to `high` hold the views at that age with the chance `level`; `reason` says why there is none."""

    horizon: str
    age_days: float | None
    target_age_days: float | None
    views: int
    predicted: float | None
    low: float | None
    high: float | None
    level: float
    velocity: float | None
    velocity_multiple: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Foretold:
    """What is foretold of a video, and by which release. `is_kept`: its rows are still there; only those of the newest are."""

    release: Head | None
    is_promoted: bool | None
    is_kept: bool
    forecasts: tuple[Forecast, ...]


class Forecasts(Repository):
    """One tenant's forecasts."""

    def put(self, release_id: UUID, rows: Sequence[tuple[Any, ...]]) -> None:
        """The forecasts of a release take the place of the ones before. A row is (video id, *FORECAST_COLUMNS)."""
        # COPY does not go through row-level security: it fills a table of this transaction, and an insert does the rest.
        self._run("create temporary table foretold (like forecasts) on commit drop")
        driver: Any = self._connection.connection.driver_connection
        names, there = ", ".join(FORECAST_COLUMNS), self._videos()
        with driver.cursor() as cursor, cursor.copy(f"copy foretold (tenant_id, release_id, video_id, {names}) from stdin") as copy:
            for row in rows:
                # A video that went meanwhile has no forecast.
                if str(row[0]) in there:
                    copy.write_row((self._tenant_id, release_id, *row))
        self._run("delete from forecasts where tenant_id = :tenant")
        self._run("insert into forecasts select * from foretold")
        self._run("drop table foretold")

    def of_video(self, video_id: UUID, *, as_of: datetime | None = None) -> Foretold:
        """By the release that is, or was then, the newest. Raises NotFound for a video that is not there, or was not yet."""
        rows = self._read(_OF_VIDEO, id=video_id, kind="forecasts", as_of=as_of)
        if not rows:
            raise NotFound("video", video_id)
        head, end = rows[0][1], 1 + len(Head.__dataclass_fields__)
        is_kept = all(row[end] is not False for row in rows)
        found = tuple(Forecast(*row[end + 1 :]) for row in rows if row[end])
        return Foretold(Head(*rows[0][1:end]) if head is not None else None, rows[0][0], is_kept, found)

    def most_awaited(self) -> UUID | None:
        """The video that is foretold the most views at 30 days, for the chart."""
        found: UUID | None = self._run(
            "select video_id from forecasts where tenant_id = :tenant and predicted is not null order by horizon = '30d' desc, predicted desc, video_id limit 1"
        ).scalar_one_or_none()
        return found

    def counts(self) -> dict[str, int]:
        """How many rows foretell something, and how many do not, by the reason."""
        rows = self._run(
            "select coalesce(reason, 'forecast') as kind, count(*) as rows from forecasts where tenant_id = :tenant group by 1 order by 1"
        )
        return {row.kind: row.rows for row in rows}

    def broken(self) -> int:
        """Forecasts that contradict themselves: outside their interval, or neither figure nor reason."""
        return int(self._run(_BROKEN).scalar_one())
