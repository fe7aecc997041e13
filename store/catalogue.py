"""Writing observations in bulk: COPY into a temporary table, then upserts that touch only what changed.

One batch is one transaction's work. Reading is in `store.videos` and `store.accounts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.catalogue import Outcome, RowOutcome, identity_of, provisional_identities
from domain.observations import Observed
from store.catalogue_sql import COLUMNS, CREATE_INCOMING, OUTCOMES, PUT_METRICS, STEPS
from store.ids import new_id
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch comes from: kept on every row it writes."""

    source: str
    selection: str
    import_id: UUID | None = None
    expires_at: datetime | None = None


class Catalogue(Repository):
    """One tenant's accounts, videos, texts, snapshots and owner metrics."""

    def put(self, batch: Sequence[Observed], origin: Origin) -> list[RowOutcome]:
        """Keep a batch and tell per row what it came to. Lines are unique in a batch; the same batch again changes nothing."""
        if not batch:
            return []
        self._run("drop table if exists incoming")
        self._run(CREATE_INCOMING)
        self._copy(batch)
        self._run("analyze incoming")
        words = {"source": origin.source, "selection": origin.selection, "import_id": origin.import_id, "expires_at": origin.expires_at}
        for step in STEPS:
            self._run(step, **words)
        self._put_metrics(batch, origin)
        return [RowOutcome(row.line, Outcome(row.outcome), row.video, row.reason) for row in self._run(OUTCOMES)]

    def _copy(self, batch: Sequence[Observed]) -> None:
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy incoming ({', '.join(COLUMNS)}) from stdin") as copy:
            for seen in batch:
                copy.write_row(_row(seen))

    def _put_metrics(self, batch: Sequence[Observed], origin: Origin) -> None:
        rows = [(seen.line, name, value) for seen in batch for name, value in seen.owner_metrics.items()]
        if rows:
            lines, names, values = (list(column) for column in zip(*rows, strict=True))
            self._run(PUT_METRICS, lines=lines, names=names, values=values, source=origin.source)


def _row(seen: Observed) -> tuple[object, ...]:
    account, video, counters = seen.account, seen.video, seen.counters
    return (
        seen.line, new_id(), new_id(), account.platform.value, identity_of(account), bool(account.external_id), list(provisional_identities(account)), account.external_id, account.username, account.title,
        account.description, account.avatar_url, account.is_verified, account.followers, account.following, account.declared_videos,
        account.declared_likes,
        video and video.external_id, video and video.url, video and video.title, video and video.description, video and video.thumbnail_url,
        video and video.posted_at, video.posted_error_seconds if video else 0, video and video.duration_seconds,
        video.format.value if video and video.format else None, video and video.category, video and video.sound_id, video and video.sound_title,
        list(video.tags) if video else [], list(video.hashtags) if video else [], list(video.mentions) if video else [],
        bool(video and video.is_removed), Jsonb(dict(seen.missing)), seen.observed_at, seen.observed_error_seconds,
        counters.views, counters.likes, counters.dislikes, counters.comments, counters.shares, counters.bookmarks,
    )  # fmt: skip
