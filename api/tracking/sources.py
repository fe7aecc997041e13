"""Who reads the platforms, how they are, and what is left of the quotas that all share."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from litestar import Controller, get
from litestar.di import NamedDependency

from api.security import BEARER, known_caller
from api.tracking.shapes import QuotaOut, SourceOut, SourcesOut
from domain import quota, sharing
from domain.health import Health
from domain.ports import Platforms
from domain.sources import Bucket
from services.fetching import SOURCES
from store.database import Database, Entry
from store.work import UnitOfWork


class SourceController(Controller):
    """Clients of the platforms."""

    path = "/sources"
    tags = ["tracking"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_sources(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], platforms: NamedDependency[Platforms]
    ) -> SourcesOut:
        """Who reads the platforms: how they are, what is not configured and why, and what is left of today's quotas."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            health, quotas = uow.sources.all(), [_quota(uow, platforms.project, bucket, now) for bucket in quota.LIMITS]
        return SourcesOut(sources=list(_sources(platforms, health, now)), quotas=quotas)


def _sources(platforms: Platforms, health: Mapping[str, Health], now: datetime) -> Iterator[SourceOut]:
    configured = {reader.name for reader in platforms.readers}
    for platform, names in SOURCES.items():
        for name in names:
            if name in configured:
                yield SourceOut.of(name.value, platform.value, health.get(name.value), now)
            else:
                reason = platforms.lacking.get(name.value, "it is not configured (docs/reference/settings.md)")
                yield SourceOut.lacking(name.value, platform.value, reason)


def _quota(uow: UnitOfWork, project: str, bucket: Bucket, now: datetime) -> QuotaOut:
    ends, most = quota.resets_at(now), quota.LIMITS[bucket]
    used, available = uow.quotas.seen(
        (project, bucket.value, ends), most=most, left=sharing.left_of_day(now, ends), platform=sharing.PLATFORMS[bucket].value
    )
    return QuotaOut(bucket=bucket.value, limit=most, used=used, available=available, resets_at=ends)
