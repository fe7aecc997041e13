"""Charts of sounds: read by tenants through functions, written for all of them by the system.

A chart is put whole and needs no claim: of two that were read for one day the newer stays, whoever writes last.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain.observations import Platform
from domain.sources import ChartedSound, ChartRead, SoundFacts
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Chart:
    """A country's chart as it was read."""

    day: date
    captured_at: datetime
    source: str
    sounds: tuple[ChartedSound, ...]


def _charted(row: Any) -> ChartedSound:
    facts = SoundFacts(
        Platform(row.platform), row.external_id, row.title, row.artist, row.url, row.duration_seconds, row.is_original, row.videos
    )
    return ChartedSound(row.rank, facts, tuple(row.sample_videos))


class Trending(Repository):
    """What a tenant may ask about charts."""

    def chart(self, platform: Platform, country: str, day: date | None) -> Chart | None:
        """The newest chart of that day, or of any."""
        rows = list(
            self._run(
                "select * from app.trending_sounds(:platform, :country, cast(:day as date))", platform=platform, country=country, day=day
            )
        )
        return Chart(rows[0].day, rows[0].captured_at, rows[0].source, tuple(map(_charted, rows))) if rows else None

    def facts(self, platform: str, ids: list[str]) -> dict[str, SoundFacts]:
        """What charts tell of these sounds."""
        rows = self._run("select * from app.sound_facts(:platform, cast(:ids as text[]))", platform=platform, ids=ids) if ids else ()
        return {row.external_id: _charted(row).sound for row in rows}

    def ask_for(self, platform: Platform, country: str) -> bool:
        """Ask for a newer chart; whether nobody had within the hour."""
        return bool(self._run("select app.ask_for_chart(:platform, :country)", platform=platform, country=country).scalar_one())


class SystemTrending:
    """What the platform itself does with charts."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, read: ChartRead, platform: Platform, day: date) -> bool:
        """Keep a chart in the place of the one before, unless that one is newer. Returns whether it was kept."""
        place = {"platform": platform.value, "country": read.country, "day": day}
        self._run(
            "select pg_advisory_xact_lock(hashtextextended(concat('chart ', cast(:platform as text), ' ', cast(:country as text), ' ', cast(:day as date)), 0))",
            **place,
        )
        if self._run(
            f"select exists (select from trending_sounds where {_PLACE} and captured_at > :at)", at=read.fetched_at, **place
        ).scalar_one():
            return False
        self._run(f"delete from trending_sounds where {_PLACE}", **place)
        rows = [
            {**asdict(each.sound), "rank": each.rank, "sample_videos": list(each.sample_videos), "platform": platform.value}
            for each in read.sounds
        ]
        self._run(_PUT, rows=json.dumps(rows), source=read.source.value, at=read.fetched_at, **place)
        return True

    def captured_at(self, platform: Platform, country: str, day: date) -> datetime | None:
        found = self._run(
            f"select max(captured_at) from trending_sounds where {_PLACE}", platform=platform.value, country=country, day=day
        ).scalar_one()
        return found if isinstance(found, datetime) else None

    def ranks(self, platform: Platform, country: str, day: date) -> list[int]:
        """The ranks that are there, in order."""
        rows = self._run(
            f"select rank from trending_sounds where {_PLACE} order by rank", platform=platform.value, country=country, day=day
        )
        return [row.rank for row in rows]

    def wanted(self, *, since: timedelta) -> list[tuple[str, str, datetime]]:
        """(platform, country, when) of what was asked for so lately, where nothing newer was read since."""
        rows = self._run(
            "select a.platform, a.country, a.asked_at from chart_asks a where a.asked_at > clock_timestamp() - :since and not exists ("
            "select from trending_sounds t where t.platform = a.platform and t.country = a.country and t.captured_at >= a.asked_at)"
            " order by a.asked_at", since=since,
        )  # fmt: skip
        return [(row.platform, row.country, row.asked_at) for row in rows]

    def _run(self, statement: str, **words: object) -> sa.CursorResult[Any]:
        return self._connection.execute(sa.text(statement), words)


_PLACE = "platform = :platform and country = :country and day = cast(:day as date)"
_PUT = """
insert into trending_sounds (platform, country, day, rank, external_id, title, artist, url, duration_seconds, is_original, videos, sample_videos,
  source, captured_at)
select :platform, :country, cast(:day as date), r.rank, r.external_id, r.title, r.artist, r.url, r.duration_seconds, r.is_original, r.videos,
  coalesce(r.sample_videos, '{}'), :source, :at
  from jsonb_to_recordset(cast(:rows as jsonb)) r(rank int, external_id text, title text, artist text, url text, duration_seconds bigint,
    is_original boolean, videos bigint, sample_videos text[])"""
