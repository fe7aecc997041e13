"""A small tenant whose insights are published without Dagster: accounts with posts, told by a file or by an API."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from domain.observations import Observed, Platform
from services import requests
from services.insights.effects import EFFECTS
from services.insights.features import FEATURES
from services.insights.kind import ReleaseKind
from services.insights.releases import Published, Replayed, publish, replay
from services.insights.scores import SCORES
from store.catalogue import Origin
from store.database import Database
from store.releases import Release
from tests.library import NOON, seen
from tests.services.alone import Alone

DAY = timedelta(days=1)
ORDER = (FEATURES, SCORES, EFFECTS)


def posts(account: str = "ana", *, count: int = 8, platform: Platform = Platform.TIKTOK) -> list[Observed]:
    """So many posts of an account, a day apart, each seen one and two days after; every other title asks."""
    first = NOON - 2 * DAY
    return [
        seen(
            f"{account}-{number}", views=100 * number * age, likes=10 * number, comments=number, shares=age, account=account,
            platform=platform, posted=first - number * DAY, at=first + (age - number) * DAY,
            title=f"Post {number}{'?' if number % 2 else ''}", hashtags=("Bread",),
        )
        for number in range(1, count + 1)
        for age in (1, 2)
    ]  # fmt: skip


def bring(database: Database, tenant_id: UUID, rows: list[Observed], *, origin: Origin | None = None) -> None:
    with database.begin(tenant_id) as uow:
        uow.catalogue.put([replace(row, line=line) for line, row in enumerate(rows, 1)], origin or Origin("import:own", "census"))


def bring_from_api(database: Database, tenant_id: UUID, rows: list[Observed], *, fetched: int = 0) -> None:
    """Told by the YouTube API so many days after NOON; it may be kept for 30 days."""
    origin = Origin("youtube_api", "census", expires_at=NOON + (30 + fetched) * DAY)
    bring(database, tenant_id, rows, origin=origin)


def work_of(database: Database, tenant_id: UUID) -> Alone:
    with database.begin(tenant_id) as uow:
        return Alone(database, requests.ask(uow, "insights", {}))


def publish_all(database: Database, tenant_id: UUID, *, day: int = 0, kinds: tuple[ReleaseKind, ...] = ORDER) -> dict[str, Published]:
    work = work_of(database, tenant_id)
    return {kind.name: publish(work, kind, as_of=NOON + day * DAY) for kind in kinds}


def release_of(database: Database, tenant_id: UUID, published: Published) -> Release:
    with database.begin(tenant_id) as uow:
        return uow.releases.get(published.release_id)


def again(database: Database, tenant_id: UUID, published: Published) -> Replayed:
    with database.begin(tenant_id) as uow:
        return replay(uow, uow.releases.get(published.release_id))
