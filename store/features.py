"""What was measured of each video. Measuring is in `domain.features`; only what has changed is written."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from store.repository import Repository

FeatureRow = tuple[str, Mapping[str, Any], Mapping[str, Any]]

_PUT = """
insert into video_features as f (tenant_id, video_id, version, figures, words, computed_at)
select :tenant, m.video_id, :version, m.figures, m.words, :now from measured m
on conflict (tenant_id, video_id) do update
  set version = excluded.version, figures = excluded.figures, words = excluded.words, computed_at = excluded.computed_at
  where (f.version, f.figures, f.words) is distinct from (excluded.version, excluded.figures, excluded.words)"""


class Features(Repository):
    """One tenant's measured videos."""

    def put(self, rows: Iterable[FeatureRow], *, version: str, now: datetime) -> int:
        """Keep (video, figures, words) in the place of what was measured before; what is no longer measured goes. How many have changed."""
        self._run("create temporary table measured (video_id uuid primary key, figures jsonb, words jsonb) on commit drop")
        there, measured = self._videos(), set[str]()
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy("copy measured (video_id, figures, words) from stdin") as copy:
            for video_id, figures, words in rows:
                if video_id in there:
                    copy.write_row((video_id, Jsonb(dict(figures)), Jsonb(dict(words))))
                    measured.add(video_id)
        before = {row[0] for row in self._read("select video_id::text from video_features where tenant_id = %(tenant)s")}
        gone = sorted(before - measured)
        self._run("delete from video_features where tenant_id = :tenant and video_id = any(cast(:gone as uuid[]))", gone=gone)
        changed = self._run(_PUT, version=version, now=now).rowcount
        self._run("drop table measured")
        return changed

    def all(self) -> list[FeatureRow]:
        """(video, figures, words) of every video, in the order of their ids."""
        rows = self._read("select video_id::text, figures, words from video_features where tenant_id = %(tenant)s order by video_id")
        return [(row[0], row[1], row[2]) for row in rows]

    def incomplete(self, *, as_of: datetime, known_by: datetime, version: str, names: Iterable[str]) -> int:
        """Videos that were seen by `as_of`, and known by then, without features, with those of another version, or without one by its name."""
        found = self._run(
            "select count(*) from videos v left join video_features f on f.tenant_id = v.tenant_id and f.video_id = v.video_id"
            " where v.tenant_id = :tenant and not v.is_removed and v.created_at <= :known_by and v.first_seen_at <= :as_of"
            " and (f.video_id is null or f.version <> :version or not f.figures ?& cast(:names as text[]))",
            as_of=as_of, known_by=known_by, version=version, names=list(names),
        )  # fmt: skip
        return int(found.scalar_one())
