"""A small library to read: observations in, scores beside them. What they come to is each test's own claim."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from store.tables.insights import releases, scores

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def seen(
    video: str, views: int | None = None, likes: int | None = None, *, account: str = "ana", platform: Platform = Platform.TIKTOK,
    posted: datetime | None = NOON - timedelta(days=3), at: datetime = NOON, comments: int | None = None, shares: int | None = None,
    title: str | None = None, description: str | None = None, seconds: int | None = None, hashtags: tuple[str, ...] = (),
) -> Observed:  # fmt: skip
    """One observation of one video."""
    facts = VideoFacts(video, title=title, description=description, posted_at=posted, duration_seconds=seconds, hashtags=hashtags)
    counters = Counters(views=views, likes=likes, comments=comments, shares=shares)
    owner = AccountFacts(platform, external_id=f"id-{account}", username=account)
    return Observed(line=1, account=owner, observed_at=at, video=facts, counters=counters)


def put(database: Database, tenant_id: UUID, rows: Sequence[Observed], *, selection: str = "manual") -> dict[str, UUID]:
    """Keep the observations; returns the id of every video of the library by its own name."""
    numbered = [replace(row, line=line) for line, row in enumerate(rows, 1)]
    with database.begin(tenant_id) as uow:
        outcomes = uow.catalogue.put(numbered, Origin("test", selection))
        assert not [each for each in outcomes if each.reason]
        found = uow.connection.execute(sa.text("select external_id, video_id from videos where tenant_id = :t"), {"t": tenant_id})
        return {row.external_id: row.video_id for row in found}


def total(database: Database, tenant_id: UUID, *, now: datetime = NOON) -> dict[str, UUID]:
    """Make the totals of all accounts; returns the accounts' ids by handle."""
    with database.begin(tenant_id) as uow:
        uow.aggregates.put_totals(now=now)
        return {row.username: row.account_id for row in uow.connection.execute(sa.text("select username, account_id from accounts"))}


def score(
    database: Database, tenant_id: UUID, figures: dict[UUID, dict[str, object]], *, at: datetime = NOON, method: str = "fair/1"
) -> UUID:
    """Publish scores, without computing any."""
    release_id = new_id()
    with database.begin(tenant_id) as uow:
        uow.connection.execute(
            releases.insert().values(
                tenant_id=tenant_id,
                release_id=release_id,
                kind="scores",
                method=method,
                code_version="test",
                params={},
                seed=1,
                inputs_hash="in",
                outputs_hash="out",
                inputs_count=len(figures),
                as_of=at,
            )
        )
        for video_id, figure in figures.items():
            words = {"is_outlier": False, "peers": 0, **figure}
            uow.connection.execute(scores.insert().values(tenant_id=tenant_id, video_id=video_id, release_id=release_id, as_of=at, **words))
    return release_id
